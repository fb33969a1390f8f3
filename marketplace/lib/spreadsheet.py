"""Rows for spreadsheets: CSV in which no text of ours or of others is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def plain(text: str) -> str:
    """The text, quoted by an apostrophe when a spreadsheet would calculate it."""
    return f"'{text}" if text.startswith(FORMULA) else text


def line(cells: Sequence[str]) -> str:
    """One line with its end. Numbers are given as they are; texts through `plain`."""
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
