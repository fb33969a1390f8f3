"""What a seller owes the platform, and why, in words: the movements of their debt account."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from fx.money import Money
from marketplace.models import User
from orders.models import Order
from payments.ledger import codes
from payments.ledger.balances import statement


@dataclass(frozen=True, slots=True)
class Movement:
    """`amount` is positive where the debt grew; `number` is an order of the seller's, where it is about one."""

    at: dt.datetime
    why: str
    amount: Money
    number: str


def movements(seller: User, currency: str) -> list[Movement]:
    """The latest movements first."""
    lines = statement(codes.seller_debt(seller.pk, currency), limit=50)
    about = Order.objects.sold_by(seller).filter(number__in={line.ref for line in lines})
    mine = set(about.values_list("number", flat=True))
    return [Movement(line.at, _words(line.kind), line.amount, line.ref if line.ref in mine else "") for line in lines]


def _words(kind: str) -> str:
    return {
        "refund": _("Given back to the buyer after you had been paid"),
        "reversal": _("A refund that failed: you do not owe it yet"),
        "kept_fee": _("What the card network keeps of an order that was never shipped"),
        "release": _("Taken from a sale"),
        "reserve_freed": _("Taken from a reserve"),
        "payout": _("Taken from a payout"),
    }.get(kind, _("Booked by our staff"))
