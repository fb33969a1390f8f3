"""Many orders from few: every row that services wrote for them is copied, under other names, by SQL alone.

The copies are the originals' equals in shape and money, and their journals pass the ledger's own triggers,
so the audit holds on them. Processors know the originals only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from marketplace.seeding.copies import books, rows
from marketplace.seeding.copies.names import Names
from orders.models import Checkout

Say = Callable[[str], None]
ORIGINALS_AT_MOST = 2_000  # they are read into memory
ROWS_AT_ONCE = 10_000  # checkouts per transaction


class CopyRefused(Exception):
    """These orders cannot be copied; the message says why."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The copies from `first` to `last`, numbered from 1."""

    first: int
    last: int


def multiply(times: int, *, say: Say) -> None:
    """Make `times` of everything that was ever bought here, itself counted. CopyRefused when that is too much."""
    originals = Checkout.objects.count()
    if not originals or originals > ORIGINALS_AT_MOST:
        raise CopyRefused(f"There are {originals} checkouts; from 1 to {ORIGINALS_AT_MOST} can be copied.")
    with connection.cursor() as cursor:
        names = Names.of(rows.copied())
        tables = rows.prepare(cursor, names)
        ledger = books.prepare(cursor, names)
        words_after = names.words_after(times)
        for batch in _batches(times - 1, at_once=max(1, ROWS_AT_ONCE // originals)):
            rows.number(cursor, batch.first, batch.last, words_after=words_after)
            _copy(cursor, tables, ledger)
            say(f"  {(batch.last + 1) * originals} orders of {times * originals}")
        rows.finish(cursor, tables, times=times)
        books.finish(cursor)


def _batches(copies: int, *, at_once: int) -> list[Batch]:
    return [Batch(first, min(first + at_once - 1, copies)) for first in range(1, copies + 1, at_once)]


def _copy(cursor: CursorWrapper, tables: list[rows.Table], ledger: books.Books) -> None:
    with transaction.atomic():
        cursor.execute("set constraints all deferred")
        ledger.copy(cursor)
        for table in tables:
            table.copy(cursor)
        cursor.execute("set constraints all immediate")
