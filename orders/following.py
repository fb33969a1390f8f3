"""What a change of a payment means for its orders. Called in the transaction that applied the change."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override

from orders import letters, services
from orders.evidence.people import who_answers
from orders.models import Checkout, Order
from payments.machine import Change
from payments.models import Chargeback, Payment

State = Payment.State
OUT_OF_TIME = {State.UNDERPAID, State.LATE, State.RETURNING, State.RETURNED}
ENDED = {State.CANCELED, State.EXPIRED} | OUT_OF_TIME


def follow(change: Change) -> None:
    """Move the orders of the payment that changed; a payment that is no checkout's is ignored."""
    checkout = Checkout.objects.filter(public_id=change.payment.ref).first()
    if checkout is None:
        return
    if change.chargeback is not None and change.chargeback.state == Chargeback.State.OPENED:
        letters.staff_answers_bank(change.chargeback, who_answers())
    if change.chargeback is not None and change.chargeback.is_open:
        with override(checkout.language):
            for order in checkout.orders.exclude(paid_at=None).select_related("shop__owner", "checkout").order_by("pk"):
                letters.bank_asks(order, change.chargeback)
    if change.was == change.now:
        return
    numbers = checkout.orders.filter(status=Order.Status.PLACED).order_by("number").values_list("number", flat=True)
    with override(checkout.language):
        if change.now == State.CAPTURED:
            for number in list(numbers):
                services.mark_paid(number)
        elif change.now in ENDED:
            for number in list(numbers):
                services.cancel_unpaid(number, why=_("Not paid in time."))
        if change.now in {State.UNDERPAID, State.LATE} or change.now in OUT_OF_TIME and change.was not in OUT_OF_TIME:
            letters.money_out_of_time(checkout, change.payment)
