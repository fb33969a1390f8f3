"""Rows spread over as many sheets as they need."""

from __future__ import annotations

from collections.abc import Sequence

from marketplace.lib.pdf import Form

Cells = tuple[str, ...]
Rows = list[tuple[Cells, float]]


def spread(form: Form, rows: Sequence[Cells], widths: Sequence[float], size: float, room: float) -> list[Rows]:
    """Each sheet's rows with their heights; a row that is taller than `room` has a sheet of its own."""
    sheets: list[Rows] = [[]]
    used = 0.0
    for cells in rows:
        height = min(form.row_height(cells, widths, size), room)
        if sheets[-1] and used + height > room:
            sheets.append([])
            used = 0.0
        sheets[-1].append((cells, height))
        used += height
    return sheets
