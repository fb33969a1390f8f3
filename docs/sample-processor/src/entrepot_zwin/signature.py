"""Webhooks: `Zwin-Signature: t=1764324000,v1=<hex>`, the HMAC-SHA256 of `t.body`, made anew for each delivery."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from payments.processors import BadSignature, Outcome, Update, now

FRESH = 300  # seconds: a recorded delivery is worth nothing later
KINDS = {"payment", "refund", "settlement"}


def sign(body: bytes, at: int, secret: str) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def verified(body: bytes, header: str, secrets: Sequence[str]) -> dict[str, Any]:
    """The event. BadSignature unless one of our secrets signed it, lately."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    moment, given = parts.get("t", ""), parts.get("v1", "")
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 12):
        raise BadSignature("Zwin-Signature has no time.")
    good = [hmac.compare_digest(given.encode(), sign(body, int(moment), secret).encode()) for secret in secrets]
    if not any(good):
        raise BadSignature("Zwin-Signature is not Zwin's. Is PROCESSOR_ZWIN_WEBHOOK_SECRET the endpoint's own?")
    if abs(now().timestamp() - int(moment)) > FRESH:
        raise BadSignature(f"Zwin-Signature is of {moment}: more than {FRESH} s ago, or to come.")
    event: dict[str, Any] = json.loads(body)
    return event


def news(event: dict[str, Any]) -> list[Update]:
    """Which object moved. Its state is not believed: Entrepôt fetches it, so old and repeated news does no harm."""
    about = event["about"]
    if about["kind"] not in KINDS:
        return []
    return [Update(about["kind"], about["id"], Outcome.PENDING, key=about.get("key"), event_id=event["id"])]
