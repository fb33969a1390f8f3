"""Goods that a country may tax lower than usual: which, by the first digits of their HS code.

We know that a lower rate may apply, not that it does nor how low it is. So the tax on such goods is an estimate, and an
estimate is never collected: the parcel goes to the door.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "data" / "lower_rates.csv"
ANYWHERE = "*"
FLAT = frozenset({"NZ", "SG", "HK", "AE"})  # one rate for everything that is imported, as far as we know
Lower = tuple[tuple[str, str], ...]  # prefixes joined by ";", what they are


def lower_rates(country: str) -> Lower:
    """Those of a country, or of any country where nothing is on file for it; of the scheme `EU` for its members."""
    table = _table()
    if country in FLAT:
        return ()
    return table.get(country, table[ANYWHERE])


@cache
def _table() -> dict[str, Lower]:
    found: dict[str, list[tuple[str, str]]] = {}
    with FILE.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["country"], []).append((row["hs_prefix"], row["what"]))
    return {country: tuple(rows) for country, rows in found.items()}


def taxed_lower(hs_codes: list[str], lower: Lower) -> list[str]:
    """What of a parcel may be taxed lower, each once."""
    return [what for prefixes, what in lower if any(code.startswith(tuple(prefixes.split(";"))) for code in hs_codes)]
