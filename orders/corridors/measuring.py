"""Measures what corridors cost, from the books, in one statement; the page only reads what this wrote."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from fx.money import EXPONENT
from marketplace.lib.clock import now
from orders.models import CorridorCost
from orders.models.corridor import FEWEST

SQL = (Path(__file__).resolve().parent.parent / "sql" / "corridors.sql").read_text(encoding="utf-8")
EVERY = dt.timedelta(hours=1)
YEAR = dt.timedelta(days=365)


def due() -> bool:
    newest = CorridorCost.objects.order_by("-measured_at").values_list("measured_at", flat=True).first()
    return newest is None or now() - newest >= EVERY


@transaction.atomic
def measure() -> int:
    """Write the board anew, all or nothing; who reads sees the old one until then. How many cells it has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('measure corridors'))")
        cursor.execute("DELETE FROM orders_corridorcost")
        at = now()
        facts: dict[str, Any] = {"exponents": json.dumps(EXPONENT), "since": at - YEAR, "now": at, "fewest": FEWEST}
        cursor.execute(SQL, facts)
        return int(cursor.rowcount)
