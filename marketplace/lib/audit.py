"""Invariants as SQL: any row that a check returns is a violation. One snapshot, read only, safe on a live system."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper

log = logging.getLogger(__name__)
SAMPLES = 5
# The entries `e` of journals `j` that are few: by their index, where the planner would read every entry there is.
OF_FEW = "cross join lateral (select * from ledger_entry where journal_id = j.id offset 0) e"
SNAPSHOT = "set transaction isolation level repeatable read, read only"
Param = int | str | list[str] | list[int] | tuple[str, ...] | tuple[tuple[str, str], ...] | timedelta


@dataclass(frozen=True, slots=True)
class Check:
    """`severity` S1: money or stock is wrong, call a person. S2: late, stuck or unsafe.

    `sql` returns one row per violation, its first column a text that names it; `params` are its `%(name)s`.
    Checks that read the same rows may have the very same `sql` and `params`: it is run once, and its second column
    is a check's id.
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
    """What a check found: `count` violations, or an `error` when it could not be run."""

    check: Check
    count: int
    samples: list[str]
    seconds: float
    error: str = ""

    @property
    def is_broken(self) -> bool:
        return bool(self.count or self.error)

    def json(self) -> dict[str, Any]:
        """As `audit --json` prints it and as a run is kept, see docs/audit.md."""
        return {
            "id": self.check.id,
            "severity": self.check.severity,
            "statement": self.check.statement,
            "count": self.count,
            "samples": self.samples,
            "error": self.error,
            "seconds": round(self.seconds, 4),
        }


def run(checks: Iterable[Check]) -> list[Result]:
    """Every check on the same snapshot of the primary, in the given order.

    Outside of a transaction several connections share the snapshot and the work, see AUDIT_CONNECTIONS.
    """
    work = _Work(checks)
    if connection.in_atomic_block:  # a test's transaction: its level is set already, and others do not see its rows
        work.do()
        return work.results()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SNAPSHOT)
        cursor.execute("select pg_export_snapshot()")
        [snapshot] = cursor.fetchone()
        helpers = [Thread(target=work.help, args=[snapshot]) for _ in range(settings.AUDIT_CONNECTIONS - 1)]
        for helper in helpers:
            helper.start()
        try:
            _prepare(cursor)
            work.do()
        except BaseException:
            work.stop()
            raise
        finally:
            for helper in helpers:
                helper.join()
        work.do()  # what a lost helper left
    return work.results()


class _Work:
    """The checks that wait, taken by one connection after the other, and what they found."""

    def __init__(self, checks: Iterable[Check]) -> None:
        self._checks = list(checks)
        self._waiting: SimpleQueue[list[Check]] = SimpleQueue()
        self._found: dict[str, Result] = {}
        queries: list[list[Check]] = []
        for check in self._checks:
            same = (one for one in queries if (one[0].sql, one[0].params) == (check.sql, check.params))
            if (sharing := next(same, None)) is not None:
                sharing.append(check)
            else:
                queries.append([check])
        # Those that read the ledger take longest: they go first, so that none is left for the end.
        for sharing in sorted(queries, key=lambda one: "ledger_entry" not in one[0].sql):
            self._waiting.put(sharing)

    def results(self) -> list[Result]:
        return [self._found[check.id] for check in self._checks]

    def help(self, snapshot: str) -> None:
        """On a connection of this thread, which sees what `snapshot` saw."""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(SNAPSHOT)
                cursor.execute("set transaction snapshot %s", [snapshot])
                _prepare(cursor)
                self.do()
        except DatabaseError:
            log.exception("A connection of the audit was lost; the others go on.")
        finally:
            connection.close()

    def do(self) -> None:
        while True:
            try:
                sharing = self._waiting.get_nowait()
            except Empty:
                return
            try:
                self._found.update({result.check.id: result for result in _run(sharing)})
            except DatabaseError:  # the connection is gone: another one takes it
                self._waiting.put(sharing)
                raise

    def stop(self) -> None:
        """Leave nothing to take."""
        with suppress(Empty):
            while True:
                self._waiting.get_nowait()


def _prepare(cursor: CursorWrapper) -> None:
    """Queries side by side do without parallel plans and compiled expressions: those cost more than they save."""
    cursor.execute("set local statement_timeout = %s", [f"{settings.AUDIT_CHECK_SECONDS}s"])
    if settings.AUDIT_CONNECTIONS > 1:
        cursor.execute("set local max_parallel_workers_per_gather = 0")
    cursor.execute("set local jit = off")
    cursor.execute("set local work_mem = '8MB'")  # most sums fit in memory then; more was no faster


def _run(sharing: Sequence[Check]) -> list[Result]:
    """What the one query of these checks finds; they have equal parts of its time."""
    started, query = time.monotonic(), sharing[0]
    try:
        with transaction.atomic(), connection.cursor() as cursor:  # a savepoint: one that fails spoils no other
            cursor.execute(query.sql, query.params or None)  # type: ignore[arg-type]
            rows = cursor.fetchall()
    except DatabaseError as error:
        if connection.connection is None or connection.connection.closed:
            raise
        said, seconds = str(error).strip().splitlines()[0], (time.monotonic() - started) / len(sharing)
        return [Result(check, 0, [], seconds, said) for check in sharing]
    seconds = (time.monotonic() - started) / len(sharing)
    return [_result(check, rows, seconds) for check in sharing]


def _result(check: Check, rows: Sequence[Sequence[Any]], seconds: float) -> Result:
    mine = [str(row[0]) for row in rows if len(row) == 1 or row[1] == check.id]
    return Result(check, len(mine), mine[:SAMPLES], seconds)
