"""An operation is marked as done before the call, so that nobody does it twice; and sometimes nobody does it at all."""

from __future__ import annotations

import uuid

from django.db import transaction

from marketplace.lib.clock import now
from marketplace.lib.failpoints import reach
from payments import machine, services
from payments.calls import operations
from payments.machine import Change, Follow
from payments.models import Operation
from payments.processors.base import Update
from tests.chaos.naive import Patch


def run_operation(operation_id: uuid.UUID, *, follow: Follow | None = None) -> Change | None:
    claim = operations._claim(operation_id)
    if claim is None:
        return None
    done = {"state": Operation.State.DONE, "done_at": now(), "locked_until": None}
    Operation.objects.filter(pk=operation_id).update(**done)
    reach("operation claimed")
    answer = operations._call(claim)
    reach("operation answered")
    if not isinstance(answer, Update):
        return None
    with transaction.atomic():
        change = machine.apply(answer, processor=claim.operation.processor)
        if change is not None and follow is not None:
            follow(change)
    reach("operation stored")
    return change


PATCHES: list[Patch] = [(services, "run_operation", run_operation)]
