"""The right of withdrawal: a statement in two steps, a receipt by mail at once, and the goods on their way back.

Fourteen days from a proven delivery, or from what the buyer said; never from an assumption. Confirming
early does not waive it. Before shipping it ends the order at once (Directive 2011/83/EU as changed by 2023/2673).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from orders import letters, life
from orders.errors import OrderRefused
from orders.models import Order, OrderLine, Return
from orders.returns import cancellation, giving_back
from orders.returns import life as returns

Status = Order.Status
OPEN = (Status.PAID, Status.SHIPPED, Status.DELIVERED, Status.COMPLETED, Status.SPLIT)


def until(order: Order) -> dt.datetime | None:
    """The last moment; none before it was shipped: then the period has not begun.

    It begins with the last parcel. While a dispute is open it stands still.
    """
    sent = [parcel.shipped_at for parcel in order.parcels.all()]
    if order.delivered_at is not None and all(at <= order.delivered_at for at in sent):
        end = order.delivered_at + life.TO_WITHDRAW
        return _end_of_day(end + _stood_still(order, _end_of_day(end)))
    last = max([order.shipped_at, *sent] if order.shipped_at else sent, default=None)
    return None if last is None else last + life.UNPROVEN_WITHDRAWAL


def _end_of_day(at: dt.datetime) -> dt.datetime:
    return dt.datetime.combine(at.date(), dt.time.max, dt.UTC)


def _stood_still(order: Order, end: dt.datetime) -> dt.timedelta:
    """How long a dispute that was opened before `end` has been open since the delivery."""
    dispute = getattr(order, "dispute", None)
    assert order.delivered_at is not None
    if dispute is None or dispute.opened_at > end:
        return dt.timedelta()
    closed = dispute.decided_at or now()
    still: dt.timedelta = closed - max(dispute.opened_at, order.delivered_at)
    return max(still, dt.timedelta())


def lines(order: Order) -> list[tuple[OrderLine, int]]:
    """What can be withdrawn from now, with how many pieces; empty when nothing can."""
    end = until(order)
    if order.status not in OPEN or (end is not None and now() > end) or returns.live(order) is not None:
        return []
    return [(line, line.left) for line in order.lines.all() if line.left and not line.is_excepted]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a withdrawal brings: `back` in the money that was paid. `address_by`: until when the seller says where
    the pieces are sent; none when nothing has to be sent, and it goes back at once.
    """

    back: Money
    address_by: dt.datetime | None


def preview(order: Order, items: Mapping[int, int]) -> Preview:
    """Refuses what `withdraw` would refuse, except for a missing name; changes nothing."""
    _check(order, items)
    pieces = giving_back.pieces(order, items)
    if order.status == Status.PAID and _is_all(order, items):
        return Preview(giving_back.in_paid_money(order, None), None)
    back = giving_back.in_paid_money(order, _parts(order, items, pieces))
    return Preview(back, None if order.status == Status.PAID else now() + life.SELLER_ANSWERS_RETURN)


@transaction.atomic
def withdraw(number: str, *, by: User | None, items: Mapping[int, int], name: str) -> Order:
    """The buyer withdraws from these pieces; the receipt is written in the same transaction.

    OrderRefused with the reason when the period is over or a piece is excepted.
    """
    order = Order.objects.locked(number)
    _check(order, items)
    if not name.strip():
        raise OrderRefused(_("Write your name, as on the order."))
    pieces = giving_back.pieces(order, items)
    letters.withdrawal_receipt(order, name.strip()[:120], pieces, now())
    why = _("The buyer withdrew before it was shipped.")
    if order.status != Status.PAID:
        giving_back.in_paid_money(order, _parts(order, items, pieces))  # refused when nothing is left to give back
        returns.begin(order, kind=Return.Kind.WITHDRAWAL, items=items, reason="")
    elif _is_all(order, items):
        cancellation.end_before_shipping(order, by=by, why=why)
    else:  # the rest is still to be sent
        shipping = Money(0, order.currency)
        giving_back.take_back(order, items, shipping=shipping, restocked=True, by=by, why=why)
    return order


def _parts(order: Order, items: Mapping[int, int], pieces: list[tuple[OrderLine, int]]) -> dict[str, Money]:
    parts = {"goods": giving_back.price_of(order, pieces), "shipping": returns.postage(order, items)}
    if not any(parts.values()):
        raise OrderRefused(_("All that was paid for these pieces went back before."))
    return parts


def _check(order: Order, items: Mapping[int, int]) -> None:
    if order.status == Status.DISPUTED:
        raise OrderRefused(
            _("A dispute is open, and is decided first. The days in which you can withdraw stand still until then.")
        )
    life.expect(order, *OPEN)
    returns.expect_none(order)
    end = until(order)
    if end is not None and now() > end:
        raise OrderRefused(
            _("The fourteen days ended on %(day)s. If something is wrong with it, tell the seller or open a dispute.")
            % {"day": end.date().isoformat()}
        )
    chosen = order.lines.filter(pk__in=[pk for pk, count in items.items() if count])
    for line in (line for line in chosen if line.is_excepted):
        raise OrderRefused(_("“%(title)s” is excepted from withdrawal, as its page said.") % {"title": line.title})


def _is_all(order: Order, items: Mapping[int, int]) -> bool:
    return all(items.get(line.pk, 0) == there for line, there in giving_back.pieces_left(order))
