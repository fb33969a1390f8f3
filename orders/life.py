"""How an order moves: the one place that changes a status, writes the event and sets the next deadline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Count
from django.utils.translation import gettext as _

from listings.shipping import add_business_days
from marketplace.lib.clock import now, today
from marketplace.models import User
from orders.errors import WrongState
from orders.letters import announce, announce_all
from orders.models import Order, OrderEvent, Return

Status = Order.Status

# How long each state waits for its owner before its default happens (DESIGN.md, "Lives").
TO_SHIP_BUSINESS_DAYS = 3  # after the shop's handling time
UNPROVEN = dt.timedelta(days=14)  # after the delivery estimate: the buyer is asked
SILENCE_TRACKED = dt.timedelta(days=14)
SILENCE_UNTRACKED = dt.timedelta(days=30)
TO_COMPLAIN = dt.timedelta(days=16)  # past the 14 days of withdrawal
SELLER_ANSWERS = dt.timedelta(days=5)
ADMIN_DECIDES = dt.timedelta(days=7)
TO_WITHDRAW = dt.timedelta(days=14)  # after delivery, the whole last day
UNPROVEN_WITHDRAWAL = dt.timedelta(days=365)  # the period never starts from an assumption, but it ends
SELLER_ANSWERS_RETURN = dt.timedelta(days=5)
TO_SEND_BACK = dt.timedelta(days=14)
TO_RECEIVE_BACK = dt.timedelta(days=14)  # after the proof of sending
AFTER_RETURN = dt.timedelta(days=3)  # a return that ended leaves this long to complain about what is not refunded
HELD_AT_MOST = dt.timedelta(days=80)


def begin(order: Order, *, by: User | None) -> None:
    """The first event of a placed order."""
    OrderEvent.objects.create(order=order, seq=1, to_status=order.status, by=by)


def move(order: Order, to: str, *, by: User | None, why: str = "", due_at: dt.datetime | None = None) -> None:
    """Move a locked order to `to`, write the event and the letters; `due_at` is when the next default happens.

    Raises WrongState when the move is not in `Order.NEXT`.
    """
    check(order, to)
    was, order.status = order.status, to
    order.due_at = within_hold(order, due_at)
    order.save()
    OrderEvent.objects.create(
        order=order,
        seq=order.events.count() + 1,
        from_status=was,
        to_status=to,
        by=by,
        why=why[:200],
    )
    if to == Status.REFUNDED:
        end_return(order)
    announce(order)


def move_all(moves: Sequence[tuple[Order, str]], to: str) -> None:
    """What `move` does, for many locked orders that a deadline moves, each with its why; they wait for nothing then."""
    orders = [order for order, _why in moves]
    for order in orders:
        check(order, to)
    ids = [order.pk for order in orders]
    seen = dict(OrderEvent.objects.filter(order__in=ids).order_by().values_list("order").annotate(count=Count("pk")))
    OrderEvent.objects.bulk_create(
        OrderEvent(order=order, seq=seen.get(order.pk, 0) + 1, from_status=order.status, to_status=to, why=why[:200])
        for order, why in moves
    )
    Order.objects.filter(pk__in=ids).update(status=to, due_at=None)
    for order in orders:
        order.status, order.due_at = to, None
    announce_all(orders)


def end_return(order: Order) -> None:
    """All of a locked order went back, so nothing has to be sent back any more."""
    live = order.returns.filter(state__in=Return.LIVE)
    live.update(state=Return.State.REFUNDED, due_at=None, ended_at=now())


def check(order: Order, to: str) -> None:
    """WrongState unless a locked order may move to `to`."""
    if to not in Order.NEXT[order.status]:
        raise _gone_on(order)


def expect(order: Order, *statuses: str) -> None:
    """WrongState unless a locked order waits in one of these: a person or a deadline was faster."""
    if order.status not in statuses:
        raise _gone_on(order)


def _gone_on(order: Order) -> WrongState:
    return WrongState(
        _("Order %(number)s is “%(status)s”, so this cannot be done any more. Reload the page to see why.")
        % {"number": order.number, "status": order.get_status_display()}
    )


def within_hold(order: Order, due_at: dt.datetime | None) -> dt.datetime | None:
    """`due_at`, or the end of the hold where that is earlier: no default may come after it."""
    if due_at is None or order.held_until is None or order.status == Status.COMPLETED:
        return due_at
    return min(due_at, order.held_until)


def ship_by(order: Order) -> dt.datetime:
    return add_business_days(now(), order.shop.handling_days + TO_SHIP_BUSINESS_DAYS)


def ends_in_time(*, handling_days: int, max_days: int) -> bool:
    """Whether a parcel shipped at the last moment can arrive and be complained about before the hold must end."""
    shipped = add_business_days(now(), handling_days + TO_SHIP_BUSINESS_DAYS)
    return shipped + dt.timedelta(days=max_days) + TO_COMPLAIN <= now() + HELD_AT_MOST


def ask_at(expected: dt.date) -> dt.datetime:
    """When a buyer is asked whether a parcel expected by then has arrived."""
    return dt.datetime.combine(expected, dt.time(), dt.UTC) + UNPROVEN


def expected_by(order: Order) -> dt.date:
    """The last day of the delivery window, counted from today."""
    return today() + dt.timedelta(days=order.max_days)
