"""What happens when nobody acts: every waiting state has an owner, a deadline and a default."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from marketplace.lib.clock import now
from orders import life, services
from orders.following import ENDED
from orders.models import Order
from orders.returns import life as returns
from payments.models import Payment
from payments.services import close_payment

Status = Order.Status
LATER = dt.timedelta(minutes=2)
AFTER_RETURN = dt.timedelta(hours=1)
BATCH = 500  # also the most that end in one transaction


def due(*, besides: Collection[str] = ()) -> list[str]:
    """Numbers of the orders whose deadline has passed, the longest overdue first; not those that a bank asks for."""
    late = Order.objects.due().exclude(number__in=besides)
    return list(late.order_by("due_at", "pk").values_list("number", flat=True)[:BATCH])


@transaction.atomic
def meet(number: str) -> None:
    """Do the default of the state that the order waits in. Does nothing when somebody was faster.

    The order is locked before its deadline is believed: two workers, or a worker and a person, do one thing.
    """
    order = _locked(number)
    if order.due_at is None or order.due_at > now() or Order.objects.contested().filter(pk=order.pk).exists():
        return
    with override(order.checkout.language):
        if not _waits_for_return(order):
            DEFAULTS[order.status](order)


def _waits_for_return(order: Order) -> bool:
    """Goods are on their way back: silence completes nothing until that ends, or the hold has to."""
    back = returns.live(order) if order.status in {Status.SHIPPED, Status.DELIVERED} else None
    ends = None if back is None or back.due_at is None else max(back.due_at, now()) + AFTER_RETURN
    until = life.within_hold(order, ends)
    if until is None or until <= now():
        return False
    Order.objects.filter(pk=order.pk).update(due_at=until)
    return True


def _locked(number: str) -> Order:
    """An unpaid order after its payment, in the order in which news of the payment locks them: no deadlocks."""
    order = Order.objects.select_related("checkout").get(number=number)
    if order.status == Status.PLACED:
        Payment.objects.select_for_update().get(pk=order.checkout.payment_id)
    return Order.objects.locked(number)


def _end_unpaid(order: Order) -> None:
    """Ask the processor to close the payment; the order is canceled when it confirms, or paid when money was faster."""
    payment = Payment.objects.get(pk=order.checkout.payment_id)
    if payment.state in ENDED:
        services.cancel_unpaid(order.number, why=_("Not paid in time."))
        return
    if payment.state in Payment.OPEN - {Payment.State.SEEN}:
        close_payment(payment, why="not paid in time")
    Order.objects.filter(pk=order.pk).update(due_at=now() + LATER)


def _never_shipped(order: Order) -> None:
    services.refund(order.number, by=None, why=_("The seller did not ship in time."), never_shipped=True)


def _unproven(order: Order) -> None:
    if order.ends_in_silence:
        services.complete_by_silence(order.number)
    else:
        services.ask_if_arrived(order.number)


def _silence(order: Order) -> None:
    services.complete_by_silence(order.number)


def _for_the_buyer(order: Order) -> None:
    services.decide_dispute(order.number, outcome="buyer", by=None, reason=_("Nobody answered in time."))


DEFAULTS: dict[str, Callable[[Order], None]] = {
    Status.PLACED: _end_unpaid,
    Status.PAID: _never_shipped,
    Status.SHIPPED: _unproven,
    Status.DELIVERED: _silence,
    Status.DISPUTED: _for_the_buyer,
}
