"""Invariants as SQL: any row that a check returns is a violation. One snapshot, read only, safe on a live system."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction

SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Check:
    """`severity` S1: money or stock is wrong, call a person. S2: late, stuck or unsafe. `sql` returns one text per violation."""

    id: str
    severity: str
    statement: str
    sql: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """An invariant that does not apply yet, and why."""

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
        return [_run(cursor, check) for check in checks]


def _run(cursor: object, check: Check) -> Result:
    started = time.monotonic()
    cursor.execute(check.sql)  # type: ignore[attr-defined]
    rows = cursor.fetchall()  # type: ignore[attr-defined]
    samples = [str(row[0]) for row in rows[:SAMPLES]]
    return Result(check, len(rows), samples, time.monotonic() - started)
