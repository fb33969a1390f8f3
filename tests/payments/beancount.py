"""A strict reader of the part of Beancount's syntax that we write: anything else is an error.

By the language reference: a directive begins with its date; names of accounts have five roots and parts of letters,
digits and dashes that begin with a capital letter or a digit; currencies are capital letters, digits and ' . _ -, 24 at
most.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from decimal import Decimal

DAY = r"(\d{4}-\d{2}-\d{2})"
ACCOUNT = r"((?:Assets|Liabilities|Equity|Income|Expenses)(?::[A-Z0-9][A-Za-z0-9-]*)+)"
CURRENCY = r"([A-Z][A-Z0-9'._-]{0,22}[A-Z0-9])"
STRING = r'"((?:[^"\\\n]|\\["\\])*)"'
AMOUNT = r"(-?\d+(?:\.\d+)?)"
LINES = {
    "option": re.compile(rf"option {STRING} {STRING}"),
    "commodity": re.compile(rf"{DAY} commodity {CURRENCY}"),
    "open": re.compile(rf"{DAY} open {ACCOUNT} {CURRENCY}"),
    "transaction": re.compile(rf"{DAY} \* {STRING} {STRING}(?: \^([A-Za-z0-9_/.-]+))?"),
    "balance": re.compile(rf"{DAY} balance {ACCOUNT}  {AMOUNT} {CURRENCY}"),
    "meta": re.compile(rf"  ([a-z][a-zA-Z0-9_-]*): {STRING}"),
    "posting": re.compile(rf"  {ACCOUNT}  {AMOUNT} {CURRENCY}"),
}


@dataclass
class Transaction:
    day: dt.date
    kind: str
    ref: str
    meta: dict[str, str] = field(default_factory=dict)
    postings: list[tuple[str, Decimal, str]] = field(default_factory=list)


@dataclass
class Book:
    """What a text says, checked as Beancount does: balanced, opened before use, in the account's currency."""

    commodities: set[str] = field(default_factory=set)
    opened: dict[str, tuple[dt.date, str]] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    transactions: list[Transaction] = field(default_factory=list)
    asserted: dict[str, tuple[dt.date, Decimal]] = field(default_factory=dict)

    def balance(self, account: str, before: dt.date = dt.date.max) -> Decimal:
        """With all accounts below it, as Beancount counts."""
        moved = (one for one in self.transactions if one.day < before)
        below = f"{account}:"
        return sum(
            (amount for one in moved for name, amount, _ in one.postings if f"{name}:".startswith(below)), Decimal()
        )


def read(text: str) -> Book:
    book, under = Book(), None
    for number, line in enumerate(text.splitlines(), 1):
        if not line:
            under = None
            continue
        found = {kind: match for kind, pattern in LINES.items() if (match := pattern.fullmatch(line))}
        assert len(found) == 1, f"line {number} is not Beancount: {line!r}"
        [(kind, match)] = found.items()
        under = _take(book, kind, match.groups(), under)
    _check(book)
    return book


def _take(book: Book, kind: str, parts: tuple[str, ...], under: object) -> object:
    if kind == "meta":
        assert under is not None, "metadata of nothing"
        if isinstance(under, Transaction):
            under.meta[parts[0]] = parts[1]
        elif parts[0] == "code":
            book.codes[str(under)] = parts[1]
        return under
    if kind == "posting":
        assert isinstance(under, Transaction), "a posting of no transaction"
        under.postings.append((parts[0], Decimal(parts[1]), parts[2]))
        return under
    if kind == "option":
        return None
    day = dt.date.fromisoformat(parts[0])
    if kind == "commodity":
        assert parts[1] not in book.commodities, "declared twice"
        book.commodities.add(parts[1])
        return None
    if kind == "open":
        assert parts[1] not in book.opened, f"{parts[1]} is opened twice"
        book.opened[parts[1]] = (day, parts[2])
        return parts[1]
    if kind == "balance":
        book.asserted[parts[1]] = (day, Decimal(parts[2]))
        return None
    book.transactions.append(Transaction(day, parts[1], parts[2]))
    return book.transactions[-1]


def _check(book: Book) -> None:
    for one in book.transactions:
        sums: dict[str, Decimal] = {}
        for account, amount, currency in one.postings:
            opened, kept = book.opened[account]
            assert opened <= one.day, f"{account} is used before it is open"
            assert kept == currency in book.commodities
            sums[currency] = sums.get(currency, Decimal()) + amount
        assert one.postings, f"{one.meta} has no postings"
        assert not any(sums.values()), f"{one.meta} is not balanced"
    for account, (day, amount) in book.asserted.items():
        assert book.balance(account, day) == amount, f"{account} is not {amount} on {day}"
