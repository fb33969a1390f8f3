"""Webhooks: kept once when they arrive, applied later. What they say is never believed but fetched."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from django.db import transaction
from django.db.models import F, QuerySet

from marketplace.lib.clock import now
from marketplace.lib.failpoints import reach
from payments import machine
from payments.calls.operations import LOCK, backoff
from payments.cases import open_case
from payments.machine import Change, Follow
from payments.models import Case, InboxEvent
from payments.processors import registry
from payments.processors.base import Update

AT_ONCE = 50
GIVE_UP = 14  # tries, over about five hours
FETCHED = {"payment", "refund", "payout", "settlement", "dispute"}


def receive(slug: str, body: bytes, headers: Mapping[str, str]) -> InboxEvent | None:
    """Keep a webhook of the processor `slug`; one that came before is the same row.

    None for a genuine one that is about nothing of ours. Raises BadSignature, NoProcessor, and
    whatever a hostile body makes of the parser.
    """
    updates = registry.get(slug).parse_webhook(body, headers)
    if not updates:
        return None
    event_id = updates[0].event_id or hashlib.sha256(body).hexdigest()
    news = [{"kind": found.kind, "ref": found.ref, "key": found.key} for found in updates]
    kept = {name: value for name, value in headers.items() if "signature" in name.lower()}
    event = InboxEvent(processor=slug, event_id=event_id, body=body, headers=kept, news=news)
    InboxEvent.objects.bulk_create([event], ignore_conflicts=True)
    return InboxEvent.objects.get(processor=slug, event_id=event_id)


def due_events(limit: int = AT_ONCE) -> list[int]:
    """Ids of what can be applied now, the longest waiting first."""
    return list(_due().order_by("run_at").values_list("pk", flat=True)[:limit])


def process(event_id: int, *, follow: Follow | None = None) -> list[Change]:
    """Fetch what the event is about and apply it, all in one transaction. Empty when not due.

    An error is stored with the next try's time and raised. Never call it inside a transaction.
    """
    event = _claim(event_id)
    if event is None:
        return []
    try:
        updates = _fetch(event)
        reach("news fetched")
        changes = _apply(event, updates, follow)
    except Exception as error:
        _again(event, f"{type(error).__name__}: {error}")
        raise
    reach("news applied")
    return changes


def _due() -> QuerySet[InboxEvent]:
    return InboxEvent.objects.filter(processed_at=None, dead_at=None, run_at__lte=now())


def _claim(event_id: int) -> InboxEvent | None:
    """Ours for as long as a try may take: a conditional update, so that one worker wins."""
    later = now() + LOCK
    taken = _due().filter(pk=event_id).update(run_at=later, attempts=F("attempts") + 1)
    return InboxEvent.objects.get(pk=event_id) if taken else None


def _fetch(event: InboxEvent) -> list[Update]:
    processor = registry.get(event.processor)
    updates = []
    for about in event.news:
        found = None
        if about["kind"] in FETCHED:
            found = processor.fetch(about["ref"], kind=about["kind"], key=about["key"])
        if found is not None:
            updates.append(found)
        else:
            _unknown(event, about)
    return updates


@transaction.atomic(durable=True)
def _apply(event: InboxEvent, updates: list[Update], follow: Follow | None) -> list[Change]:
    event = InboxEvent.objects.select_for_update().get(pk=event.pk)
    if event.processed_at is not None:
        return []
    applied = [machine.apply(update, processor=event.processor) for update in updates]
    changes = [change for change in applied if change is not None]
    for change in changes:
        if follow is not None:
            follow(change)
    event.processed_at, event.error = now(), ""
    event.save(update_fields=["processed_at", "error"])
    return changes


def _again(event: InboxEvent, error: str) -> None:
    event.error, event.run_at = error, now() + backoff(event.attempts)
    if event.attempts >= GIVE_UP:
        event.dead_at = now()
        open_case(Case.Kind.DEAD, processor=event.processor, ref=event.event_id, error=error)
    event.save(update_fields=["error", "run_at", "dead_at"])


def _unknown(event: InboxEvent, about: Mapping[str, str | None]) -> None:
    """What the processor itself does not find: for a person."""
    ref = about["ref"] or event.event_id
    open_case(Case.Kind.STRANGER, processor=event.processor, ref=ref, about=about["kind"])
