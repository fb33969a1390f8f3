"""Terms as dated rows: a new row ends the one before it, and lasts until the next one begins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from payments.models import FeeRow, TaxRate


def make_room(rows: Sequence[FeeRow] | Sequence[TaxRate], valid_from: dt.date) -> dt.date | None:
    """End the row of these, all about the same and locked, that is in force on `valid_from`. When the next one begins,
    if one does."""
    for row in rows:
        if row.in_force(valid_from):
            row.valid_until = valid_from
            row.save(update_fields=["valid_until"])
    later = (row.valid_from for row in rows if row.valid_from > valid_from and row.valid_until != row.valid_from)
    return min(later, default=None)
