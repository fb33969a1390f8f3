"""The processor under test with a far end that the test can move, and the few verbs that clauses share."""

from __future__ import annotations

import datetime as dt
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager

from fx.money import Money
from marketplace.lib.clock import now
from payments.processors.base import Outcome, Processor, Update

Webhook = tuple[bytes, Mapping[str, str]]


class Subject(ABC):
    """A processor whose far end the test can move. `amounts` are sums it takes, of several exponents if it can.

    The last four verbs are for what not every far end can do: the clauses that need one stop where it answers None.
    """

    processor: Processor
    instant: bool = False  # the money is there when `create` answers: nothing is left for the buyer to do
    amounts: tuple[Money, ...] = (Money(1999, "EUR"), Money(1500, "JPY"), Money(12340, "KWD"))
    country: str = "DE"  # of the buyer

    @abstractmethod
    def pay(self, ref: str, money: Money) -> None:
        """The buyer pays `money` to the processor's object `ref`, finally."""

    @abstractmethod
    def count(self, kind: str) -> int:
        """How many objects of kind payment, refund or payout the far end has made."""

    @abstractmethod
    def lose_reply(self) -> None:
        """The next call that makes something does its work, and its reply is lost."""

    def payment(self, money: Money) -> str:
        """The id of a payment of ours of this much."""
        return str(uuid.uuid4())

    def payees(self) -> tuple[str, str] | None:
        """Destinations of payouts: one that can be paid `amounts[0]` thrice, and one that cannot.

        Needed with Can.PAYOUT; None when its payouts are a file that a person takes to it."""
        return None

    def webhook(self, ref: str) -> Webhook:
        """A genuine webhook about `ref`: its raw body and headers. Needed with Can.WEBHOOK."""
        raise NotImplementedError("Can.WEBHOOK: give the contract a genuine webhook.")

    def settle(self, currency: str) -> str | None:
        """The far end pays all of its balance in `currency` to the platform's bank; its id of that."""
        return None

    def away(self) -> AbstractContextManager[None] | None:
        """Within it the far end does not answer, and does nothing."""
        return None

    def decline(self, ref: str) -> bool | None:
        """The buyer tries to pay and is declined."""
        return None

    def expire(self, ref: str) -> bool | None:
        """The far end lets the unpaid payment `ref` run out."""
        return None


def create(subject: Subject, money: Money | None = None) -> tuple[Update, str, str]:
    """A new payment: the answer, our key, our id."""
    money, key = money or subject.amounts[0], f"create:{uuid.uuid4()}"
    ref = subject.payment(money)
    return repeat(subject, key, ref, money), key, ref


def repeat(subject: Subject, key: str, ref: str, money: Money) -> Update:
    until = now() + dt.timedelta(minutes=10)
    back = "http://127.0.0.1:8000/pay/?back"
    return subject.processor.create(key, money, ref=ref, expires_at=until, return_url=back)


def asked(subject: Subject) -> set[Outcome]:
    """What a payment is after `create`, before the buyer did anything."""
    return {Outcome.SUCCEEDED} if subject.instant else {Outcome.PENDING, Outcome.ACTION}


def paid(subject: Subject, money: Money | None = None) -> Update:
    made, _, _ = create(subject, money)
    subject.pay(made.ref, money or subject.amounts[0])
    return found(subject, made.ref)


def found(subject: Subject, ref: str) -> Update:
    update = subject.processor.fetch(ref)
    assert update is not None, f"{ref} is not found"
    return update


def well_formed(update: Update, kind: str) -> None:
    """What the books can keep: a name that fits, exact money, a moment with a zone."""
    assert (update.kind, 0 < len(update.ref) <= 128) == (kind, True)
    assert isinstance(update.outcome, Outcome)
    for money in (update.amount, update.fee):
        assert money is None or (isinstance(money, Money) and money.amount >= 0)
    assert update.occurred_at is None or update.occurred_at.tzinfo is not None
