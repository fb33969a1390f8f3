"""Which payment an update is about, and whether it may be believed. What may not opens a case."""

from __future__ import annotations

from payments import booking
from payments.cases import open_case
from payments.models import Case, Operation, Payment
from payments.processors.base import Outcome, Update

State = Payment.State
NOT_PAID = {Outcome.FAILED, Outcome.CANCELED, Outcome.EXPIRED}


def find(update: Update, processor: str) -> Payment | None:
    """The payment of the update, locked with its siblings of one ref; by our own key while its reference is unknown.

    None, and a case, where it is none of ours or bound to another reference.
    """
    keyed = _of_key(update.key)
    bound = Payment.objects.filter(processor=processor, processor_ref=update.ref).exclude(processor_ref="")
    known = bound.first() or keyed
    if known is None:
        open_case(Case.Kind.STRANGER, processor=processor, ref=update.ref, key=update.key)
        return None
    siblings = Payment.objects.select_for_update(of=("self",)).select_related("quote")
    locked = {row.pk: row for row in siblings.filter(ref=known.ref).order_by("pk")}
    payment = locked[known.pk]
    if _is_bound_elsewhere(payment, keyed, update, processor):
        open_case(Case.Kind.BINDING, processor=processor, ref=update.ref, key=update.key)
        return None
    return payment


def _of_key(key: str | None) -> Payment | None:
    operation = Operation.objects.filter(key=key).first() if key else None
    if operation is None or operation.kind == Operation.Kind.REFUND:
        return None
    return Payment.objects.filter(pk=operation.subject).first()


def _is_bound_elsewhere(payment: Payment, keyed: Payment | None, update: Update, processor: str) -> bool:
    if payment.processor != processor or (keyed is not None and keyed != payment):
        return True
    return bool(update.ref and payment.processor_ref and payment.processor_ref != update.ref)


def is_contradicted(payment: Payment, update: Update) -> bool:
    """Whether the update cannot be believed; then a case says so."""
    kind = _contradiction(payment, update)
    if kind is None:
        return False
    detail = {"payment": str(payment.pk), "state": payment.state, "outcome": update.outcome.value}
    says = str(update.amount) if update.amount is not None else ""
    open_case(kind, processor=payment.processor, ref=payment.processor_ref or update.ref, says=says, **detail)
    return True


def _contradiction(payment: Payment, update: Update) -> Case.Kind | None:
    for money in (update.amount, update.fee):
        if money is not None and (money.currency != payment.currency or money.amount < 0):
            return Case.Kind.CURRENCY if money.currency != payment.currency else Case.Kind.AMOUNT
    if update.outcome == Outcome.REVERSED:
        return Case.Kind.REVERSED
    if payment.state == State.CAPTURED and update.outcome in NOT_PAID:
        return Case.Kind.CONTRADICTION
    if update.outcome == Outcome.SUCCEEDED:
        least = payment.amount - booking.missing_allowed(payment.amount)
        if update.amount is None or update.amount < least:
            return Case.Kind.AMOUNT
    return None
