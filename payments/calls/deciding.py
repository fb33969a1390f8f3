"""Outcomes that no machine could learn: a person says what happened, and the right thing follows from it.

Nothing is sent again here. Each decision looks at the processor first, outside of any transaction, and is refused
where the processor shows the opposite; then it leaves rows, and the sweep does the rest, orders included.
"""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from payments.calls import sending as calls
from payments.calls.outbox import enqueue
from payments.cases import close_case, open_case
from payments.chargebacks import answering
from payments.errors import DecisionRefused
from payments.models import Case, Operation, Payment, Refund
from payments.opening import close_payment
from payments.processors import registry
from payments.processors.base import ProcessorError, Update
from payments.refunds import life as refunds

Kind, State = Operation.Kind, Operation.State
NAMED = {Kind.CREATE, Kind.REFUND}  # made something of their own, which a person can name


def it_happened(operation: Operation, *, by: User, reference: str, why: str) -> Operation:
    """It had its effect: the processor shows it, under `reference` where the call made something new.

    The processor is asked by the sweep, and what it says becomes true here. DecisionRefused, and nothing has
    changed, when the processor shows no such thing, or one that is not this operation's.
    """
    _waits(operation, why)
    shown = _named(operation, reference.strip()) if operation.kind in NAMED else _found(operation)
    if shown is None:
        message = _("%(processor)s does not show it. Give the reference as its own pages say it.")
        raise DecisionRefused(message % {"processor": operation.processor})
    return _book_happened(operation, shown, by, why)


def it_never_happened(operation: Operation, *, by: User, why: str) -> Operation:
    """It had no effect. A payment is closed; a refund has failed, and is tried again or sent by hand by a person; a
    bank can be answered again.

    DecisionRefused, and nothing has changed, when the processor still finds it.
    """
    _waits(operation, why)
    shown = _found(operation)
    if shown is not None:
        message = _("%(processor)s shows that it happened: %(ref)s, %(outcome)s.")
        raise DecisionRefused(
            message % {"processor": operation.processor, "ref": shown.ref, "outcome": shown.outcome.value}
        )
    return _book_never(operation, by, why)


@transaction.atomic
def _book_happened(operation: Operation, shown: Update, by: User, why: str) -> Operation:
    operation = _decided(operation, State.DONE, by, why)
    if operation.kind in NAMED:
        _bind(operation, shown.ref)
    enqueue(Kind.FETCH, processor=operation.processor, key=f"decided:{operation.key}", subject=operation.subject)
    return operation


@transaction.atomic
def _book_never(operation: Operation, by: User, why: str) -> Operation:
    operation = _decided(operation, State.FAILED, by, why)
    if operation.kind == Kind.REFUND:
        refunds.fail(_refund(operation, lock=True), why.strip())
    elif operation.kind in {Kind.EVIDENCE, Kind.CONCEDE}:
        answering.refused(operation, why.strip())
    else:
        close_payment(Payment.objects.get(pk=operation.subject), why=f"{operation.key} never happened")
    return operation


def _waits(operation: Operation, why: str) -> None:
    if operation.state != State.DEAD:
        message = _("%(key)s does not wait for a person: %(state)s.")
        raise DecisionRefused(message % {"key": operation.key, "state": operation.get_state_display()})
    if operation.kind == Kind.PAYOUT:
        raise DecisionRefused(_("Say of a payout on its own page whether it arrived."))
    if not why.strip():
        raise DecisionRefused(_("Say how you know."))


def _decided(operation: Operation, state: Operation.State, by: User, why: str) -> Operation:
    """Ended once, whoever else decides at the same time; its case says who knew it from where."""
    operation = Operation.objects.select_for_update().get(pk=operation.pk)
    _waits(operation, why)
    operation.state, operation.done_at = state, now()
    operation.save(update_fields=["state", "done_at"])
    case = open_case(Case.Kind.DEAD, processor=operation.processor, ref=operation.key, error=operation.error)
    close_case(case, by=by, note=why)
    return operation


def _bind(operation: Operation, ref: str) -> None:
    subject: Payment | Refund
    other: Payment | Refund | None
    if operation.kind == Kind.REFUND:
        subject, other = _refund(operation, lock=True), refunds.of_reference(operation.processor, ref)
    else:
        subject = Payment.objects.select_for_update().get(pk=operation.subject)
        other = Payment.objects.filter(processor=operation.processor, processor_ref=ref).first()
    if (other is not None and other.pk != subject.pk) or subject.processor_ref not in {"", ref}:
        raise DecisionRefused(_("%(ref)s belongs to something else.") % {"ref": ref})
    subject.processor_ref = ref
    subject.save(update_fields=["processor_ref"])


def _named(operation: Operation, reference: str) -> Update | None:
    """What the processor shows under `reference`, when that is this operation's."""
    if not reference or len(reference) > 128:
        raise DecisionRefused(_("Give the processor's reference, at most 128 characters."))
    kind = "refund" if operation.kind == Kind.REFUND else "payment"
    try:
        shown = registry.get(operation.processor).fetch(reference, kind=kind)
    except (ProcessorError, registry.NoProcessor) as error:
        raise DecisionRefused(str(error)) from error
    if shown is not None and not _is_its_own(operation, shown):
        raise DecisionRefused(_("%(ref)s belongs to something else.") % {"ref": reference})
    return shown


def _is_its_own(operation: Operation, shown: Update) -> bool:
    """By our key where the processor echoes it, else by the exact amount."""
    if shown.key is not None:
        return shown.key == operation.key
    return shown.amount == _amount(operation)


def _amount(operation: Operation) -> Money:
    if operation.kind == Kind.REFUND:
        return _refund(operation).amount
    return Payment.objects.get(pk=operation.subject).amount


def _found(operation: Operation) -> Update | None:
    """What the machine's own search finds now. DecisionRefused while the processor cannot be asked."""
    try:
        return calls.find(operation)
    except ProcessorError as error:
        raise DecisionRefused(str(error)) from error


def _refund(operation: Operation, *, lock: bool = False) -> Refund:
    rows = Refund.objects.select_related("payment")
    if lock:
        Payment.objects.select_for_update().get(pk=rows.get(pk=operation.subject).payment_id)
        rows = rows.select_for_update(of=("self",))
    return rows.get(pk=operation.subject)
