"""What becomes of an order that is paid: each fate is walked by its buyer and its seller, who believe only answers."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from fx.money import Money
from tests.chaos import issuer, people
from tests.chaos.people import Person, Told


@dataclass
class Life:
    """One paid order. `told` is what its people were answered; `hurry` makes its deadline pass now."""

    number: str
    token: str  # of its checkout
    refund_to: str  # an address, where it was paid in coin
    buyer: Person
    seller: Person
    hurry: Callable[[str], None]
    card: tuple[int, str] = (0, "")  # Stripe's port and its payment, where it was paid by card
    fate: str = ""
    told: list[Told] = field(default_factory=list)
    refunds: int = 0  # asked for and answered

    @property
    def status(self) -> str:
        return str(self.buyer.get(f"orders/{self.number}/")["status"])

    def do(self, person: Person, verb: str, body: Any, becomes: str) -> None:
        """Ask until it is so. A refusal counts as done when an earlier try, whose answer was lost, did it."""
        side = "sales" if person is self.seller else "orders"
        status, _answer = person.call("POST", f"{side}/{self.number}/{verb}/", body, 200, 409)
        now = self.status
        assert now == becomes, f"{self.number}: {verb} was answered with {status}, and then it was {now}"
        self.told.append(Told(self.number, becomes))

    def wait(self, becomes: str) -> None:
        """For what a deadline does."""
        self.hurry(self.number)
        self._until(lambda: self.status == becomes, becomes)
        self.told.append(Told(self.number, becomes))

    def keep_trying(self, person: Person, verb: str, becomes: str) -> None:
        """Until what stands in the way is over."""

        def tried() -> bool:
            person.call("POST", f"orders/{self.number}/{verb}/", {}, 200, 409)
            return self.status == becomes

        self._until(tried, becomes)
        self.told.append(Told(self.number, becomes))

    def bank(self, outcome: str) -> None:
        """The buyer's bank asks for the money and decides."""
        port, intent = self.card
        issuer.decides(port, issuer.asks(port, intent), outcome)

    def give_back(self, **body: Any) -> None:
        """The seller refunds: only the key makes it happen once."""
        self.seller.call("POST", f"sales/{self.number}/refund/", body | {"why": "By agreement."}, 200)
        self.refunds += 1

    def until_back(self) -> None:
        """Every refund has reached the buyer; in coin, has an address to go to."""
        if self.refund_to:
            self._until(lambda: bool(self._states()), "a refund")
            if "needs_address" in self._states():
                path, body = f"checkouts/{self.token}/refund-address/", {"destination": self.refund_to}
                self.buyer.call("POST", path, body, 200, 409)
            assert "needs_address" not in self._states()
        else:
            self._until(lambda: set(self._states()) == {"succeeded"}, "refunded")

    def _states(self) -> list[str]:
        return [refund["state"] for refund in self.buyer.get(f"checkouts/{self.token}/")["refunds"]]

    def _until(self, so: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + people.PATIENCE
        while not so():
            assert time.monotonic() < end, f"{self.number} waits for ever for {what}."
            time.sleep(0.5)


def ship(life: Life) -> None:
    life.do(life.seller, "ship", {"carrier": "Post", "tracking_number": "EE123456785IN"}, "shipped")


def left(life: Life) -> None:
    """Paid, and nobody has done anything yet."""


def confirmed(life: Life) -> None:
    ship(life)
    life.do(life.buyer, "confirm", {}, "completed")


def never_shipped(life: Life) -> None:
    life.wait("refunded")
    life.refunds += 1
    life.until_back()


def complained(life: Life) -> None:
    """The seller says nothing, so that it is the buyer's."""
    ship(life)
    life.do(life.buyer, "dispute", {"reason": "It is torn."}, "disputed")
    life.wait("refunded")
    life.refunds += 1
    life.until_back()


def given_back(life: Life) -> None:
    """All of it, before it is shipped."""
    life.give_back(everything=True)
    assert life.status == "refunded"
    life.told.append(Told(life.number, "refunded"))
    life.until_back()


def given_back_later(life: Life) -> None:
    """After release: the seller owes it from then on."""
    confirmed(life)
    given_back(life)


def given_back_in_parts(life: Life) -> None:
    """Twice the same part: the second is a refund of its own and no repetition. The rest is released."""
    ship(life)
    price = life.buyer.get(f"orders/{life.number}/")["lines"][0]["unit"]
    part = Money.parse(price["amount"], price["currency"]).times(1, 10)
    for _time in range(2):
        life.give_back(goods=part.json())
    life.until_back()
    life.do(life.buyer, "confirm", {}, "completed")


def asked_back(life: Life) -> None:
    """By the buyer's bank, which keeps it: the order ends without a refund of ours."""
    ship(life)
    _taken(life)


def asked_back_later(life: Life) -> None:
    """After release: the seller owes it from then on."""
    confirmed(life)
    _taken(life)


def _taken(life: Life) -> None:
    life.bank("lost")
    life._until(lambda: life.status == "refunded", "its end by the bank")
    life.refunds += 1
    life.told.append(Told(life.number, "refunded"))


def asked_back_in_vain(life: Life) -> None:
    """While the bank asks nothing is released; then all goes on."""
    ship(life)
    life.bank("won")
    life.keep_trying(life.buyer, "confirm", "completed")


@dataclass(frozen=True)
class Plan:
    """What an order is for: how it is paid and what becomes of it then; none gives up before paying."""

    rail: str
    fate: Callable[[Life], None] | None

    @property
    def name(self) -> str:
        return self.fate.__name__.replace("_", " ") if self.fate else "given up"


EVERY, BY_CARD = ("stripe", "bitcoin", "transfer"), ("stripe",)
BACK = ("stripe", "bitcoin")  # a transfer is sent back by hand
# How often in a deck, and how it may be paid.
FATES: dict[Callable[[Life], None] | None, tuple[int, Sequence[str]]] = {
    None: (2, EVERY),
    left: (1, EVERY),
    confirmed: (6, EVERY),
    never_shipped: (2, BACK),
    complained: (2, BACK),
    given_back: (1, BACK),
    given_back_later: (1, BACK),
    given_back_in_parts: (2, BACK),
    asked_back: (1, BY_CARD),
    asked_back_later: (2, BY_CARD),
    asked_back_in_vain: (1, BY_CARD),
}


class Deck:
    """Plans in an order that chance decides; every fate comes before one comes again. Used by many threads."""

    def __init__(self, chance: random.Random, rails: Sequence[str]) -> None:
        self.chance, self.rails, self.lock = chance, rails, threading.Lock()
        self.plans: list[Plan] = []

    def draw(self) -> Plan:
        with self.lock:
            if not self.plans:
                self.plans = self._shuffled()
            return self.plans.pop()

    def back(self, plan: Plan) -> None:
        """It came to nothing, because something was sold out."""
        with self.lock:
            self.plans.append(plan)

    def _shuffled(self) -> list[Plan]:
        plans = []
        for fate, (often, rails) in FATES.items():
            able = [rail for rail in rails if rail in self.rails]
            plans += [Plan(self.chance.choice(able), fate) for _time in range(often)]
        self.chance.shuffle(plans)
        return plans
