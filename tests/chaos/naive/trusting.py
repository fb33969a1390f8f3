"""A webhook is booked when it is heard, under a key of the moment; that it was applied is noted after that."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from marketplace.lib.failpoints import reach
from payments import booking, inbox, machine
from payments.ledger.posting import Draft, post, post_all
from payments.machine import Change, Follow
from payments.models import Payment
from payments.processors.base import Outcome, Update
from tests.chaos.naive import Patch


def process(event_id: int, *, follow: Follow | None = None) -> list[Change]:
    event = inbox._claim(event_id)
    if event is None:
        return []
    updates = inbox._fetch(event)
    for update in updates:
        _book(update)
    reach("news fetched")
    changes = inbox._apply(event, updates, follow)
    reach("news applied")
    return changes


def _book(update: Update) -> None:
    payment = Payment.objects.filter(processor_ref=update.ref).first()
    if payment is None or update.outcome != Outcome.SUCCEEDED or update.amount is None:
        return
    draft = booking.capture(payment, list(payment.lines.all()), update.amount)
    post(f"capture:{uuid.uuid4()}", draft.kind, draft.ref, draft.legs)


def all_but_captures(drafts: Sequence[Draft]) -> list[int]:
    """They are booked already."""
    return post_all([draft for draft in drafts if draft.kind != "capture"])


PATCHES: list[Patch] = [(inbox, "process", process), (machine, "post_all", all_but_captures)]
