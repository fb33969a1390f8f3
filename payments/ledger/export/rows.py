"""What is exported, read from one snapshot by cursors on the server: memory stays flat however long the books are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db import connection

from fx.money import Money

BATCH = 2_000
_WHERE = """
(%(currency)s = '' or e.currency = %(currency)s)
and (%(until)s::timestamptz is null or j.occurred_at < %(until)s)"""
_FROM = "from ledger_entry e join ledger_journal j on j.id = e.journal_id join ledger_account a on a.id = e.account_id"
_ENTRIES = f"""
select j.id, j.key, j.kind, j.ref, j.occurred_at, e.line, a.code, a.kind, e.currency, e.amount {_FROM}
where {_WHERE} and (%(since)s::timestamptz is null or j.occurred_at >= %(since)s)
order by j.occurred_at, j.id, e.line"""
_ACCOUNTS = """
select a.code, a.currency, a.kind, a.opened_at from ledger_account a
where (%(currency)s = '' or a.currency = %(currency)s) order by a.code"""
_BALANCES = f"""
select a.code, a.kind, a.currency, sum(e.amount)::bigint {_FROM}
where {_WHERE} group by a.code, a.kind, a.currency having sum(e.amount) <> 0 order by a.code"""
_FIRST = "select least((select min(occurred_at) from ledger_journal), (select min(opened_at) from ledger_account))"


@dataclass(frozen=True, slots=True)
class Wanted:
    """From `since`, before `until` (both may be open), of one currency or of all."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    currency: str = ""

    @property
    def before(self) -> Wanted:
        """All that the period opens with."""
        assert self.since is not None
        return Wanted(None, self.since, self.currency)

    @property
    def params(self) -> dict[str, Any]:
        return {"since": self.since, "until": self.until, "currency": self.currency}


@dataclass(frozen=True, slots=True)
class Account:
    """`kind` is the ledger's: asset, liability, income, expense, equity, trading."""

    code: str
    currency: str
    kind: str
    opened_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Line:
    """Debit positive."""

    number: int
    code: str
    kind: str
    money: Money


@dataclass(frozen=True, slots=True)
class Journal:
    id: int
    key: str
    kind: str
    ref: str
    at: dt.datetime
    lines: tuple[Line, ...]


def journals(wanted: Wanted) -> Iterator[Journal]:
    """In the order of their time; with the entries of the wanted currency, which balance by themselves."""
    for head, rows in groupby(_stream(_ENTRIES, wanted), key=lambda row: row[:5]):
        id_, key, kind, ref, at = head
        lines = (Line(row[5], row[6], row[7], Money(row[9], row[8])) for row in rows)
        yield Journal(id_, key, kind, ref, at.astimezone(dt.UTC), tuple(lines))


def accounts(wanted: Wanted) -> Iterator[Account]:
    return (Account(*row) for row in _stream(_ACCOUNTS, wanted))


def balances(wanted: Wanted) -> Iterator[Line]:
    """Before `until`, from the first entry on; accounts at zero are left out."""
    return (Line(0, code, kind, Money(amount, currency)) for code, kind, currency, amount in _stream(_BALANCES, wanted))


def first() -> dt.datetime | None:
    """When the books begin."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST)
        [at] = cursor.fetchone()
    return at  # type: ignore[no-any-return]


def _stream(sql: str, wanted: Wanted) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, wanted.params)
        while rows := cursor.fetchmany(BATCH):
            yield from rows
