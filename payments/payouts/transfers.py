"""What a processor says about a payout that it was asked to send: the only writer of these states."""

from __future__ import annotations

import uuid

from django.db.models import Q
from django.utils.translation import gettext as _

from marketplace.lib.clock import now
from payments.cases import open_case
from payments.models import Case, Payout, PayoutMethod
from payments.payouts import failing
from payments.payouts import journals as payoutjournals
from payments.processors.base import Outcome, Update

State = Payout.State
UNDONE = {Outcome.FAILED, Outcome.CANCELED}


def apply(update: Update, processor: str) -> None:
    """Make the update true. Inside the caller's transaction; harmless when repeated.

    What is taken back as a whole is payable again; a part of it is a case, because only a person knows what it means.
    """
    payout = _find(update, processor)
    if payout is None:
        open_case(Case.Kind.STRANGER, processor=processor, ref=update.ref, about=update.kind)
        return
    if update.outcome in UNDONE:
        _undo(payout, update)
    elif payout.state == State.SENT and update.outcome in {Outcome.SUCCEEDED, Outcome.REVERSED}:
        _done(payout, update)
    elif payout.state not in {State.SENT, State.PAID} and _left_after_all(update):
        about = {"payout": str(payout.pk), "state": payout.state}
        open_case(Case.Kind.CONTRADICTION, processor=processor, ref=update.ref, **about)
    if payout.state == State.PAID and update.outcome == Outcome.REVERSED:
        _taken_back(payout, update)


def _left_after_all(update: Update) -> bool:
    """Money is there that we have given back to the seller already."""
    return update.outcome in {Outcome.SUCCEEDED, Outcome.REVERSED} and bool(update.amount)


def _find(update: Update, processor: str) -> Payout | None:
    """By our key or the processor's id, never by what does not belong to it."""
    by_key = _id(update.key)
    which = Q(pk=by_key) if by_key else Q(bank_reference=update.ref) & ~Q(bank_reference="")
    rows = Payout.objects.select_for_update(of=("self",)).select_related("seller", "method")
    payout = rows.filter(which, method__kind=processor).first()
    if payout is None or payout.bank_reference in {"", update.ref} or not update.ref:
        return payout
    return None


def _id(key: str | None) -> uuid.UUID | None:
    head, _colon, tail = (key or "").partition(":")
    try:
        return uuid.UUID(tail) if head == "payout" else None
    except ValueError:
        return None


def _done(payout: Payout, update: Update) -> None:
    """It exists at the processor. Another amount than was asked for is for a person."""
    payout.bank_reference = update.ref
    if update.outcome == Outcome.SUCCEEDED and update.amount is not None and update.amount != payout.sends:
        payout.save(update_fields=["bank_reference"])
        open_case(Case.Kind.AMOUNT, processor=payout.method.kind, ref=update.ref, payout=str(payout.pk))
        return
    payout.state, payout.paid_at = State.PAID, now()
    payout.save(update_fields=["state", "paid_at", "bank_reference"])
    PayoutMethod.objects.filter(pk=payout.method_id).update(failed_at=None)
    payoutjournals.paid(payout)


def _taken_back(payout: Payout, update: Update) -> None:
    left = payout.sends if update.amount is None else update.amount
    if left:
        about = {"payout": str(payout.pk), "left": str(left)}
        open_case(Case.Kind.REVERSED, processor=payout.method.kind, ref=update.ref, **about)
        return
    payoutjournals.came_back(payout, payout.sends)
    failing.note_failed(payout, str(_("The transfer was taken back.")))


def _undo(payout: Payout, update: Update) -> None:
    """Surely not sent: payable again. The account is looked at anew before the next one."""
    if payout.state != State.SENT:
        return
    failing.fail(payout, update.message or str(_("The processor refused it.")))
    PayoutMethod.objects.filter(pk=payout.method_id).update(verified_at=None)
