"""What buyers' banks ask back: the processor's news becomes rows and journals. Orders follow in `settling`.

While the bank has the money it is on `disputed:…`, ours to win or lose; what is held, payable or spent stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from fx.money import Money
from marketplace.lib.clock import now
from payments.cases import open_case
from payments.chargebacks.claims import keep_back
from payments.ledger import codes
from payments.ledger.posting import Draft, Leg, post_all
from payments.models import Case, Chargeback, Payment
from payments.processors.base import Claim, Outcome, Update

Kind, State = Chargeback.Kind, Chargeback.State
MEANS = {
    Outcome.ACTION: State.OPENED,
    Outcome.PENDING: State.SUBMITTED,
    Outcome.SUCCEEDED: State.WON,
    Outcome.CANCELED: State.CLOSED,
    Outcome.REVERSED: State.LOST,
}
CHANGED = [
    "kind", "state", "reason", "amount_minor", "withdrawn_minor", "moves", "fee_minor", "fee_currency", "due_at",
    "taken_at", "closed_at", "settled_at",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _News:
    """Checked news of one chargeback: in the payment's currency, and about a payment of ours."""

    ref: str
    state: Chargeback.State
    asked: Money
    claim: Claim


@transaction.atomic
def apply_update(update: Update, *, processor: str) -> Chargeback | None:
    """Make the processor's news of a dispute true here. None when nothing moved, or a case says why it may not be."""
    claim = update.claim
    payment = _payment(processor, claim.payment) if claim is not None else None
    if claim is None or payment is None:
        kind = Case.Kind.REVERSED if claim is None else Case.Kind.STRANGER
        open_case(kind, processor=processor, ref=update.ref, about=update.kind)
        return None
    if update.amount is None or {update.amount.currency, claim.withdrawn.currency} != {payment.currency}:
        open_case(Case.Kind.CURRENCY, processor=processor, ref=update.ref, payment=str(payment.pk))
        return None
    news = _News(update.ref, State(MEANS.get(update.outcome, State.OPENED)), update.amount, claim)
    chargeback, is_new = _known(payment, processor, news)
    return chargeback if _moved(chargeback, news) or is_new else None


def _payment(processor: str, ref: str) -> Payment | None:
    """The payment, locked: refunds, releases and news of its chargebacks come one after the other."""
    mine = Payment.objects.select_for_update(of=("self",)).select_related("quote")
    return mine.filter(processor=processor, processor_ref=ref).first() if ref else None


def _known(payment: Payment, processor: str, news: _News) -> tuple[Chargeback, bool]:
    kind = Kind.INQUIRY if news.claim.inquiry else Kind.CHARGEBACK
    fresh = {"payment": payment, "kind": kind, "reason": news.claim.reason[:64], "due_at": news.claim.due_at}
    money = {"currency": payment.currency, "amount_minor": news.asked.amount}
    return Chargeback.objects.get_or_create(processor=processor, processor_ref=news.ref, defaults=fresh | money)


def _moved(chargeback: Chargeback, news: _News) -> bool:
    """Whether it did. Old news is known by `moves`, or by a state that it cannot go back to."""
    claim, before = news.claim, (chargeback.state, chargeback.kind, chargeback.moves)
    again = claim.moves > chargeback.moves
    if claim.moves < chargeback.moves or not _may(chargeback, news.state, again=again):
        return False
    gave_up = _gave_up(chargeback)
    books = _books(chargeback, news, gave_up=gave_up)
    chargeback.kind = Kind.INQUIRY if claim.inquiry and not claim.moves else Kind.CHARGEBACK
    chargeback.reason, chargeback.due_at = claim.reason[:64], claim.due_at
    chargeback.amount_minor, chargeback.moves = news.asked.amount, claim.moves
    _enter(chargeback, news.state, gave_up=gave_up)
    chargeback.save(update_fields=CHANGED)
    if books:
        post_all(books)
    if chargeback.settled_at is None:
        keep_back(chargeback)
    return before != (chargeback.state, chargeback.kind, chargeback.moves)


def _gave_up(chargeback: Chargeback) -> bool:
    """Whether it was lost and the orders have paid for it: what comes back then belongs to nobody yet."""
    lost = chargeback.state in {State.LOST, State.ACCEPTED} and chargeback.kind == Kind.CHARGEBACK
    return lost and chargeback.settled_at is not None


def _may(chargeback: Chargeback, state: Chargeback.State, *, again: bool) -> bool:
    was = chargeback.state
    if state == State.LOST and was == State.ACCEPTED:
        return True
    return state == was or state in Chargeback.NEXT[was] or (again and state in Chargeback.AGAIN[was])


def _enter(chargeback: Chargeback, state: Chargeback.State, *, gave_up: bool) -> None:
    """A bank that begins again stops the orders again."""
    if state == State.LOST and chargeback.accepted_by_id is not None:
        state = State.ACCEPTED
    if state == chargeback.state:
        return
    was, chargeback.state = chargeback.state, state
    ended = state not in Chargeback.OPEN
    chargeback.closed_at = now() if ended else None
    if was not in Chargeback.OPEN and not gave_up:
        chargeback.settled_at = None


def _books(chargeback: Chargeback, news: _News, *, gave_up: bool) -> list[Draft]:
    """Money that left to the bank, or came back, since the last news; and what the processor keeps for its work."""
    return [draft for draft in (_taken(chargeback, news, gave_up=gave_up), _fee(chargeback, news)) if draft is not None]


def _taken(chargeback: Chargeback, news: _News, *, gave_up: bool) -> Draft | None:
    claim, gone = news.claim, news.claim.withdrawn.amount - chargeback.withdrawn_minor
    if not gone:
        return None
    if claim.moves == chargeback.moves:
        says = f"{claim.withdrawn} is taken, {chargeback.withdrawn} was, without a movement between"
        open_case(Case.Kind.AMOUNT, processor=chargeback.processor, ref=chargeback.processor_ref, says=says)
        return None
    chargeback.withdrawn_minor = claim.withdrawn.amount
    if gone > 0:
        chargeback.taken_at = now()
    legs: list[Leg] = [
        (_kept_for_nobody(chargeback) if gave_up else codes.disputed(chargeback.processor, chargeback.currency), gone),
        (codes.clearing(chargeback.processor, chargeback.currency), -gone),
    ]
    return Draft(f"chargeback:{chargeback.pk}:{claim.moves}", "chargeback", str(chargeback.pk), legs)


def _kept_for_nobody(chargeback: Chargeback) -> codes.Code:
    """The orders have gone on without it: a person decides whose it is."""
    says = "The bank gave it back after it was lost: decide whose it is."
    open_case(Case.Kind.REVERSED, processor=chargeback.processor, ref=chargeback.processor_ref, says=says)
    return codes.suspense(chargeback.processor, chargeback.currency)


def _fee(chargeback: Chargeback, news: _News) -> Draft | None:
    fee = news.claim.fee
    if fee is None or (chargeback.fee_currency and fee.currency != chargeback.fee_currency):
        return None
    more = fee.amount - chargeback.fee_minor
    chargeback.fee_minor, chargeback.fee_currency = fee.amount, fee.currency
    if not more:
        return None
    legs: list[Leg] = [
        (codes.expense(chargeback.processor, fee.currency), more),
        (codes.clearing(chargeback.processor, fee.currency), -more),
    ]
    key = f"chargeback:{chargeback.pk}:fee:{news.claim.moves}:{fee.amount}"
    return Draft(key, "chargeback_fee", str(chargeback.pk), legs)
