"""Events that the double sends by itself, as in the demo."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest
import stripe

from payments.doubles.stripe import Double


class Endpoint(BaseHTTPRequestHandler):
    """Takes events; refuses the first `refusals` with a 500."""

    taken: ClassVar[list[dict[str, Any]]] = []
    refusals: ClassVar[list[int]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        stripe.WebhookSignature.verify_header(body, self.headers["Stripe-Signature"], "whsec_1", 300)
        refuse = bool(self.refusals and self.refusals.pop())
        if not refuse:
            self.taken.append(json.loads(body))
        self.send_response(500 if refuse else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def endpoint() -> Iterator[str]:
    Endpoint.taken, Endpoint.refusals = [], []
    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hooks/stripe/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def sending(endpoint: str) -> Iterator[Double]:
    double = Double(secret_key="sk_test_1", webhook_secret="whsec_1", webhook_url=endpoint).start()
    yield double
    double.stop()


def pay(double: Double) -> None:
    client = stripe.StripeClient(double.secret_key, base_addresses={"api": double.url})
    made = client.v1.payment_intents.create({"amount": 1000, "currency": "eur"})
    client.v1.payment_intents.confirm(made.id, {"payment_method": "pm_card_de"})


def arrived(count: int) -> list[str]:
    deadline = time.monotonic() + 10
    while len(Endpoint.taken) < count and time.monotonic() < deadline:
        time.sleep(0.02)
    return [event["type"] for event in Endpoint.taken]


STORY = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


def test_events_are_sent_by_themselves_and_again_until_they_are_taken(sending: Double) -> None:
    Endpoint.refusals = [1]
    pay(sending)
    assert sorted(arrived(3)) == sorted(STORY)
    deadline = time.monotonic() + 5
    while sending.outbox() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert sending.outbox() == []


def test_events_come_twice_or_in_the_wrong_order_on_request(sending: Double) -> None:
    sending.sender.copies, sending.sender.reorder = 2, True
    pay(sending)
    kinds = arrived(6)
    assert sorted(kinds) == sorted(STORY * 2)
    assert kinds.index("payment_intent.succeeded") < kinds.index("charge.succeeded")


def test_paused_events_wait(sending: Double) -> None:
    sending.sender.paused = True
    pay(sending)
    time.sleep(0.3)
    assert Endpoint.taken == []
    sending.sender.paused = False
    assert sorted(arrived(3)) == sorted(STORY)
