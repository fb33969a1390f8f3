"""The door for processors' webhooks: verify, keep, answer. What it means is looked at later."""

from __future__ import annotations

import logging

from celery import current_app
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from marketplace.lib import away
from marketplace.lib.bell import ring
from marketplace.lib.failpoints import reach
from payments import inbox
from payments.processors import registry
from payments.processors.base import Can

log = logging.getLogger(__name__)
LONGEST = 256 * 1024  # bytes; the largest event of any processor is far smaller
DRAIN = "orders.tasks.drain_inbox"  # by name: orders stands above this app


@csrf_exempt
@require_POST
def receive(request: HttpRequest, slug: str) -> HttpResponse:
    """200: kept, now or before, or genuine and of no interest. 400: not provably the processor's,
    or unreadable. 404: no such processor. 413: too long. Never 500 for what a stranger sends."""
    if Can.WEBHOOK not in registry.can(slug):
        return HttpResponse(status=404)
    if _length(request) > LONGEST:
        return HttpResponse(status=413)
    try:
        event = inbox.receive(slug, request.body, dict(request.headers))
    except Exception as error:  # whatever a hostile body makes of a parser
        if away.sentence_for(error) is not None:  # ours: it will be sent again
            return HttpResponse(status=503)
        log.warning("A webhook for %s was refused: %s: %s", slug, type(error).__name__, error)
        return HttpResponse(status=400)
    reach("webhook kept")
    if event is not None and event.processed_at is None:
        ring(current_app.signature(DRAIN))
    return HttpResponse(status=200)


def _length(request: HttpRequest) -> int:
    """What the client says: without it Django reads nothing; nonsense counts as too long."""
    text = request.headers.get("Content-Length") or "0"
    return int(text) if text.isascii() and text.isdigit() else LONGEST + 1
