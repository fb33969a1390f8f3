"""Invariants as SQL: any row that a check returns is a violation. One snapshot, read only, safe on a live system."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

SAMPLES = 5
Param = int | str | list[str] | list[int] | tuple[str, ...] | tuple[tuple[str, str], ...] | timedelta


@dataclass(frozen=True, slots=True)
class Check:
    """`severity` S1: money or stock is wrong, call a person. S2: late, stuck or unsafe.

    `sql` returns one row per violation, its first column a text that names it; `params` are its `%(name)s`.
    """

    id: str
    severity: str
    statement: str
    sql: str
    params: Mapping[str, Param] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An invariant that is not checked here, and why."""

    id: str
    statement: str
    why: str


@dataclass(frozen=True, slots=True)
class Result:
    check: Check
    count: int
    samples: list[str]
    seconds: float


def run(checks: Iterable[Check]) -> list[Result]:
    """Every check on the same snapshot of the primary."""
    with transaction.atomic(), connection.cursor() as cursor:
        if not connection.savepoint_ids:  # inside a test's transaction the level is set already
            cursor.execute("set transaction isolation level repeatable read, read only")
            cursor.execute("set local statement_timeout = '10min'")  # a page's limit is too short for large books
        return [_run(cursor, check) for check in checks]


def _run(cursor: CursorWrapper, check: Check) -> Result:
    started = time.monotonic()
    cursor.execute(check.sql, check.params or None)  # type: ignore[arg-type]
    rows = cursor.fetchall()
    samples = [str(row[0]) for row in rows[:SAMPLES]]
    return Result(check, len(rows), samples, time.monotonic() - started)
