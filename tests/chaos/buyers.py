"""Buyers who want things, ask until they are answered, pay, and remember what they were told."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.wire import FAILED, ask, confirm
from tests.orders.world import BERLIN

EURO = {"country": "DE", "currency": "EUR"}
PATIENCE = 240.0  # seconds for one call or one state; a machine may be busy with other things
OPEN = {"created", "pending", "action", "failed"}


@dataclass
class Bought:
    """One intent to buy. `told` is the last state the buyer read, or `refused` with the reason."""

    listing: int
    token: str = ""
    orders: list[str] = field(default_factory=list)
    payment: dict[str, Any] = field(default_factory=dict)
    told: str = ""
    reason: str = ""


class Buyer(threading.Thread):
    """Buys one thing after the other until `enough` is set; the last one to its end."""

    def __init__(self, site: tuple[int, int], token: str, goods: list[int], seed: int, enough: threading.Event) -> None:
        super().__init__(daemon=True)
        (self.web, self.stripe), self.token, self.goods = site, token, goods
        self.chance, self.enough = random.Random(seed), enough
        self.story: list[Bought] = []
        self.answers: Counter[str] = Counter()
        self.broken: Exception | None = None

    def run(self) -> None:
        try:
            while not self.enough.is_set():
                self.story.append(Bought(self.chance.choices(self.goods, weights=[4, 4, 1])[0]))
                self.buy(self.story[-1])
        except Exception as error:
            self.broken = error

    def buy(self, bought: Bought) -> None:
        self.call("PUT", "basket/", {"listing": bought.listing, "quantity": 1}, 200)
        if self.place(bought):
            self.until(bought, lambda: bool(bought.payment["client"].get("intent")))
            self.end(bought)
        else:
            bought.told = "refused"
            self.call("PUT", "basket/", {"listing": bought.listing, "quantity": 0}, 200)

    def place(self, bought: Bought) -> bool:
        status, quotes = self.call("POST", "quotes/", EURO, 201, 409)
        if status == 409:
            return self._refused(bought, quotes)
        quote = next(one["quote"] for one in quotes if one["rail"] == "stripe")
        wanted = {"quote": quote, "address": BERLIN, "accept_terms": True}
        status, answer = self.call("POST", "checkouts/", wanted, 201, 409)
        if status == 409:
            return self._refused(bought, answer)
        bought.token, bought.orders, bought.payment = answer["token"], answer["orders"], answer["payment"]
        return True

    def end(self, bought: Bought) -> None:
        """Most pay, some twice; some give up."""
        intent = bought.payment["client"]["intent"]
        if self.chance.random() < 0.15:
            self.call("POST", f"checkouts/{bought.token}/cancel/", {}, 200, 409)
        else:
            for _time in range(self.chance.choice([1, 1, 1, 2])):
                self.pay(intent)
        self.until(bought, lambda: bought.payment["state"] not in OPEN)
        bought.told = bought.payment["state"]

    def pay(self, intent: str) -> None:
        """Until Stripe answers: it took the money, now or before."""
        while True:
            try:
                status, answer = confirm(self.stripe, intent)
            except FAILED:
                time.sleep(0.3)
                continue
            code = answer.get("error", {}).get("code")
            assert status == 200 or code == "payment_intent_unexpected_state", answer
            return

    def until(self, bought: Bought, done: Any) -> None:
        end = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < end, f"{bought} waits for ever."
            time.sleep(0.3)
            bought.payment = self.call("GET", f"checkouts/{bought.token}/", None, 200)[1]["payment"]

    def call(self, method: str, path: str, body: Any, *wanted: int) -> tuple[int, Any]:
        """The answer to one intent, asked again with its key until there is one.

        A call whose process died keeps its key for a while: then the same is asked with another one,
        for the quote itself is spent only once.
        """
        key, end = uuid.uuid4().hex, time.monotonic() + PATIENCE
        while time.monotonic() < end:
            headers = {"Authorization": f"Token {self.token}", "Idempotency-Key": key}
            try:
                status, answer = ask(self.web, method, f"/api/v1/{path}", body, headers)
            except FAILED as error:
                self.answers[type(error).__name__] += 1
                time.sleep(0.2)
                continue
            name = str(answer["type"]).rpartition("#")[2] if status >= 400 else ""
            self.answers[f"{status} {name}".strip()] += 1
            if name == "still_running":
                key = uuid.uuid4().hex
            elif status < 500 and status != 429:
                assert status in wanted, (method, path, status, answer)
                return status, answer
            time.sleep(0.2)
        raise AssertionError(f"{method} {path} was never answered.")

    def _refused(self, bought: Bought, problem: Any) -> bool:
        bought.reason = problem["detail"]
        return False
