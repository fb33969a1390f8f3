"""Calls to make: a row now, the call later, outside the transaction (payments.calls.operations)."""

from __future__ import annotations

import datetime as dt
import uuid

from marketplace.lib.clock import now
from payments.models import Operation


def enqueue(
    kind: Operation.Kind,
    *,
    processor: str,
    key: str,
    subject: uuid.UUID,
    later: dt.timedelta = dt.timedelta(),
) -> Operation:
    """The operation with this key, made when there is none, to be run `later`."""
    wanted = {"kind": kind, "processor": processor, "subject": subject, "run_at": now() + later}
    operation, _made = Operation.objects.get_or_create(key=key, defaults=wanted)
    return operation
