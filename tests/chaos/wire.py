"""Asking over HTTP on the loopback address: no proxy, no retry, no session."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

FAILED = (OSError, http.client.HTTPException, ValueError)  # no answer, or half of one
SECONDS = 30.0
STRIPE = {"Authorization": "Bearer sk_test_demo"}


def ask(port: int, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Any:
    """(status, JSON). Raises one of FAILED."""
    sent = None if body is None else json.dumps(body)
    return _ask(port, method, path, sent, {"Content-Type": "application/json", **(headers or {})})


def confirm(port: int, intent: str) -> tuple[int, Any]:
    """Pay a PaymentIntent at the double with a test card, as the card form in the browser would."""
    form = urlencode({"payment_method": "pm_card_de", "return_url": "http://127.0.0.1/back/"})
    headers = {"Content-Type": "application/x-www-form-urlencoded", **STRIPE}
    return _ask(port, "POST", f"/v1/payment_intents/{intent}/confirm", form, headers)


def page(port: int, path: str) -> tuple[int, str]:
    """(status, text); 0 when nobody answers."""
    try:
        status, data = send(port, "GET", path, None, {})
    except FAILED:
        return 0, ""
    return status, data.decode(errors="replace")


def _ask(port: int, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> tuple[int, Any]:
    status, data = send(port, method, path, body, headers)
    return status, json.loads(data)


def send(port: int, method: str, path: str, body: str | bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
