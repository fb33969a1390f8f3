"""One call to a processor for one operation, outside any transaction: look by key first, then send."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db.models import Q

from marketplace.lib.clock import now
from payments.booking import refund_key
from payments.models import Chargeback, EvidencePack, Operation, Payment, Payout, Refund
from payments.processors import registry
from payments.processors.base import (
    Can,
    Evidence,
    Outcome,
    Processor,
    ProcessorError,
    Refused,
    Unavailable,
    Update,
)

Kind = Operation.Kind
REMEMBERED = dt.timedelta(hours=23)  # processors forget keys after 24 hours
SLOW = dt.timedelta(hours=1)  # of a processor
SOON = dt.timedelta(minutes=1)  # of a chain
STILL_OPEN = {Outcome.PENDING, Outcome.ACTION, Outcome.SEEN, Outcome.PARTIAL, Outcome.AUTHORIZED}


class Forgotten(ProcessorError):
    """Its outcome cannot be learnt, and the processor may have forgotten its key: never repeat it."""


def make(operation: Operation, *, recovering: bool) -> Update:
    """The processor's answer to the operation; raises one of the processor's errors, or Forgotten."""
    processor = _processor(operation)
    if recovering and operation.kind != Kind.FETCH:  # to look twice is harmless
        found = find(operation)
        if found is not None:
            return found
        if operation.sent_at is not None and now() - operation.sent_at >= REMEMBERED:
            raise Forgotten(f"{operation.key} was sent at {operation.sent_at} and is not found.")
    return SEND[Kind(operation.kind)](processor, operation)


def find(operation: Operation) -> Update | None:
    """The effect of an operation whose reply was lost, by its key or its payment; None where there is none."""
    return FOUND[Kind(operation.kind)](_processor(operation), operation)


def _processor(operation: Operation) -> Processor:
    try:
        return registry.get(operation.processor)
    except registry.NoProcessor as error:
        raise Unavailable(str(error)) from error


def _payment(operation: Operation) -> Payment:
    return Payment.objects.get(pk=operation.subject)


def _refund(operation: Operation) -> Refund:
    return Refund.objects.select_related("payment").get(pk=operation.subject)


def _create(processor: Processor, operation: Operation) -> Update:
    payment = _payment(operation)
    return processor.create(
        operation.key,
        payment.amount,
        ref=str(payment.pk),
        expires_at=payment.expires_at,
        return_url=payment.return_url,
    )


def _find_created(processor: Processor, operation: Operation) -> Update | None:
    ref = _payment(operation).processor_ref or None
    return processor.fetch(ref, key=operation.key)


def _capture(processor: Processor, operation: Operation) -> Update:
    payment = _payment(operation)
    return processor.capture(operation.key, payment.processor_ref, payment.amount)


def _find_captured(processor: Processor, operation: Operation) -> Update | None:
    return _unless(processor, operation, {Outcome.AUTHORIZED})


def _cancel(processor: Processor, operation: Operation) -> Update:
    payment = _payment(operation)
    if not payment.processor_ref:
        return _never_created(operation)
    if Can.CANCEL not in processor.can:
        return _expired(processor.fetch(payment.processor_ref), payment)
    try:
        return processor.cancel(operation.key, payment.processor_ref)
    except Refused:
        found = processor.fetch(payment.processor_ref)
        if found is None or found.outcome in STILL_OPEN:
            raise
        return found


def _never_created(operation: Operation) -> Update:
    """Canceled here, since there is nothing at the processor, nor on its way there."""
    create = Operation.objects.get(kind=Kind.CREATE, subject=operation.subject)
    if create.state in {Operation.State.FAILED, Operation.State.READY}:
        return Update("payment", "", Outcome.CANCELED, key=operation.key)
    raise Unavailable(f"{create.key} is {create.state}: its outcome has to be known first.")


def _expired(found: Update | None, payment: Payment) -> Update:
    """A processor that cannot cancel: what is still open ends here, with what came in."""
    if found is None:
        return Update("payment", payment.processor_ref, Outcome.EXPIRED)
    if found.outcome not in STILL_OPEN - {Outcome.SEEN}:
        return found
    return Update("payment", found.ref, Outcome.EXPIRED, found.amount, raw=found.raw)


def _find_canceled(processor: Processor, operation: Operation) -> Update | None:
    return _unless(processor, operation, STILL_OPEN)


def _unless(processor: Processor, operation: Operation, undone: set[Outcome]) -> Update | None:
    """The payment as the processor has it, unless it is as if the operation had not happened."""
    ref = _payment(operation).processor_ref
    found = processor.fetch(ref) if ref else None
    return None if found is None or found.outcome in undone else found


def _refund_it(processor: Processor, operation: Operation) -> Update:
    refund = _refund(operation)
    ref, to = refund.payment.processor_ref, refund.destination or None
    return processor.refund(operation.key, ref, refund.sends, destination=to)


def _find_refund(processor: Processor, operation: Operation) -> Update | None:
    ref = _refund(operation).processor_ref or None
    return processor.fetch(ref, kind="refund", key=operation.key)


def _payout(operation: Operation) -> Payout:
    return Payout.objects.select_related("method").get(pk=operation.subject)


def _pay_out(processor: Processor, operation: Operation) -> Update:
    payout = _payout(operation)
    return processor.payout(operation.key, payout.sends, destination=payout.method.destination, ref=str(payout.pk))


def _find_payout(processor: Processor, operation: Operation) -> Update | None:
    ref = _payout(operation).bank_reference or None
    return processor.fetch(ref, kind="payout", key=operation.key)


def _chargeback(operation: Operation) -> Chargeback | None:
    """What an answer to a bank is about; none for an operation about something else."""
    its = Q(pk=operation.subject) | Q(packs=operation.subject)
    return Chargeback.objects.filter(its).first()


def _pack(operation: Operation) -> EvidencePack:
    return EvidencePack.objects.select_related("chargeback").get(pk=operation.subject)


def _send_evidence(processor: Processor, operation: Operation) -> Update:
    pack = _pack(operation)
    evidence = Evidence(bytes(pack.pdf), pack.facts)
    return processor.submit_evidence(operation.key, pack.chargeback.processor_ref, evidence)


def _find_evidence(processor: Processor, operation: Operation) -> Update | None:
    """The dispute, when it has our answer; Refused when it has one of somebody else."""
    found = processor.fetch(_pack(operation).chargeback.processor_ref, kind="dispute")
    if found is None or found.claim is None or not found.claim.submitted:
        return None
    if found.key not in {None, operation.key}:
        raise Refused(f"{found.ref} has another answer than {operation.key} already.")
    return found


def _concede(processor: Processor, operation: Operation) -> Update:
    return processor.concede(operation.key, Chargeback.objects.get(pk=operation.subject).processor_ref)


def _find_conceded(processor: Processor, operation: Operation) -> Update | None:
    found = processor.fetch(Chargeback.objects.get(pk=operation.subject).processor_ref, kind="dispute")
    return None if found is None or found.outcome in {Outcome.ACTION, Outcome.PENDING} else found


def _fetch(processor: Processor, operation: Operation) -> Update:
    """News of a payment, of a refund that the processor is slow with, or of what a bank asks."""
    asked = _chargeback(operation)
    if asked is not None:
        shown = processor.fetch(asked.processor_ref, kind="dispute")
        if shown is None:
            raise Refused(f"{operation.processor} knows no dispute {asked.processor_ref}.")
        return shown
    refund = Refund.objects.filter(pk=operation.subject).first()
    if refund is not None and Can.VERIFY in processor.can:
        return _verified(processor, operation, refund)
    if refund is not None:
        news = processor.fetch(refund.processor_ref or None, kind="refund", key=refund_key(refund))
        if news is None:
            raise Refused(f"{operation.processor} knows no refund {refund.pk}.")
        return news
    payment = _payment(operation)
    found = processor.fetch(payment.processor_ref or None, key=f"create:{payment.pk}")
    if found is None:
        raise Refused(f"{operation.processor} knows no payment {payment.pk}.")
    return found


def _verified(processor: Processor, operation: Operation, refund: Refund) -> Update:
    """What became of a refund that a person sent. What nothing is known of for a day failed, as far as we know."""
    to, since = refund.destination, refund.created_at
    found = processor.verify_sent(refund.processor_ref, refund.sends, destination=to, since=since)
    if found is not None:
        return found
    unknown = f"Nothing is known of {refund.processor_ref}."
    if now() - operation.created_at < REMEMBERED:
        raise Unavailable(f"{unknown} It will be looked for again.")
    message = f"{unknown} Look at your wallet before you send it again."
    return Update("refund", refund.processor_ref, Outcome.FAILED, refund.sends, message=message)


def patience(operation: Operation) -> dt.timedelta:
    """How long to wait between questions about what is under way."""
    return SOON if Can.VERIFY in registry.can(operation.processor) else SLOW


SEND: dict[Kind, Callable[[Processor, Operation], Update]] = {
    Kind.CREATE: _create,
    Kind.CAPTURE: _capture,
    Kind.CANCEL: _cancel,
    Kind.REFUND: _refund_it,
    Kind.PAYOUT: _pay_out,
    Kind.FETCH: _fetch,
    Kind.EVIDENCE: _send_evidence,
    Kind.CONCEDE: _concede,
}
FOUND: dict[Kind, Callable[[Processor, Operation], Update | None]] = {
    Kind.CREATE: _find_created,
    Kind.CAPTURE: _find_captured,
    Kind.CANCEL: _find_canceled,
    Kind.REFUND: _find_refund,
    Kind.PAYOUT: _find_payout,
    Kind.EVIDENCE: _find_evidence,
    Kind.CONCEDE: _find_conceded,
}
