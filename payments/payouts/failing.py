"""Payouts that failed wait for their seller: reminders, then dormant."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from marketplace.lib.clock import now
from marketplace.models import User
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Payout, PayoutMethod
from payments.payouts import letters as payoutletters
from payments.payouts.journals import give_back

REMIND = tuple(dt.timedelta(days=days) for days in (1, 7, 30, 90))
DORMANT = dt.timedelta(days=180)
STEPS = (*REMIND, DORMANT)


def due(limit: int = 200) -> list[uuid.UUID]:
    """Ids of failed payouts whose seller has to hear of them again, or that are dormant now."""
    waiting = Payout.objects.filter(state=Payout.State.FAILED, remind_at__lte=now()).order_by("remind_at")
    return list(waiting.values_list("pk", flat=True)[:limit])


def fail(payout: Payout, problem: str, *, by: User | None = None) -> Payout:
    """It came back: payable again, and its seller gets a letter. The payout is locked; `by` is none for a processor."""
    give_back(payout, Payout.State.FAILED, problem)
    return note_failed(payout, problem, by=by)


def note_failed(payout: Payout, problem: str, *, by: User | None = None) -> Payout:
    """The state of one that came back, its first reminder and the letter; its journal is the caller's."""
    payout.state, payout.problem = Payout.State.FAILED, problem
    payout.failed_by, payout.failed_at = by, now()
    payout.remind_at = payout.failed_at + REMIND[0]
    payout.save(update_fields=["state", "problem", "failed_by", "failed_at", "remind_at"])
    PayoutMethod.objects.filter(pk=payout.method_id).update(failed_at=payout.failed_at)
    payoutletters.failed(payout, days=0)
    return payout


@transaction.atomic
def remind(payout_id: uuid.UUID) -> Payout | None:
    """The next letter about a failed payout; after 180 days it is dormant and listed for the operator instead.

    Its money stays payable. None when it is not due, or was asked for again.
    """
    rows = Payout.objects.select_for_update(of=("self",)).select_related("seller", "method")
    payout = rows.filter(pk=payout_id, state=Payout.State.FAILED, remind_at__lte=now()).first()
    if payout is None:
        return None
    assert payout.failed_at is not None
    if payout.followed_by_id or not balance(codes.seller(payout.seller_id, payout.currency)):
        payout.remind_at = None
    elif now() >= payout.failed_at + DORMANT:
        payout.dormant_at, payout.remind_at = now(), None
        payoutletters.dormant(payout)
    else:
        days = (now() - payout.failed_at).days
        payoutletters.failed(payout, days=days)
        payout.remind_at = next(payout.failed_at + step for step in STEPS if payout.failed_at + step > now())
    payout.save(update_fields=["remind_at", "dormant_at"])
    return payout
