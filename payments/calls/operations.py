"""Calls to processors: claim a row, call outside any transaction, store the outcome.

An operation is outbox, idempotency key and recovery point in one. What was interrupted, or ended
unknown, is looked up by its key before it is repeated; the same key is sent again only while the
processor surely remembers it. After that a person has to look.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from marketplace.lib.clock import now
from marketplace.lib.failpoints import reach
from payments import machine
from payments.calls import sending as calls
from payments.calls.outbox import enqueue
from payments.calls.sending import Forgotten
from payments.cases import open_case
from payments.chargebacks import answering
from payments.chargebacks.claims import is_with_the_bank
from payments.ledger.posting import LedgerRefused
from payments.machine import Change, Follow
from payments.models import Case, Operation, Payment, Refund
from payments.payouts.freezing import frozen
from payments.processors.base import Declined, Outcome, ProcessorError, Refused, Unavailable, Unknown, Update
from payments.refunds import life as refunds

log = logging.getLogger(__name__)
State = Operation.State
LOCK = dt.timedelta(seconds=settings.CLAIM_SECONDS)  # what a killed process began is taken over after that
ABOUT = {Operation.Kind.REFUND: "refund", Operation.Kind.PAYOUT: "payout"}
ANSWERS = {Operation.Kind.EVIDENCE, Operation.Kind.CONCEDE}  # to a buyer's bank
FROZEN = dt.timedelta(minutes=1)  # between looks whether payouts are still frozen
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Claim:
    """An operation that is ours until its lock ends. `recovering`: an earlier try may have had effect."""

    operation: Operation
    recovering: bool


def due_operations(limit: int = AT_ONCE) -> list[uuid.UUID]:
    """Ids of what can be run now, the longest waiting first."""
    return list(_due().order_by("run_at").values_list("pk", flat=True)[:limit])


def run_operation(operation_id: uuid.UUID, *, follow: Follow | None = None) -> Change | None:
    """Run one operation if it is due and nobody else runs it. `follow` gets the change, if there is
    one, in the transaction that stores it. Never call it inside a transaction."""
    claim = _claim(operation_id)
    if claim is None:
        return None
    kind = claim.operation.kind
    reach("operation claimed", kind)
    answer = _call(claim)
    reach("operation answered", kind)
    change = _store(claim, answer, follow)
    reach("operation stored", kind)
    return change


def backoff(attempts: int) -> dt.timedelta:
    """2, 4, 8 … seconds, at most an hour."""
    return dt.timedelta(seconds=min(2 ** min(attempts, 12), 3600))


def _due() -> QuerySet[Operation]:
    at = now()
    free = Q(locked_until=None) | Q(locked_until__lt=at)
    waiting = [State.READY, State.RUNNING, State.UNKNOWN]
    return Operation.objects.filter(free, state__in=waiting, run_at__lte=at)


@transaction.atomic(durable=True)
def _claim(operation_id: uuid.UUID) -> Claim | None:
    due = _due().filter(pk=operation_id)
    operation = due.select_for_update(skip_locked=True).first()
    if operation is None or not _prepare(operation):
        return None
    claim = Claim(operation, recovering=operation.state != State.READY)
    operation.state, operation.attempts = State.RUNNING, operation.attempts + 1
    operation.locked_until = now() + LOCK
    operation.sent_at = operation.sent_at or now()
    operation.save(update_fields=["state", "attempts", "locked_until", "sent_at"])
    return claim


def _prepare(operation: Operation) -> bool:
    """What has to stand before the call leaves. False when it must not leave."""
    if operation.kind == Operation.Kind.REFUND:
        return _reserve(operation)
    if operation.kind == Operation.Kind.CANCEL:
        _stop_create(operation)
    if operation.kind == Operation.Kind.PAYOUT and frozen() is not None:
        operation.run_at = now() + FROZEN
        operation.save(update_fields=["run_at"])
        return False
    return True


def _reserve(operation: Operation) -> bool:
    """Book the refund before it is sent; one whose money is gone is never sent, one whose money a bank holds waits."""
    Payment.objects.select_for_update().get(refunds=operation.subject)
    rows = Refund.objects.select_for_update(of=("self",)).select_related("payment")
    refund = rows.get(pk=operation.subject)
    if refund.chargeback_id is not None:
        _end(operation, State.FAILED, "The bank of the buyer took the money by itself.")
        return False
    if refund.state == Refund.State.REQUESTED and is_with_the_bank(refund.payment):
        waits = "The bank of the buyer has the money and decides."
        _again(operation, State.READY, waits, sent_at=operation.sent_at, wait=calls.SLOW)
        return False
    try:
        refunds.reserve(refund)
    except LedgerRefused as error:
        refunds.fail(refund, str(error))
        _end(operation, State.FAILED, str(error))
        return False
    return True


def _stop_create(operation: Operation) -> None:
    """A payment that is closed before it was created is never created."""
    creates = Operation.objects.filter(kind=Operation.Kind.CREATE, subject=operation.subject)
    create = creates.select_for_update().get()
    if create.state == State.READY:
        _end(create, State.FAILED, "The payment was closed before it was created.")


def _call(claim: Claim) -> Update | ProcessorError:
    """The processor's answer. Whatever else goes wrong leaves the outcome unknown."""
    try:
        return calls.make(claim.operation, recovering=claim.recovering)
    except ProcessorError as error:
        return error
    except Exception as error:
        log.exception("Operation %s broke.", claim.operation.key)
        return Unknown(f"{type(error).__name__}: {error}")


@transaction.atomic(durable=True)
def _store(claim: Claim, answer: Update | ProcessorError, follow: Follow | None) -> Change | None:
    operation = Operation.objects.select_for_update().get(pk=claim.operation.pk)
    if operation.state in {State.DONE, State.FAILED, State.DEAD}:
        return None
    change = None
    if isinstance(answer, Update):
        change = machine.apply(answer, processor=operation.processor)
        _done(operation, answer)
    else:
        change = _fail(claim, operation, answer)
    if change is not None and follow is not None:
        follow(change)
    return change


def _done(operation: Operation, answer: Update) -> None:
    """A refund that the processor has not sent yet is asked about until it is, webhook or not."""
    slow = answer.kind == "refund" and answer.outcome == Outcome.PENDING
    if slow and operation.kind == Operation.Kind.FETCH:
        _again(operation, State.READY, "", sent_at=None, wait=calls.patience(operation))
        return
    _end(operation, State.DONE, "")
    if slow:
        enqueue(
            Operation.Kind.FETCH,
            processor=operation.processor,
            key=f"fetch:{operation.key}",
            subject=operation.subject,
            later=calls.patience(operation),
        )


def _fail(claim: Claim, operation: Operation, error: ProcessorError) -> Change | None:
    match error:
        case Declined() | Refused():
            return _final(operation, error)
        case Forgotten():
            _end(operation, State.DEAD, str(error))
            _case(Case.Kind.DEAD, operation)
        case Unavailable() if not claim.recovering:
            _again(operation, State.READY, str(error), sent_at=None)
        case _:
            _again(operation, State.UNKNOWN, str(error), sent_at=operation.sent_at)
    return None


def _final(operation: Operation, error: ProcessorError) -> Change | None:
    """Surely and for ever not done. The buyer reads why a card was declined, an operator the rest."""
    _end(operation, State.FAILED, str(error))
    if isinstance(error, Refused) and operation.kind not in ABOUT:
        _case(Case.Kind.REFUSED, operation)
    if operation.kind in ANSWERS:
        answering.refused(operation, str(error))
    if operation.kind in ANSWERS | {Operation.Kind.CANCEL, Operation.Kind.FETCH}:
        return None
    kind = ABOUT.get(Operation.Kind(operation.kind), "payment")
    message = str(error) if isinstance(error, Declined) or kind != "payment" else ""
    failed = Update(kind, "", Outcome.FAILED, key=operation.key, message=message)
    return machine.apply(failed, processor=operation.processor)


def _end(operation: Operation, state: Operation.State, error: str) -> None:
    operation.state, operation.error, operation.done_at = state, error, now()
    operation.locked_until = None
    operation.save(update_fields=["state", "error", "done_at", "locked_until"])


def _again(
    operation: Operation,
    state: Operation.State,
    error: str,
    *,
    sent_at: dt.datetime | None,
    wait: dt.timedelta | None = None,
) -> None:
    operation.state, operation.error, operation.sent_at = state, error, sent_at
    operation.run_at, operation.locked_until = now() + (wait or backoff(operation.attempts)), None
    operation.save(update_fields=["state", "error", "sent_at", "run_at", "locked_until"])


def _case(kind: Case.Kind, operation: Operation) -> None:
    open_case(
        kind,
        processor=operation.processor,
        ref=operation.key,
        error=operation.error,
        subject=str(operation.subject),
    )
