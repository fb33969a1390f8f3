"""The only writer of a payment's state. Webhook, reply, poll and fetch all end in `apply`.

Exactly-once effects from at-least-once inputs: a repeated or outrun update changes nothing; one that
contradicts what is known opens a case and moves no money.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from payments import booking
from payments.calls.outbox import enqueue
from payments.cases import open_case, outrun
from payments.chargebacks import news as chargebacks
from payments.chargebacks import settling
from payments.errors import PayoutRefused, RefundRefused
from payments.ledger.posting import Draft, post_all
from payments.matching import find, is_contradicted
from payments.models import Case, Chargeback, Operation, Payment, Refund, Settlement
from payments.payouts import transfers
from payments.processors.base import Outcome, Update
from payments.refunds import life as refunds
from payments.refunds.keptfees import charge_kept_fees
from payments.treasury import record_settlement

State = Payment.State
MEANS = {
    Outcome.PENDING: State.PENDING,
    Outcome.ACTION: State.ACTION,
    Outcome.SEEN: State.SEEN,
    Outcome.PARTIAL: State.PARTIAL,
    Outcome.AUTHORIZED: State.AUTHORIZED,
    Outcome.SUCCEEDED: State.CAPTURED,
    Outcome.FAILED: State.FAILED,
    Outcome.CANCELED: State.CANCELED,
    Outcome.EXPIRED: State.EXPIRED,
}
CLOCKS_DIFFER = dt.timedelta(seconds=30)  # of the processor and ours
COUNTED = {State.ACTION, State.PARTIAL, State.SEEN}  # coin that is confirmed so far
OUT_OF_TIME = {State.LATE, State.UNDERPAID, State.RETURNING, State.RETURNED}
CHANGED = ["state", "processor_ref", "client", "problem", "received_minor", "fee_minor", "captured_at"]


@dataclass(frozen=True, slots=True)
class Change:
    """What an update did. `was` and `now` are the payment's states; `refund` and `chargeback` the
    one that moved, if one did."""

    payment: Payment
    was: str
    now: str
    refund: Refund | None = None
    chargeback: Chargeback | None = None


Follow = Callable[[Change], None]  # what the caller does about it, in the same transaction


@transaction.atomic
def apply(update: Update, *, processor: str) -> Change | None:
    """Make the update true here. None when there is nothing new or nothing that may be believed."""
    if update.kind == "payment":
        return _apply_to_payment(update, processor)
    if update.kind == "refund":
        return _apply_to_refund(update, processor)
    if update.kind == "dispute":
        return _apply_to_chargeback(update, processor)
    if update.kind == "payout":
        transfers.apply(update, processor)
    elif update.kind == "settlement":
        _apply_settlement(update, processor)
    else:
        open_case(Case.Kind.STRANGER, processor=processor, ref=update.ref, about=update.kind)
    return None


def _apply_to_chargeback(update: Update, processor: str) -> Change | None:
    moved = chargebacks.apply_update(update, processor=processor)
    state = moved.payment.state if moved is not None else ""
    return None if moved is None else Change(moved.payment, state, state, chargeback=moved)


def _apply_settlement(update: Update, processor: str) -> None:
    """Money that the processor paid into the bank account; more than it owes is for a person."""
    if update.outcome in {Outcome.FAILED, Outcome.REVERSED, Outcome.CANCELED}:
        known = Settlement.objects.filter(processor=processor, reference=update.ref).exists()
        if known:
            open_case(Case.Kind.REVERSED, processor=processor, ref=update.ref)
    if update.outcome != Outcome.SUCCEEDED or update.amount is None:
        return
    try:
        record_settlement(processor=processor, reference=update.ref, amount=update.amount)
    except PayoutRefused as error:
        open_case(Case.Kind.AMOUNT, processor=processor, ref=update.ref, says=str(error))
    else:
        outrun(Case.Kind.AMOUNT, processor=processor, ref=update.ref, note=_("It is in the books by now."))


def _apply_to_payment(update: Update, processor: str) -> Change | None:
    payment = find(update, processor)
    if payment is None or is_contradicted(payment, update):
        return None
    before = _Before(State(payment.state), payment.received, payment.fee_minor)
    payment.processor_ref = payment.processor_ref or update.ref
    _tell_buyer(payment, update)
    books = _move(payment, update)
    books += _fee(payment, update, has_money=bool(books) or before.state == State.CAPTURED)
    payment.save(update_fields=CHANGED)
    if books:
        post_all(books)
        _follow_the_money(payment, before)
    return Change(payment, before.state, payment.state) if payment.state != before.state else None


@dataclass(frozen=True, slots=True)
class _Before:
    state: State
    received: Money
    fee_minor: int | None


def _follow_the_money(payment: Payment, before: _Before) -> None:
    """What new journals entail: rows for netting, a fee that a seller owes, money that goes back."""
    if payment.state == State.CAPTURED and before.state != State.CAPTURED:
        crossings = booking.crossings(payment, payment.lines.select_related("seller"))
        booking.record(f"capture:{payment.pk}", payment, crossings)
    if payment.fee_minor != before.fee_minor:
        charge_kept_fees(payment)
    if payment.state == State.CAPTURED and booking.excess(payment):
        open_case(Case.Kind.BY_HAND, processor=payment.processor, ref=f"paid too much: payment {payment.pk}")
    if payment.state in OUT_OF_TIME:
        _return(payment)


def _tell_buyer(payment: Payment, update: Update) -> None:
    if update.client:
        payment.client = {**payment.client, **update.client}
    if update.message or update.outcome in {Outcome.ACTION, Outcome.AUTHORIZED, Outcome.SUCCEEDED}:
        payment.problem = update.message


def _move(payment: Payment, update: Update) -> list[Draft]:
    """Set the state that the update means and return the journals of the money that came with it."""
    if payment.state in Payment.OPEN:
        return _move_open(payment, update)
    if payment.state == State.CAPTURED:
        again = update.amount if update.outcome == Outcome.SUCCEEDED else None
        return _received_more(payment, again, booking.more)
    return _move_closed(payment, update)


def _move_open(payment: Payment, update: Update) -> list[Draft]:
    amount = payment.received if update.amount is None else update.amount
    state = _meant(payment, update, amount)
    if state != payment.state and state not in Payment.NEXT[payment.state]:
        return []
    payment.state = state
    if state == State.CAPTURED:
        payment.captured_at, payment.received_minor = now(), amount.amount
        return [booking.capture(payment, list(payment.lines.all()), amount)]
    payment.received_minor = 0  # what was seen before is not booked
    if state in {State.LATE, State.UNDERPAID}:
        return _received_more(payment, amount, booking.set_aside)
    if state in COUNTED:
        payment.received_minor = amount.amount
    return []


def _meant(payment: Payment, update: Update, amount: Money) -> State:
    state = MEANS[update.outcome]
    if state == State.EXPIRED and amount:
        return State.UNDERPAID
    if state == State.CAPTURED and (_paid_otherwise(payment) or _is_out_of_date(payment, update)):
        return State.LATE
    return state


def _is_out_of_date(payment: Payment, update: Update) -> bool:
    """Whether it was authorized after its quote had expired, by the processor's own clock."""
    return update.occurred_at is not None and update.occurred_at > payment.expires_at + CLOCKS_DIFFER


def _paid_otherwise(payment: Payment) -> bool:
    others = Payment.objects.filter(ref=payment.ref, state=State.CAPTURED)
    return others.exclude(pk=payment.pk).exists()


def _move_closed(payment: Payment, update: Update) -> list[Draft]:
    """Money that came after the end goes to suspense; all else is old news."""
    if update.outcome == Outcome.AUTHORIZED:
        key = f"void:{payment.pk}"
        enqueue(Operation.Kind.CANCEL, processor=payment.processor, key=key, subject=payment.pk)
        return []
    books = _received_more(payment, update.amount, booking.set_aside)
    first = payment.state in {State.EXPIRED, State.CANCELED}
    completed = payment.state == State.UNDERPAID and update.outcome == Outcome.SUCCEEDED
    if books and (first or completed):
        payment.state = State.LATE
    return books


def _received_more(payment: Payment, amount: Money | None, draft: Callable[[Payment, Money], Draft]) -> list[Draft]:
    if amount is None or amount <= payment.received:
        return []
    books = [draft(payment, amount)]
    payment.received_minor = amount.amount
    return books


def _fee(payment: Payment, update: Update, *, has_money: bool) -> list[Draft]:
    if update.fee is None or not has_money:
        return []
    if payment.fee_minor is not None:
        if payment.fee_minor != update.fee.amount:
            says = f"fee {update.fee}"
            open_case(Case.Kind.AMOUNT, processor=payment.processor, ref=update.ref, says=says)
        return []
    payment.fee_minor = update.fee.amount
    return [booking.fee(payment, update.fee)] if update.fee else []


def _return(payment: Payment) -> None:
    """Cards go back at once; coin waits for the buyer's address in the state it is in."""
    refund = refunds.return_money(payment)
    if refund is not None and refund.state == Refund.State.REQUESTED:
        _returning(payment)


def _returning(payment: Payment) -> None:
    if State.RETURNING in Payment.NEXT[payment.state]:
        payment.state = State.RETURNING
        payment.save(update_fields=["state"])


def _apply_to_refund(update: Update, processor: str) -> Change | None:
    refund = refunds.apply_update(update, processor=processor)
    if refund is not None:
        settling.recover(refund)
    return None if refund is None else _refund_moved(refund)


@transaction.atomic
def sent_by_hand(
    refund: Refund, *, by: User, reference: str, final: bool = True, sent: Money | None = None
) -> Change | None:
    """A person sent the refund outside of the processor; `reference` is what finds it there.

    `sent`: the amount that was found there, where one was looked up. While that is not `final` it is booked as
    sent, and an operation looks until it is.
    """
    refund = Refund.objects.select_for_update(of=("self",)).select_related("payment").get(pk=refund.pk)
    if refund.state not in {Refund.State.REQUESTED, Refund.State.FAILED} or not reference.strip():
        raise RefundRefused(f"Refund {refund.pk} is {refund.state}, or has no reference.")
    known = refunds.of_reference(refund.payment.processor, reference.strip())
    if known is not None and known.pk != refund.pk:
        raise RefundRefused(f"{reference.strip()} is the reference of another refund.")
    if refund.state == Refund.State.FAILED:
        refund.state, refund.attempt = Refund.State.REQUESTED, refund.attempt + 1
    refund.processor_ref, refund.requested_by = reference.strip()[:128], by
    if sent is not None and sent != refund.sends:
        assert refund.prices.filter(sends_minor=sent.amount).exists(), "an amount that was locked for it"
        refund.sends_minor = sent.amount
    refund.save(update_fields=["state", "attempt", "processor_ref", "requested_by", "sends_minor"])
    if not final:
        refunds.reserve(refund)
        key = f"fetch:{booking.refund_key(refund)}"
        enqueue(Operation.Kind.FETCH, processor=refund.payment.processor, key=key, subject=refund.pk)
        return None
    moved = refunds.succeed(refund)
    return None if moved is None else _refund_moved(moved)


def _refund_moved(refund: Refund) -> Change:
    payment = Payment.objects.select_for_update().get(pk=refund.payment_id)
    was = payment.state
    if not refund.ref:
        _returning(payment)
    if payment.state == State.RETURNING and refunds.is_all_back(payment):
        payment.state = State.RETURNED
        payment.save(update_fields=["state"])
    return Change(payment, was, payment.state, refund)
