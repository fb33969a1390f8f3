"""Signed events on their way to the endpoint: retried until taken; on request late, doubled or out of order."""

from __future__ import annotations

import heapq
import http.client
import json
import threading
import time
import urllib.request
from typing import TYPE_CHECKING

import stripe

from payments.doubles.stripe.store import Obj, stamp

if TYPE_CHECKING:
    from payments.doubles.stripe.double import Double

FIRST_RETRY, LONGEST_RETRY = 0.5, 30.0
TIMEOUT = 10
PATIENCE = 3 * 86400  # seconds after which an event is given up, like the real one's


def signed(event: Obj, secret: str, *, at: int | None = None) -> tuple[bytes, str]:
    """The body of `event` and its Stripe-Signature header, made `at` a second since 1970."""
    body = json.dumps(event, indent=2)
    header: str = stripe.WebhookSignature.generate_signature_header(body, secret, at or stamp())
    return body.encode(), header


class Sender:
    """One background thread. `delay`, `copies` and `reorder` are the switches; `paused` keeps everything."""

    def __init__(self, double: Double, url: str) -> None:
        self.double, self.url = double, url
        self.delay, self.copies, self.reorder, self.paused = 0.0, 1, False, False
        self._due: list[tuple[float, int, str, int]] = []  # when, tie-break, event, attempt
        self._count = 0
        self._wake = threading.Condition()
        self._stopped = False
        self.fresh: list[str] = []  # events that wait for `notice`, oldest first; the store's lock guards it

    def start(self) -> None:
        if self.url:
            self.fresh = [event["id"] for event in self.double.outbox()]
            self.notice()
            threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        with self._wake:
            self._stopped = True
            self._wake.notify_all()

    def notice(self) -> None:
        """Plan the delivery of events that are new since the last call."""
        if not self.url:
            return
        with self.double.store.lock:
            fresh, self.fresh = self.fresh, []
        for name in reversed(fresh) if self.reorder else fresh:
            self._plan(name, self.delay, 0)

    def mark(self, name: str) -> None:
        """The endpoint took the event."""
        store = self.double.store
        with store.lock:
            store.put("delivery", {**store.get("delivery", name), "done": True})
            event = store.get("event", name)
            event["pending_webhooks"] = 0
            store.put("event", event)
            store.commit()

    def _plan(self, name: str, wait: float, attempt: int) -> None:
        with self._wake:
            self._count += 1
            heapq.heappush(self._due, (time.monotonic() + wait, self._count, name, attempt))
            self._wake.notify_all()

    def _run(self) -> None:
        while not self._stopped:
            with self._wake:
                wait = self._due[0][0] - time.monotonic() if self._due else 60.0
                if wait > 0 or self.paused:
                    self._wake.wait(min(max(wait, 0.05), 60.0))
                    continue
                _, _, name, attempt = heapq.heappop(self._due)
            self._deliver(name, attempt)

    def _deliver(self, name: str, attempt: int) -> None:
        with self.double.store.lock:
            event = self.double.store.get("event", name)
            body, header = signed(event, self.double.webhook_secret)
        taken = [self._post(body, header) for _ in range(self.copies)]
        if all(taken):
            self.mark(name)
        elif event["created"] + PATIENCE > stamp():
            self._plan(name, min(FIRST_RETRY * 2**attempt, LONGEST_RETRY), min(attempt + 1, 10))

    def _post(self, body: bytes, header: str) -> bool:
        headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": header}
        request = urllib.request.Request(self.url, body, headers)  # noqa: S310 - the URL is our own setting
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=TIMEOUT) as answer:
                return bool(200 <= answer.status < 300)
        except (OSError, http.client.HTTPException):  # the endpoint may die in the middle of its answer
            return False
