"""Tables of our own admin pages: drawn by templates/admin/table.html, in a narrow place each row is a block."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format

from fx.money import Money
from payments.admin.pages import said


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell says: `text`, a quiet `note` below it, `links` of an address and its words; numbers stand right."""

    text: str
    note: str = ""
    links: Sequence[tuple[str, str]] = ()
    number: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    caption: str
    head: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    """`rows` of cells, each a Cell, Money, a moment, a number or text."""
    words = [str(one) for one in head]
    cells = [[_cell(one, label) for one, label in zip(row, words, strict=True)] for row in rows]
    numbers = [one.number for one in cells[0]] if cells else [False] * len(words)
    named = [Cell(word, number=number) for word, number in zip(words, numbers, strict=True)]
    return Table(str(caption), named, cells)


def _cell(what: Any, label: str) -> Cell:
    if isinstance(what, Cell):
        return Cell(what.text, what.note, what.links, what.number, label)
    if isinstance(what, Money):
        return Cell(said(what), number=True, label=label)
    if isinstance(what, dt.datetime):
        return Cell(f"{date_format(what, 'DATETIME_FORMAT')} UTC", label=label)
    return Cell(str(what), number=isinstance(what, int), label=label)
