"""Sending money back: asking for it, booking it, and what the processor says about it.

A refund is booked when it is sent, so that the money is reserved, and unbooked when it fails.
"""

from __future__ import annotations

from django.db import models, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from fx.money import COINS, Money
from marketplace.lib.clock import now
from marketplace.models import User
from payments import booking
from payments.cases import open_case
from payments.errors import RefundRefused
from payments.ledger import codes
from payments.ledger.posting import post, post_all, posted
from payments.models import Case, Operation, Payment, PaymentLine, Refund
from payments.outbox import enqueue
from payments.processors import registry
from payments.processors.base import Can, Outcome, Update
from payments.sellers import lock_seller

State = Refund.State
NEVER_SHIPPED = "never_shipped"
OUT_OF_TIME = "out_of_time"
FAILED = {Outcome.FAILED, Outcome.CANCELED, Outcome.EXPIRED, Outcome.REVERSED}


@transaction.atomic
def request_refund(*, payment: Payment, ref: str, reason: str, by: User | None = None) -> Refund:
    """Send back the whole of what the buyer paid for the order `ref`, in the money that was paid.

    With the reason `never_shipped` the seller owes the fee that the processor keeps. A payment in
    coin waits for the buyer's address. RefundRefused when nothing is left to send back.
    """
    payment = Payment.objects.select_for_update(of=("self",)).select_related("quote").get(pk=payment.pk)
    if payment.state != Payment.State.CAPTURED:
        raise RefundRefused(f"Payment {payment.pk} is {payment.state}: there is nothing to refund.")
    paid = _sum(payment.lines.filter(ref=ref), "pay_minor")
    if paid == 0:
        raise RefundRefused(f"Payment {payment.pk} paid nothing for {ref}.")
    if _live(payment).filter(ref=ref).exists():
        raise RefundRefused(f"What was paid for {ref} goes back already.")
    if posted(f"release:{ref}") is not None:
        raise RefundRefused(f"What was paid for {ref} was released to the seller.")
    refund = _request(payment, ref, paid, reason, by)
    charge_kept_fees(payment)
    return refund


def return_money(payment: Payment) -> Refund | None:
    """Send back all money of a payment out of time that is not on its way yet."""
    rest = payment.received_minor - _sum(_live(payment), "amount_minor")
    if rest <= 0:
        return None
    refund = _request(payment, "", rest, OUT_OF_TIME, None)
    if refund.state == State.NEEDS_ADDRESS:
        _case(Case.Kind.OUT_OF_TIME, refund)
    return refund


@transaction.atomic
def give_refund_address(refund: Refund, *, destination: str) -> Refund:
    """The buyer said where coin goes. RefundRefused when the refund does not wait for that."""
    refund = Refund.objects.select_for_update(of=("self",)).select_related("payment").get(pk=refund.pk)
    if refund.state != State.NEEDS_ADDRESS:
        raise RefundRefused(_("This refund does not wait for an address any more."))
    if not destination.strip() or len(destination) > 128:
        raise RefundRefused(_("Give the address of your wallet."))
    if not registry.get(refund.payment.processor).accepts_destination(destination.strip()):
        raise RefundRefused(_("This is no address that these coins can be sent to. Copy it from your wallet again."))
    refund.destination, refund.state = destination.strip(), State.REQUESTED
    refund.save(update_fields=["destination", "state"])
    _send(refund)
    return refund


@transaction.atomic
def retry_refund(refund: Refund, *, by: User) -> Refund:
    """Try a failed refund again, with a key of its own."""
    refund = Refund.objects.select_for_update(of=("self",)).select_related("payment").get(pk=refund.pk)
    if refund.state != State.FAILED:
        raise RefundRefused(f"Refund {refund.pk} is {refund.state}; only failed ones are retried.")
    refund.state, refund.attempt = State.REQUESTED, refund.attempt + 1
    refund.processor_ref, refund.problem, refund.requested_by = "", "", by
    refund.save()
    _send(refund)
    return refund


def reserve(refund: Refund) -> None:
    """Book the refund as sent; harmless when it is. LedgerRefused when its money is gone."""
    if refund.state != State.REQUESTED:
        return
    lines, draft = _lines(refund), booking.refund(refund, _lines(refund))
    post_all([draft])
    found = booking.crossings(refund.payment, lines)
    booking.record(draft.key, refund.payment, map(booking.back, found))
    refund.state = State.SENT
    refund.save(update_fields=["state"])


@transaction.atomic
def apply_update(update: Update, *, processor: str) -> Refund | None:
    """Make the processor's news of a refund true here. None when nothing moved."""
    refund = _find(update, processor)
    if refund is None or _is_contradicted(refund, update):
        return None
    if update.ref and not refund.processor_ref:
        refund.processor_ref = update.ref
        refund.save(update_fields=["processor_ref"])
    if update.outcome == Outcome.SUCCEEDED:
        return succeed(refund)
    return fail(refund, update.message) if update.outcome in FAILED else None


def succeed(refund: Refund) -> Refund | None:
    if refund.state == State.SUCCEEDED:
        return None
    reserve(refund)
    refund.state, refund.succeeded_at, refund.problem = State.SUCCEEDED, now(), ""
    refund.save(update_fields=["state", "succeeded_at", "problem"])
    return refund


def fail(refund: Refund, problem: str) -> Refund | None:
    """Take the booking back and let a person decide."""
    if refund.state == State.FAILED:
        return None
    if refund.state == State.SENT:
        lines = _lines(refund)
        draft = booking.reverse(booking.refund(refund, lines))
        post_all([draft])
        booking.record(draft.key, refund.payment, booking.crossings(refund.payment, lines))
    refund.state, refund.problem = State.FAILED, problem
    refund.save(update_fields=["state", "problem"])
    _case(Case.Kind.REFUSED, refund)
    return refund


def is_all_back(payment: Payment) -> bool:
    back = payment.refunds.filter(state=State.SUCCEEDED)
    return _sum(back, "amount_minor") >= payment.received_minor


def charge_kept_fees(payment: Payment) -> None:
    """Orders that were never shipped: their share of the processor's fee is the seller's debt."""
    if not payment.fee_minor:
        return
    shares = _fee_shares(payment, payment.fee_minor)
    for ref in _live(payment).filter(reason=NEVER_SHIPPED).order_by("ref").values_list("ref", flat=True):
        _charge(payment, ref, shares[ref])


def _charge(payment: Payment, ref: str, kept: Money) -> None:
    lines = [line for line in payment.lines.filter(ref=ref) if line.account.startswith("hold:")]
    pay, target = sum(line.pay_minor for line in lines), sum(line.target_minor for line in lines)
    seller_id = lines[0].seller_id if lines else None
    owed = Money(kept.amount * target // pay, lines[0].target_currency) if pay else None
    if seller_id is None or not owed or not kept:
        return
    lock_seller(seller_id)
    key = f"kept:{payment.pk}:{ref}"
    post(
        key,
        "kept_fee",
        ref,
        [
            (codes.seller_debt(seller_id, owed.currency), owed.amount),
            *booking.across(owed, kept),
            (codes.expense(payment.processor, kept.currency), -kept.amount),
        ],
    )
    if owed.currency != kept.currency:
        seller = lines[0].seller
        booking.record(key, payment, [booking.Crossing(ref, owed, kept, seller)])


def _fee_shares(payment: Payment, fee_minor: int) -> dict[str, Money]:
    """The fee by order, in proportion to what was paid for each."""
    paid: dict[str, int] = {}
    for line in payment.lines.order_by("ref", "id"):
        paid[line.ref] = paid.get(line.ref, 0) + line.pay_minor
    shares = Money(fee_minor, payment.currency).split(*paid.values())
    return dict(zip(paid, shares, strict=True))


def _request(payment: Payment, ref: str, minor: int, reason: str, by: User | None) -> Refund:
    refund = Refund.objects.create(
        payment=payment,
        ref=ref,
        reason=reason,
        currency=payment.currency,
        amount_minor=minor,
        requested_by=by,
        state=State.NEEDS_ADDRESS if payment.currency in COINS else State.REQUESTED,
    )
    if refund.state == State.REQUESTED:
        _send(refund)
    return refund


def _send(refund: Refund) -> None:
    """An operation, or a case where the processor cannot do it and a person has to."""
    processor = refund.payment.processor
    if Can.REFUND in registry.can(processor):
        key = booking.refund_key(refund)
        enqueue(Operation.Kind.REFUND, processor=processor, key=key, subject=refund.pk)
    else:
        _case(Case.Kind.BY_HAND, refund)


def _find(update: Update, processor: str) -> Refund | None:
    """The refund that the update is about, with its payment, both locked in this order."""
    bound, keyed = of_reference(processor, update.ref), _of_key(update.key)
    found = bound or keyed
    if found is None or found.payment.processor != processor:
        open_case(Case.Kind.STRANGER, processor=processor, ref=update.ref, key=update.key)
        return None
    if keyed is not None and keyed != found:
        _case(Case.Kind.BINDING, found, key=update.key)
        return None
    Payment.objects.select_for_update().get(pk=found.payment_id)
    return Refund.objects.select_for_update(of=("self",)).select_related("payment").get(pk=found.pk)


def of_reference(processor: str, reference: str) -> Refund | None:
    """The refund that has this reference at the processor."""
    theirs = Refund.objects.filter(payment__processor=processor, processor_ref=reference)
    return theirs.select_related("payment").first() if reference else None


def _of_key(key: str | None) -> Refund | None:
    """By the key of its present try; news of an earlier one is about a refund that failed."""
    operation = Operation.objects.filter(key=key, kind=Operation.Kind.REFUND).first() if key else None
    rows = Refund.objects.select_related("payment")
    return rows.filter(pk=operation.subject).first() if operation else None


def _is_contradicted(refund: Refund, update: Update) -> bool:
    kind = _contradiction(refund, update)
    if kind is not None:
        _case(kind, refund, outcome=update.outcome.value, says=str(update.amount or ""))
    return kind is not None


def _contradiction(refund: Refund, update: Update) -> Case.Kind | None:
    if update.amount is not None and update.amount != refund.amount:
        same = update.amount.currency == refund.currency
        return Case.Kind.AMOUNT if same else Case.Kind.CURRENCY
    if update.ref and refund.processor_ref and update.ref != refund.processor_ref:
        return Case.Kind.BINDING
    if refund.state == State.SUCCEEDED and update.outcome in FAILED:
        return Case.Kind.REVERSED
    if refund.state == State.FAILED and update.outcome == Outcome.SUCCEEDED:
        return Case.Kind.CONTRADICTION
    return None


def _case(kind: Case.Kind, refund: Refund, **detail: str | int | None) -> None:
    open_case(
        kind,
        processor=refund.payment.processor,
        ref=f"refund {refund.pk}",
        payment=str(refund.payment_id),
        amount=str(refund.amount),
        problem=refund.problem,
        **detail,
    )


def _lines(refund: Refund) -> list[PaymentLine]:
    if not refund.ref:
        return []
    return list(refund.payment.lines.filter(ref=refund.ref).select_related("seller").order_by("id"))


def _live(payment: Payment) -> models.QuerySet[Refund]:
    return payment.refunds.exclude(state=State.FAILED)


def _sum(rows: models.QuerySet[Refund] | models.QuerySet[PaymentLine], field: str) -> int:
    return int(rows.aggregate(sum=Sum(field))["sum"] or 0)
