"""Asking the processor at once for the buyer who waits; the sweep does it otherwise."""

from __future__ import annotations

from orders import work
from orders.models import Checkout
from payments.models import Operation


def start(checkout: Checkout) -> None:
    """Run the checkout's waiting `create` operation now."""
    waiting = Operation.objects.filter(
        subject=checkout.payment_id, kind=Operation.Kind.CREATE, state=Operation.State.READY
    )
    for operation_id in waiting.values_list("pk", flat=True):
        work.attempt(operation_id)
