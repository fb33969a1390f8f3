"""The fixture `stripe_double`: Stripe's stand-in in this process, with webhooks that the test delivers itself."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from pytest_django import Settings

from payments.doubles.stripe import Double, Fault, books
from payments.doubles.stripe.store import Obj
from payments.doubles.stripe.webhooks import signed


class StripeDouble:
    """A running double and the verbs that tests need. `url` is its base address."""

    def __init__(self, data: Path | None = None) -> None:
        self.secret_key, self.webhook_secret = "sk_test_demo", "whsec_demo_only"
        self.double = Double(secret_key=self.secret_key, webhook_secret=self.webhook_secret, data=data).start()
        self.url = self.double.url

    @property
    def config(self) -> dict[str, Any]:
        """What `settings.PROCESSORS["stripe"]` has to be to talk to it."""
        return {
            "secret_key": self.secret_key,
            "publishable_key": "pk_test_demo",
            "webhook_secret": self.webhook_secret,
            "api_base": self.url,
            "settlement_currencies": ["EUR"],
            "country": "DE",
            "timeout": 5,
        }

    def stop(self) -> None:
        self.double.stop()

    # --- what a buyer does ---------------------------------------------------------------------

    def pay(self, intent: str, card: str = "pm_card_de") -> Obj:
        """Pay a PaymentIntent with a test card, as the card form would; the answer, also of a decline."""
        return self.api(
            f"/v1/payment_intents/{intent}/confirm",
            payment_method=card,
            return_url="http://testserver/back/",
        )

    def answer_3ds(self, intent: str, *, passed: bool = True) -> None:
        """Answer the bank's question on its page."""
        answer = "complete" if passed else "fail"
        self._open(f"/3ds/{intent}", urlencode({"answer": answer}).encode(), {})

    # --- what happens at Stripe ----------------------------------------------------------------

    def fault(self, kind: str, **fields: Any) -> None:
        """The next matching request fails: see payments.doubles.stripe.faults.Fault."""
        self.double.faults.add(Fault(kind, **fields))

    def settle(self, currency: str = "EUR") -> Obj:
        """Pay the balance out to the platform's bank; the payout object."""
        return self._control("settle", {"currency": currency})

    def dispute(self, intent: str, **how: Any) -> Obj:
        """The buyer's bank asks for the money; `amount`, `reason`, `inquiry` say how."""
        return self._control("disputes", {"payment_intent": intent, **how})

    def end_dispute(self, name: str, outcome: str) -> Obj:
        """won, lost or warning_closed; or escalated: an inquiry's bank takes the money now."""
        return self._control(f"disputes/{name}", {"outcome": outcome})

    def disputes(self) -> list[Obj]:
        return self.double.store.every("dispute")

    def finish_refund(self, name: str, *, succeeded: bool = True) -> Obj:
        """End a refund that a `refund_pending` fault left pending."""
        return self._control(f"refunds/{name}", {"succeeded": succeeded})

    def finish_account(self, name: str, *, ready: bool = True) -> Obj:
        """A connected account said who it is, or Stripe wants more of it."""
        return self._control(f"accounts/{name}", {"ready": ready})

    def reverse_transfer(self, name: str) -> Obj:
        return self._control(f"transfers/{name}", {})

    def transfers(self) -> list[Obj]:
        return self.double.store.every("transfer")

    def exchange(self, **rates: str) -> None:
        """From now on Stripe pays these currencies out in EUR: `usd="0.9"`, EUR for one unit."""
        self._control("converts", rates)

    def line(self, kind: str, amount: int, currency: str = "eur", *, category: str, description: str = "") -> Obj:
        """A line of the balance that is about no charge."""
        asked = {"kind": kind, "amount": amount, "currency": currency}
        return self._control("lines", asked | {"category": category, "description": description})

    def top_up(self, amount: int, currency: str = "eur") -> None:
        """Money that is available at once, in Stripe's minor units."""
        with self.double.store.lock:
            made = self.double.store.new("topup", amount=amount, currency=currency, status="succeeded")
            line = books.book(self.double, "topup", made["id"], amount, currency)
            self.double.store.put("balance_transaction", line | {"available_on": 0})
            self.double.store.commit()

    def charges(self, **fields: Any) -> list[Obj]:
        """Charges that took money, newest first; `payment_intent=` narrows it."""
        return self.double.store.every("charge", status="succeeded", **fields)

    def refunds(self) -> list[Obj]:
        return self.double.store.every("refund")

    # --- webhooks ------------------------------------------------------------------------------

    def events(self, *kinds: str) -> list[Obj]:
        """Events that nobody has taken yet, oldest first, of these types or all."""
        return [event for event in self.double.outbox() if not kinds or event["type"] in kinds]

    def deliver(
        self,
        client: Client,
        events: Sequence[Obj] | None = None,
        *,
        times: int = 1,
        backwards: bool = False,
    ) -> list[int]:
        """Post the waiting events, or these, to /hooks/stripe/; the status of each answer."""
        waiting = list(self.events() if events is None else events)
        if backwards:
            waiting.reverse()
        return [self._deliver(client, event) for event in waiting for _ in range(times)]

    def _deliver(self, client: Client, event: Obj) -> int:
        body, header = self.signed(event)
        answer = client.post(
            "/hooks/stripe/",
            data=body,
            content_type="application/json",
            headers={"Stripe-Signature": header},
        )
        if answer.status_code < 300:
            self.double.sender.mark(event["id"])
        return answer.status_code

    def signed(self, event: Obj, *, secret: str | None = None, at: int | None = None) -> tuple[bytes, str]:
        """The body of an event and its Stripe-Signature header."""
        return signed(event, secret or self.webhook_secret, at=at)

    # --- wire ----------------------------------------------------------------------------------

    def api(self, path: str, **fields: Any) -> Obj:
        """POST to the API without the SDK; the answer's JSON, whatever its status."""
        headers = {"Authorization": f"Bearer {self.secret_key}"}
        return self._json(path, urlencode(fields).encode(), headers)

    def _control(self, verb: str, asked: Obj) -> Obj:
        headers = {"Authorization": f"Bearer {self.secret_key}"}
        return self._json(f"/_double/{verb}", json.dumps(asked).encode(), headers)

    def _json(self, path: str, body: bytes, headers: dict[str, str]) -> Obj:
        answer: Obj = json.loads(self._open(path, body, headers))
        return answer

    def _open(self, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay(), _Quiet())
        with opener.open(urllib.request.Request(self.url + path, body, headers), timeout=10) as got:
            data: bytes = got.read()
            return data


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer, not an order."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class _Quiet(urllib.request.HTTPErrorProcessor):
    """An error is an answer too."""

    def http_response(self, request: Any, response: Any) -> Any:
        return response

    https_response = http_response


@pytest.fixture
def stripe_double(settings: Settings) -> Iterator[StripeDouble]:
    """A fresh double on a free port; the product's `stripe` processor talks to it."""
    double = StripeDouble()
    settings.PROCESSORS = {**settings.PROCESSORS, "stripe": double.config}
    yield double
    double.stop()
