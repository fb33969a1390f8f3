"""Buyers who want things, ask until they are answered, pay by card or in coin, and see through what then happens."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fx.money import Money
from tests.chaos import people
from tests.chaos.bank import Bank
from tests.chaos.chain import Network
from tests.chaos.lives import Deck, Life, Plan
from tests.chaos.people import Person
from tests.chaos.wire import FAILED, confirm
from tests.orders.world import BERLIN

EURO = {"country": "DE", "currency": "EUR"}
OPEN = {"created", "pending", "action", "failed", "seen", "partial", "authorized"}


@dataclass(frozen=True)
class Market:
    """Where a buyer buys: ports, listings with their currency, sellers' tokens by that, the bank, the chain if there
    is one, what orders are for, and who moves deadlines."""

    web: int
    stripe: int
    goods: dict[int, str]
    sellers: dict[str, str]
    bank: Bank
    network: Network | None
    deck: Deck
    hurry: Callable[[str], None]


@dataclass
class Bought:
    """One intent to buy. `told` is the last state of the payment that the buyer read, or `refused` with the reason."""

    listing: int
    rail: str = "stripe"
    token: str = ""
    orders: list[str] = field(default_factory=list)
    payment: dict[str, Any] = field(default_factory=dict)
    life: Life | None = None
    told: str = ""
    reason: str = ""


class Buyer(threading.Thread):
    """Buys one thing after the other until `enough` is set; the last one to its end."""

    def __init__(self, market: Market, token: str, seed: int, enough: threading.Event) -> None:
        super().__init__(daemon=True)
        self.market, self.chance, self.enough = market, random.Random(seed), enough
        self.answers: Counter[str] = Counter()
        self.me = Person(market.web, token, self.answers)
        self.story: list[Bought] = []
        self.broken: Exception | None = None

    def run(self) -> None:
        try:
            while not self.enough.is_set():
                plan = self.market.deck.draw()
                bought = Bought(self.choose(plan), plan.rail)
                self.story.append(bought)
                self.buy(bought, plan)
        except Exception as error:
            self.broken = error

    def choose(self, plan: Plan) -> int:
        """A listing; by bank transfer what is priced in euros, for no transfer is exchanged."""
        goods = list(self.market.goods)
        if plan.rail == "transfer":
            return next(pk for pk, currency in self.market.goods.items() if currency == "EUR")
        return self.chance.choices(goods, weights=[4, 4, 4, 1])[0]

    def buy(self, bought: Bought, plan: Plan) -> None:
        if not self.place(bought):
            bought.told = "refused"
            self.market.deck.back(plan)
            self.me.call("PUT", "basket/", {"listing": bought.listing, "quantity": 0}, 200)
            return
        self.until(bought, lambda: bool(bought.payment["client"]))
        self.end(bought, plan)
        if bought.told == "captured":
            self.live(bought, plan)

    def place(self, bought: Bought) -> bool:
        status, answer = self.me.call("PUT", "basket/", {"listing": bought.listing, "quantity": 1}, 200, 409)
        if status == 409:
            return self._refused(bought, answer)
        status, quotes = self.me.call("POST", "quotes/", EURO, 201, 409)
        if status == 409:
            return self._refused(bought, quotes)
        quote = next(one["quote"] for one in quotes if one["rail"] == bought.rail)
        wanted = {"quote": quote, "address": BERLIN, "accept_terms": True}
        status, answer = self.me.call("POST", "checkouts/", wanted, 201, 409, another_key=True)
        if status == 409:
            return self._refused(bought, answer)
        bought.token, bought.orders, bought.payment = answer["token"], answer["orders"], answer["payment"]
        return True

    def end(self, bought: Bought, plan: Plan) -> None:
        """Most pay, some by card press twice, some by transfer pay in two parts; some give up."""
        due, client = bought.payment["amount"], bought.payment["client"]
        amount, again = Money.parse(due["amount"], due["currency"]), self.chance.random() < 0.25
        if plan.fate is None:
            self.me.call("POST", f"checkouts/{bought.token}/cancel/", {}, 200, 409)
        elif self.market.network and bought.rail == "bitcoin":
            self.market.network.pay(client["address"], amount.amount)
        elif bought.rail == "transfer":
            for part in amount.split(1, 1) if again else [amount]:
                self.market.bank.receive(client["reference"], part)
        else:
            for _time in range(1 + again):
                self.pay(client["intent"])
        self.until(bought, lambda: bought.payment["state"] not in OPEN)
        bought.told = bought.payment["state"]

    def pay(self, intent: str) -> None:
        """Until Stripe answers: it took the money, now or before."""
        while True:
            try:
                status, answer = confirm(self.market.stripe, intent)
            except FAILED:
                time.sleep(0.3)
                continue
            code = answer.get("error", {}).get("code")
            assert status == 200 or code == "payment_intent_unexpected_state", answer
            return

    def live(self, bought: Bought, plan: Plan) -> None:
        [number], network = bought.orders, self.market.network
        token = self.market.sellers[self.market.goods[bought.listing]]
        seller = Person(self.market.web, token, self.answers)
        purse = network.address() if network and bought.rail == "bitcoin" else ""
        card = (self.market.stripe, bought.payment["client"].get("intent", ""))
        assert plan.fate is not None, f"{bought} was paid although its buyer gave up"
        bought.life = Life(number, bought.token, purse, self.me, seller, self.market.hurry, card, fate=plan.name)
        plan.fate(bought.life)

    def until(self, bought: Bought, done: Callable[[], bool]) -> None:
        end = time.monotonic() + people.PATIENCE
        while not done():
            assert time.monotonic() < end, f"{bought} waits for ever."
            time.sleep(0.3)
            bought.payment = self.me.get(f"checkouts/{bought.token}/")["payment"]

    def _refused(self, bought: Bought, problem: Any) -> bool:
        bought.reason = problem["detail"]
        return False
