"""Orders that nobody complained about in time, many at once: one transaction, a few statements per hundred orders."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from marketplace.lib.halving import by_halves
from orders.ending import complete_all
from orders.models import Order
from orders.returns.life import live

Status = Order.Status


def end(numbers: Sequence[str]) -> list[str]:
    """Complete those of `numbers` that end by silence; returns the others, for `deadlines.meet` to look at one by one.

    One that another worker has locked is in neither. One that is refused takes none with it: the set is halved
    until it is alone, and comes back.
    """
    return by_halves(numbers, _end)


@transaction.atomic
def _end(numbers: Sequence[str]) -> list[str]:
    late = Order.objects.due().filter(number__in=numbers)
    looked_at = late.only("number", "status", "asked_at").prefetch_related("returns")
    silent = {order.number for order in looked_at if _is_silent(order)}
    mine = late.filter(number__in=silent).select_for_update(of=("self",), skip_locked=True)
    whole = mine.select_related("checkout").prefetch_related("shop__owner", "returns").defer("landed", "fee_sheet")
    ends = [(order, _why(order)) for order in whole.order_by("due_at", "pk") if _is_silent(order)]
    if ends:
        complete_all(ends)
    return [number for number in numbers if number not in silent]


def _is_silent(order: Order) -> bool:
    return order.ends_in_silence and live(order) is None


def _why(order: Order) -> str:
    with override(order.checkout.language):
        return _("Nobody complained in time.")
