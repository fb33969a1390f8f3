"""A small processor of the outside world for tests: its far end keeps its own state, as a real one's does."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from fx.money import Money
from payments.processors.base import (
    BadSignature,
    Can,
    Declined,
    Outcome,
    Processor,
    Refused,
    Unavailable,
    Unknown,
    Update,
)

SECRET = b"pocket"


@dataclass
class Thing:
    """A payment or refund as the far end has it."""

    id: str
    kind: str
    key: str
    money: Money
    outcome: Outcome
    received: Money
    fee: Money | None = None
    back: int = 0


@dataclass
class FarEnd:
    """`lose` replies are lost after the work is done; while `down` nothing is done; `decline` says
    why; refunds stay pending while it is `slow`."""

    things: dict[str, Thing] = field(default_factory=dict)
    lose: int = 0
    down: bool = False
    decline: str = ""
    slow: bool = False
    calls: list[str] = field(default_factory=list)

    def of_key(self, key: str | None) -> Thing | None:
        return next((thing for thing in self.things.values() if thing.key == key), None)

    def make(self, kind: str, key: str, money: Money, outcome: Outcome) -> Thing:
        thing = self.of_key(key)
        if thing is None:
            name = f"{kind}_{len(self.things) + 1}"
            thing = Thing(name, kind, key, money, outcome, Money(0, money.currency))
            self.things[name] = thing
        elif thing.money != money:
            raise Refused(f"Key {key} was used for {thing.money}.")
        return thing

    def pay(self, ref: str, amount: Money | None = None, *, fee: int | None = None) -> None:
        """The buyer pays."""
        thing = self.things[ref]
        thing.received = amount or thing.money
        thing.outcome = Outcome.SUCCEEDED
        thing.fee = None if fee is None else Money(fee, thing.money.currency)

    def payments(self) -> list[Thing]:
        return [thing for thing in self.things.values() if thing.kind == "payment"]

    def refunds(self) -> list[Thing]:
        return [thing for thing in self.things.values() if thing.kind == "refund"]


class Pocket(Processor):
    slug: ClassVar[str] = "pocket"
    label: ClassVar[str] = "Pocket"
    can: ClassVar[Can] = Can.CAPTURE | Can.CANCEL | Can.REFUND | Can.PARTIAL_REFUND | Can.WEBHOOK

    @property
    def far(self) -> FarEnd:
        far: FarEnd = self.config["far"]
        return far

    def create(self, key: str, money: Money, *, ref: str, expires_at: dt.datetime, return_url: str) -> Update:
        self._reached("create")
        if self.far.decline:
            raise Declined(self.far.decline)
        return self._answer(self.far.make("payment", key, money, Outcome.PENDING))

    def fetch(self, ref: str | None, *, kind: str = "payment", key: str | None = None) -> Update | None:
        self._reached("fetch")
        thing = self.far.things.get(ref) if ref else self.far.of_key(key)
        return None if thing is None or thing.kind != kind else self._told(thing)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Update]:
        given = {name.lower(): value for name, value in headers.items()}.get("pocket-signature", "")
        if not hmac.compare_digest(given.encode(), sign(body).encode()):
            raise BadSignature("The signature is not the pocket's.")
        said = json.loads(body)
        if said.get("kind") == "weather":
            return []
        event = Update(said["kind"], said["ref"], Outcome(said["outcome"]), event_id=said["id"])
        return [replace(event, key=said.get("key"))]

    def capture(self, key: str, ref: str, money: Money) -> Update:
        self._reached("capture")
        self.far.pay(ref, money)
        return self._answer(self.far.things[ref])

    def cancel(self, key: str, ref: str) -> Update:
        self._reached("cancel")
        thing = self.far.things[ref]
        if thing.outcome == Outcome.SUCCEEDED:
            raise Refused(f"{ref} is paid.")
        thing.outcome = Outcome.CANCELED
        return self._answer(thing)

    def refund(self, key: str, ref: str, money: Money, *, destination: str | None = None) -> Update:
        self._reached("refund")
        paid = self.far.things[ref]
        if self.far.of_key(key) is None:
            if money.currency != paid.money.currency:
                raise Refused(f"{ref} was paid in {paid.money.currency}.")
            if paid.back + money.amount > paid.received.amount:
                raise Refused(f"{ref} has only {paid.received} to give back.")
            paid.back += money.amount
        outcome = Outcome.PENDING if self.far.slow else Outcome.SUCCEEDED
        return self._answer(self.far.make("refund", key, money, outcome))

    def poll(self, open_refs: Iterable[str]) -> Iterator[Update]:
        return (self._told(self.far.things[ref]) for ref in open_refs)

    def _reached(self, call: str) -> None:
        self.far.calls.append(call)
        if self.far.down:
            raise Unavailable("The pocket is closed.")

    def _answer(self, thing: Thing) -> Update:
        if self.far.lose:
            self.far.lose -= 1
            raise Unknown("The line went dead.")
        return self._told(thing)

    def _told(self, thing: Thing) -> Update:
        amount = thing.received if thing.kind == "payment" else thing.money
        return Update(thing.kind, thing.id, thing.outcome, amount, thing.fee, key=thing.key)


def sign(body: bytes) -> str:
    return hmac.new(SECRET, body, hashlib.sha256).hexdigest()


def webhook(thing: Thing, event_id: str, outcome: Outcome | None = None) -> tuple[bytes, dict[str, str]]:
    """A signed webhook about `thing`, with the state it has or claims to have."""
    said = {"id": event_id, "kind": thing.kind, "ref": thing.id, "key": thing.key}
    body = json.dumps({**said, "outcome": outcome or thing.outcome}).encode()
    return body, {"Pocket-Signature": sign(body)}
