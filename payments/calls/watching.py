"""Asking for news instead of waiting for it."""

from __future__ import annotations

import uuid

from django.db import transaction

from payments import machine
from payments.machine import Change, Follow
from payments.models import Payment
from payments.processors import registry


def refresh_payment(payment_id: uuid.UUID, *, follow: Follow | None = None) -> Change | None:
    """Fetch the truth about an open payment and apply it, for a buyer who comes back from the bank.

    Raises the processor's errors. Never call it inside a transaction.
    """
    payment = Payment.objects.get(pk=payment_id)
    if payment.state not in Payment.OPEN or not payment.processor_ref:
        return None
    update = registry.get(payment.processor).fetch(payment.processor_ref)
    if update is None:
        return None
    with transaction.atomic(durable=True):
        change = machine.apply(update, processor=payment.processor)
        if change is not None and follow is not None:
            follow(change)
    return change
