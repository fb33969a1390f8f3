"""Calls to make: a row now, the call later, outside the transaction (payments.operations)."""

from __future__ import annotations

import uuid

from payments.models import Operation


def enqueue(kind: Operation.Kind, *, processor: str, key: str, subject: uuid.UUID) -> Operation:
    """The operation with this key, made when there is none."""
    operation, _ = Operation.objects.get_or_create(
        key=key, defaults={"kind": kind, "processor": processor, "subject": subject}
    )
    return operation
