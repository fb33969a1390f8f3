"""The right of withdrawal: a statement in two steps, a receipt by mail at once, and the goods on their way back.

Fourteen days from a proven delivery, or from what the buyer said; never from an assumption. Confirming
early does not waive it. Before shipping it ends the order at once (Directive 2011/83/EU as changed by 2023/2673).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.lib.clock import now
from marketplace.models import User
from orders import cancellation, giving_back, letters, life, returns
from orders.errors import OrderRefused
from orders.models import Order, OrderLine, Return

Status = Order.Status
OPEN = (Status.PAID, Status.SHIPPED, Status.DELIVERED, Status.COMPLETED, Status.SPLIT)


def until(order: Order) -> dt.datetime | None:
    """The last moment; none before it was shipped: then the period has not begun."""
    if order.delivered_at is not None:
        last_day = (order.delivered_at + life.TO_WITHDRAW).date()
        return dt.datetime.combine(last_day, dt.time.max, dt.UTC)
    return None if order.shipped_at is None else order.shipped_at + life.UNPROVEN_WITHDRAWAL


def lines(order: Order) -> list[tuple[OrderLine, int]]:
    """What can be withdrawn from now, with how many pieces; empty when nothing can."""
    end = until(order)
    if order.status not in OPEN or (end is not None and now() > end) or returns.live(order) is not None:
        return []
    return [(line, there) for line, there in giving_back.pieces_left(order) if there and not line.no_withdrawal]


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
    if order.status == Status.PAID and _is_all(order, items):
        return cancellation.end_before_shipping(order, by=by, why=_("The buyer withdrew before it was shipped."))
    if order.status == Status.PAID:
        raise OrderRefused(_("It is not shipped yet. Cancel all of it, or wait until it is on its way."))
    returns.begin(order, kind=Return.Kind.WITHDRAWAL, items=items, reason="")
    return order


def _check(order: Order, items: Mapping[int, int]) -> None:
    life.expect(order, *OPEN)
    end = until(order)
    if end is not None and now() > end:
        raise OrderRefused(
            _("The fourteen days ended on %(day)s. If something is wrong with it, tell the seller or open a dispute.")
            % {"day": end.date().isoformat()}
        )
    excepted = order.lines.filter(pk__in=[pk for pk, count in items.items() if count]).exclude(no_withdrawal="")
    for line in excepted:
        raise OrderRefused(_("“%(title)s” is excepted from withdrawal, as its page said.") % {"title": line.title})


def _is_all(order: Order, items: Mapping[int, int]) -> bool:
    return all(items.get(line.pk, 0) == there for line, there in giving_back.pieces_left(order))
