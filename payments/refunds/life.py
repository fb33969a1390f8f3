"""Sending money back: asking for it, booking it, and what the processor says about it.

A refund is booked when it is sent, so that the money is reserved, and unbooked when it fails.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from fx.money import COINS, Money
from marketplace.lib.clock import now
from marketplace.models import User
from payments import booking
from payments.calls.outbox import enqueue
from payments.cases import open_case
from payments.chargebacks.claims import is_with_the_bank
from payments.errors import RefundRefused
from payments.ledger import codes
from payments.ledger.posting import post_all, posted
from payments.models import Case, Chargeback, Operation, Payment, Refund, RefundLine
from payments.netting import rebates
from payments.processors import registry
from payments.processors.base import Can, Outcome, Update
from payments.refunds import addresses
from payments.refunds.keptfees import charge_kept_fees
from payments.refunds.refundable import Parts, Take, left, owed_for, pay_of, take
from payments.screening import decisions as screening
from payments.sellers.payable import lock_seller

State = Refund.State
OUT_OF_TIME = "out_of_time"
TAKEN = "chargeback"
FAILED = {Outcome.FAILED, Outcome.CANCELED, Outcome.EXPIRED, Outcome.REVERSED}


@transaction.atomic
def request_refund(
    *,
    payment: Payment,
    ref: str,
    reason: str,
    by: User | None = None,
    parts: Parts | None = None,
    commission: Money | None = None,
) -> Refund:
    """Send back `parts` of what the buyer paid for the order `ref`; none: all that is left.

    It is owed in the money that was paid, or in the order's currency where the payment's terms say so.

    What was released comes back from the seller: it becomes their debt, less the `commission` that the
    platform gives up. With a reason of `SELLERS_FAULT` the seller owes the fee that the processor keeps.
    A payment in coin waits for the buyer's address. RefundRefused when so much is not left.
    """
    payment = Payment.objects.select_for_update(of=("self",)).select_related("quote").get(pk=payment.pk)
    if payment.state != Payment.State.CAPTURED:
        raise RefundRefused(f"Payment {payment.pk} is {payment.state}: there is nothing to refund.")
    _not_with_the_bank(payment)
    taken = take(left(payment, ref), parts)
    _worth_sending(payment, taken, part=parts is not None)
    released = posted(f"release:{ref}") is not None
    minor = pay_of(taken, payment.currency).amount
    given_up = commission.amount if commission is not None and released else 0
    refund = _create(payment, ref, minor, reason, by, commission_minor=given_up, owed=owed_for(taken, payment))
    RefundLine.objects.bulk_create(_line(refund, one, released=released) for one in taken)
    if refund.state == State.REQUESTED:
        _send(refund)
    charge_kept_fees(payment)
    rebates.follow(payment, ref)
    return refund


def _worth_sending(payment: Payment, taken: Sequence[Take], *, part: bool) -> None:
    """A part of a coin has to be worth sending; all that is left is owed however little it is."""
    if payment.currency not in COINS or not part:
        return
    pay, least = pay_of(taken, payment.currency), Money(registry.dust_of(payment.processor), payment.currency)
    if pay < least or not owed_for(taken, payment):
        raise RefundRefused(
            _("This would be %(amount)s, which is too little to send. Give back more at once, at least %(least)s.")
            % {"amount": pay, "least": max(least, Money(1, least.currency))}
        )


def _not_with_the_bank(payment: Payment) -> None:
    if is_with_the_bank(payment):
        raise RefundRefused(
            _("The bank of the buyer has taken this money back and decides whose it is. Until then nothing else moves.")
        )


def covered_by(chargeback: Chargeback, takes: Sequence[Take], *, ref: str, commission: Money | None) -> Refund:
    """What the bank took of the order `ref`, as a refund that has arrived."""
    payment, released = chargeback.payment, posted(f"release:{ref}") is not None
    given_up = commission.amount if commission is not None and released else 0
    refund = _create(
        payment, ref, pay_of(takes, payment.currency).amount, TAKEN, None, commission_minor=given_up, by_bank=chargeback
    )
    RefundLine.objects.bulk_create(_line(refund, one, released=released) for one in takes)
    succeed(refund)
    rebates.follow(payment, ref)
    return refund


def waiting(payment: Payment) -> list[Refund]:
    """Refunds that are promised and were not sent, or came back: a bank that takes the money carries them out."""
    states = (State.REQUESTED, State.NEEDS_ADDRESS, State.FAILED)
    rows = payment.refunds.select_for_update(of=("self",)).select_related("payment__quote")
    return list(rows.filter(state__in=states).order_by("created_at", "pk"))


def carried_out_by(chargeback: Chargeback, refund: Refund) -> None:
    """The bank took what this refund promised: it has arrived, and no try of it is made any more."""
    if refund.state == State.FAILED:
        refund.attempt += 1
    refund.state, refund.chargeback, refund.processor_ref, refund.problem = State.REQUESTED, chargeback, "", ""
    refund.save()
    succeed(refund)


def _line(refund: Refund, one: Take, *, released: bool) -> RefundLine:
    account = one.line.account
    if released and account.startswith("hold:"):
        assert one.line.seller_id is not None, "what is held is a seller's"
        account = codes.seller_debt(one.line.seller_id, one.target.currency).code
    return RefundLine(
        refund=refund,
        line=one.line,
        account=account,
        target_minor=one.target.amount,
        pay_minor=one.pay.amount,
        value_minor=one.value.amount,
    )


def return_money(payment: Payment) -> Refund | None:
    """Send back all money of a payment out of time that is not on its way yet."""
    rest = payment.received_minor - _sum(_live(payment), "amount_minor")
    if rest <= 0:
        return None
    refund = _create(payment, "", rest, OUT_OF_TIME, None)
    if refund.state == State.REQUESTED:
        _send(refund)
    if refund.state == State.NEEDS_ADDRESS:
        _case(Case.Kind.OUT_OF_TIME, refund)
    return refund


@transaction.atomic
def give_refund_address(refund: Refund, *, destination: str) -> Refund:
    """The buyer said where coin goes, or another place while nobody is about to send it.

    RefundRefused when the refund does not wait for that, or the address cannot be the buyer's own.
    """
    refund = Refund.objects.select_for_update(of=("self",)).select_related("payment__user").get(pk=refund.pk)
    if not addresses.may_change(refund):
        raise RefundRefused(_("This refund does not wait for an address any more."))
    destination = destination.strip()
    addresses.check(refund, destination)
    asked_before = refund.state == State.REQUESTED
    if asked_before:
        refund.screenings.all().delete()  # they were about another address
    refund.destination, refund.state, refund.remind_at = destination, State.REQUESTED, None
    refund.save(update_fields=["destination", "state", "remind_at"])
    screening.look(refund)
    if not asked_before:
        _send(refund)
    return refund


@transaction.atomic
def retry_refund(refund: Refund, *, by: User) -> Refund:
    """Try a failed refund again, with a key of its own."""
    refund = Refund.objects.select_for_update(of=("self",)).select_related("payment").get(pk=refund.pk)
    if refund.state != State.FAILED:
        raise RefundRefused(f"Refund {refund.pk} is {refund.state}; only failed ones are retried.")
    _not_with_the_bank(refund.payment)
    refund.state, refund.attempt = State.REQUESTED, refund.attempt + 1
    refund.processor_ref, refund.problem, refund.requested_by = "", "", by
    refund.save()
    _send(refund)
    return refund


def reserve(refund: Refund) -> None:
    """Book the refund as sent; harmless when it is. LedgerRefused when its money is gone."""
    if refund.state != State.REQUESTED:
        return
    if not refund.is_priced:
        raise RefundRefused(_("This refund is owed by value. Lock the amount of coin first."))
    lines = _locked_lines(refund)
    draft = booking.refund(refund, lines)
    post_all([draft])
    booking.record(draft.key, refund.payment, booking.crossings_back(refund, lines))
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
        lines = _locked_lines(refund)
        draft = booking.reverse(booking.refund(refund, lines))
        post_all([draft])
        there = (crossing.back for crossing in booking.crossings_back(refund, lines))
        booking.record(draft.key, refund.payment, there)
    refund.state, refund.problem = State.FAILED, problem
    refund.save(update_fields=["state", "problem"])
    _case(Case.Kind.REFUSED, refund)
    return refund


def is_all_back(payment: Payment) -> bool:
    back = payment.refunds.filter(state=State.SUCCEEDED)
    return _sum(back, "amount_minor") >= payment.received_minor


def _create(
    payment: Payment,
    ref: str,
    minor: int,
    reason: str,
    by: User | None,
    *,
    commission_minor: int = 0,
    by_bank: Chargeback | None = None,
    owed: Money | None = None,
) -> Refund:
    by_value = owed is not None and owed.currency != payment.currency and bool(owed)
    return Refund.objects.create(
        payment=payment,
        ref=ref,
        reason=reason,
        currency=payment.currency,
        amount_minor=minor,
        sends_minor=None if by_value or not ref else _short(payment, minor),
        value_currency=owed.currency if owed is not None and by_value else "",
        value_minor=owed.amount if owed is not None and by_value else None,
        commission_minor=commission_minor,
        requested_by=by,
        chargeback=by_bank,
        state=State.NEEDS_ADDRESS if payment.currency in COINS else State.REQUESTED,
        remind_at=now() + addresses.REMIND[0] if payment.currency in COINS else None,
    )


def _short(payment: Payment, minor: int) -> int | None:
    """What leaves for `minor` where less coin came than was due: no more than came. None: all of it."""
    if payment.received_minor >= payment.amount_minor:
        return None
    gone = _sum(payment.refunds.all(), "amount_minor")
    came, due = payment.received_minor, payment.amount_minor
    return max(came * (gone + minor) // due - came * gone // due, 1)


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
    if update.amount is not None and update.amount != refund.sends:
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
        amount=str(refund.owed),
        problem=refund.problem,
        **detail,
    )


def _locked_lines(refund: Refund) -> list[RefundLine]:
    """Its lines; the seller is locked first where a debt changes."""
    lines = list(refund.lines.select_related("line__seller").order_by("line_id"))
    for line in lines:
        if line.account.endswith(":debt") and line.line.seller_id is not None:
            lock_seller(line.line.seller_id)
    return lines


def _live(payment: Payment) -> models.QuerySet[Refund]:
    return payment.refunds.exclude(state=State.FAILED)


def _sum(rows: models.QuerySet[Refund], field: str) -> int:
    return int(rows.aggregate(sum=Sum(field))["sum"] or 0)
