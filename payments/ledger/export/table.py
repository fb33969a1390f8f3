"""The ledger as CSV: one line per entry, amounts with all of their decimals, debit positive."""

from __future__ import annotations

from collections.abc import Iterator

from fx.money import EXPONENT, Money
from marketplace.lib.spreadsheet import line, plain
from payments.ledger.export.rows import Wanted, journals

HEAD = ("journal", "key", "kind", "ref", "at", "line", "account", "amount", "currency", "minor")


def as_csv(wanted: Wanted) -> Iterator[str]:
    yield line(HEAD)
    for journal in journals(wanted):
        about = [str(journal.id), plain(journal.key), plain(journal.kind), plain(journal.ref), journal.at.isoformat()]
        for one in journal.lines:
            money = one.money
            yield line([*about, str(one.number), one.code, decimal(money), money.currency, str(money.amount)])


def decimal(money: Money) -> str:
    """With a point and as many decimals as the currency has."""
    return f"{money.decimal:.{EXPONENT[money.currency]}f}"
