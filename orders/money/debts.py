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
from payments.models import Payment
from payments.models.ledger import Entry
from payments.sellers.spending import BACK, TAKEN


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


def spent(seller: User, currency: str) -> list[Movement]:
    """What their sales balance paid, and what came back to it, latest first; `number` is what they bought."""
    entries = Entry.objects.filter(
        account__code=codes.seller(seller.pk, currency).code, journal__kind__in=(TAKEN, BACK)
    )
    lines = list(entries.select_related("journal").order_by("-journal_id")[:50])
    bought = dict(Payment.objects.filter(pk__in={line.journal.ref for line in lines}).values_list("pk", "ref"))
    numbers = {str(pk): ref for pk, ref in bought.items()}
    words = {TAKEN: _("Paid from your balance"), BACK: _("Refund to your balance")}
    return [
        Movement(
            line.journal.occurred_at,
            words[line.journal.kind],
            Money(-line.amount, currency),
            numbers.get(line.journal.ref, ""),
        )
        for line in lines
    ]


def _words(kind: str) -> str:
    return {
        "refund": _("Given back to the buyer after you had been paid"),
        "reversal": _("A refund that failed: you do not owe it yet"),
        "kept_fee": _("What the card network keeps of an order that was never shipped"),
        "rebate": _("Taken from a rebate"),
        "rebate_back": _("The rebate of what was given back"),
        "release": _("Taken from a sale"),
        "reserve_freed": _("Taken from a reserve"),
        "payout": _("Taken from a payout"),
    }.get(kind, _("Booked by our staff"))
