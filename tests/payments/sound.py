"""A processor that keeps every clause of the contract, and one that can hardly anything and says so."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from fx.money import Money
from marketplace.lib.clock import now
from payments.processors.base import BadSignature, Can, Movement, Outcome, Refused, Update
from payments.testing import Subject
from tests.payments.pocket import FarEnd, Pocket, webhook


@dataclass
class Records(FarEnd):
    """A far end with a record: what came, what went back, what was paid to the bank."""

    lines: list[Movement] = field(default_factory=list)

    def pay(self, ref: str, amount: Money | None = None, *, fee: int | None = None) -> None:
        super().pay(ref, amount, fee=7)
        self.book("charge", ref, self.things[ref].received, Money(7, self.things[ref].money.currency))

    def book(self, kind: str, ref: str, money: Money, fee: Money | None = None) -> None:
        fee = fee or Money(0, money.currency)
        self.lines.append(Movement(ref, kind, money, fee, now(), line=f"line_{len(self.lines)}"))


class Sound(Pocket):
    """Keeps every clause."""

    slug: ClassVar[str] = "sound"
    can: ClassVar[Can] = Pocket.can | Can.STATEMENT | Can.PAYOUT | Can.POLL

    @property
    def far(self) -> Records:
        far: Records = self.config["far"]
        return far

    def fee(self, money: Money, country: str) -> Money:
        return Money(7, money.currency)

    def refund(self, key: str, ref: str, money: Money, *, destination: str | None = None) -> Update:
        known = self.far.of_key(key)
        answer = super().refund(key, ref, money)
        if known is None:
            self.far.book("refund", answer.ref, -money)
        return answer

    def payout(self, key: str, money: Money, *, destination: str, ref: str) -> Update:
        self._reached("payout")
        if destination != "good":
            raise Refused(f"{destination} cannot be paid.")
        return self._answer(self.far.make("payout", key, money, Outcome.SUCCEEDED))

    def statement(self, since: dt.datetime, until: dt.datetime) -> Iterator[Movement]:
        self._reached("statement")
        return (line for line in self.far.lines if since <= line.at < until)


class SoundSubject(Subject):
    def __init__(self, made: type[Pocket] = Sound) -> None:
        self.far = Records()
        self.processor = made({"far": self.far})

    def pay(self, ref: str, money: Money) -> None:
        self.far.pay(ref, money)

    def count(self, kind: str) -> int:
        return sum(thing.kind == kind for thing in self.far.things.values())

    def lose_reply(self) -> None:
        self.far.lose = 1

    def webhook(self, ref: str) -> tuple[bytes, Mapping[str, str]]:
        return webhook(self.far.things[ref], f"evt_{ref}")

    def payees(self) -> tuple[str, str]:
        return "good", "bad"

    def settle(self, currency: str) -> str:
        owed = Money(0, currency)
        for line in self.far.lines:
            owed += line.amount - line.fee
        made = self.far.make("settlement", f"settlement:{uuid.uuid4()}", owed, Outcome.SUCCEEDED)
        self.far.book("payout", made.id, -owed)
        return made.id

    @contextmanager
    def away(self) -> Iterator[None]:
        self.far.down = True
        yield
        self.far.down = False

    def decline(self, ref: str) -> bool:
        self.far.things[ref].outcome = Outcome.FAILED
        return True

    def expire(self, ref: str) -> bool:
        self.far.things[ref].outcome = Outcome.EXPIRED
        return True


class Bare(Pocket):
    """Can do nothing but take money, and says so."""

    slug: ClassVar[str] = "bare"
    can: ClassVar[Can] = Can.NOTHING

    def capture(self, *_: Any, **__: Any) -> Update:
        raise Refused("It collects at once.")

    cancel = refund = capture

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Update]:
        raise BadSignature("It sends none.")
