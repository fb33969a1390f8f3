"""Every movement of a seller's accounts in one currency: payable, reserve, contested, debt.

Seen from the seller: positive where more is theirs, or less is owed. The balance of all four is what would be theirs if
everything were settled at once, so opening + movements = closing, to the unit. Times are UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from fx.money import Money
from payments.ledger import codes

PAYABLE, RESERVE, CONTESTED, DEBT = PARTS = ("payable", "reserve", "contested", "debt")
BATCH = 1_000

_OF = """
from ledger_entry e join ledger_account a on a.id = e.account_id join ledger_journal j on j.id = e.journal_id
where a.code = any(%(codes)s)"""
_WITHIN = f"{_OF} and j.occurred_at >= %(since)s and j.occurred_at < %(until)s"
_WHAT = "select j.occurred_at, j.id, e.line, j.key, j.kind, j.ref, a.code, -e.amount as amount"
_SUM = f"select coalesce(-sum(e.amount), 0)::bigint {_OF} and j.occurred_at < %(since)s"
_COUNT = f"select count(*), coalesce(-sum(e.amount), 0)::bigint {_WITHIN}"
_LATEST = f"""
select *, (sum(amount) over (order by occurred_at, id, line))::bigint from ({_WHAT} {_WITHIN}) within
order by occurred_at desc, id desc, line desc offset %(offset)s limit %(limit)s"""  # noqa: S608  constants
_NEXT = f"""{_WHAT} {_WITHIN} and (j.occurred_at, j.id, e.line) > (%(at)s, %(id)s, %(line)s)
order by j.occurred_at, j.id, e.line limit %(limit)s"""
_MONTHS = f"select distinct date_trunc('month', j.occurred_at at time zone 'UTC')::date {_OF} order by 1 desc"


@dataclass(frozen=True, slots=True)
class Moved:
    """One entry. `part` is one of PARTS; `balance` is that of all four after it."""

    at: dt.datetime
    journal: int
    key: str
    kind: str
    ref: str
    part: str
    amount: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class Account:
    """A seller's accounts in one currency, from `since` until before `until`."""

    seller_id: int
    currency: str
    since: dt.datetime
    until: dt.datetime

    def opening(self) -> Money:
        return Money(_one(_SUM, self._params())[0], self.currency)

    def count(self) -> tuple[int, Money]:
        """How many movements there are, and their sum."""
        number, total = _one(_COUNT, self._params())
        return number, Money(total, self.currency)

    def latest(self, opening: Money, *, offset: int, limit: int) -> list[Moved]:
        """The newest first."""
        rows = _all(_LATEST, self._params(offset=offset, limit=limit))
        return [self._moved(row, opening + Money(row[-1], self.currency)) for row in rows]

    def each(self, opening: Money) -> Iterator[Moved]:
        """All, the oldest first, a batch in memory at a time."""
        after: dict[str, Any] = {"at": self.since, "id": 0, "line": 0}
        balance = opening
        while rows := _all(_NEXT, self._params(limit=BATCH, **after)):
            for row in rows:
                balance += Money(row[7], self.currency)
                yield self._moved(row, balance)
            after = dict(zip(("at", "id", "line"), rows[-1], strict=False))

    def months(self) -> list[dt.date]:
        """The first days of months in which something moved, the latest first; whatever the period is."""
        return [month for (month,) in _all(_MONTHS, self._params())]

    def _params(self, **more: Any) -> dict[str, Any]:
        return {"codes": list(self._codes()), "since": self.since, "until": self.until} | more

    def _codes(self) -> dict[str, str]:
        makers = (codes.seller, codes.seller_reserve, codes.seller_contested, codes.seller_debt)
        return {make(self.seller_id, self.currency).code: part for make, part in zip(makers, PARTS, strict=True)}

    def _moved(self, row: tuple[Any, ...], balance: Money) -> Moved:
        at, journal, _line, key, kind, ref, code, amount = row[:8]
        return Moved(at, journal, key, kind, ref, self._codes()[code], Money(amount, self.currency), balance)


def _one(sql: str, params: dict[str, Any]) -> tuple[Any, ...]:
    [row] = _all(sql, params)
    return row


def _all(sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
