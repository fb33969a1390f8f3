"""A seller's own sales balance: no card, no fee, no exchange. Its far end is a book that comes from outside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from fx.money import COINS, Money
from payments.processors.base import BadSignature, Can, Movement, Outcome, Processor, Update
from payments.sellers.spending import Book, Entered, LedgerBook


class Balance(Processor):
    """Config: nothing. Paid the moment it is created; a refund is back on the balance at once."""

    slug: ClassVar[str] = "balance"
    label: ClassVar[str] = gettext_noop("Your sales balance")
    can: ClassVar[Can] = Can.REFUND | Can.PARTIAL_REFUND | Can.STATEMENT

    def __init__(self, config: Mapping[str, Any], *, book: Book | None = None) -> None:
        super().__init__(config)
        self.book = book or LedgerBook()

    def accepts(self, money: Money, country: str) -> bool:
        return money.currency not in COINS

    @property
    def note(self) -> str:
        return _("You pay from your sales balance, without a fee. A refund goes back to it.")

    def create(self, key: str, money: Money, *, ref: str, expires_at: dt.datetime, return_url: str) -> Update:
        return _paid(self.book.take(key, ref, money))

    def fetch(self, ref: str | None, *, kind: str = "payment", key: str | None = None) -> Update | None:
        if kind == "refund":
            back = self.book.given_back(key or ref or "")
            return None if back is None else _back(back)
        taken = self.book.taken(ref, key)
        return None if taken is None else _paid(taken)

    def refund(self, key: str, ref: str, money: Money, *, destination: str | None = None) -> Update:
        return _back(self.book.give_back(key, ref, money))

    def statement(self, since: dt.datetime, until: dt.datetime) -> Iterator[Movement]:
        """What was taken from sales balances, and given back to them."""
        for kind, entry in self.book.entries(since, until):
            money, ref = (entry.money, entry.ref) if kind == "charge" else (-entry.money, entry.key)
            yield Movement(ref, kind, money, Money(0, money.currency), entry.at, entry.key)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Update]:
        raise BadSignature("A sales balance sends no webhooks.")


def _paid(entry: Entered) -> Update:
    fee = Money(0, entry.money.currency)
    return Update("payment", entry.ref, Outcome.SUCCEEDED, entry.money, fee, key=entry.key, occurred_at=entry.at)


def _back(entry: Entered) -> Update:
    return Update("refund", entry.key, Outcome.SUCCEEDED, entry.money, key=entry.key, occurred_at=entry.at)
