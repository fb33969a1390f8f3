"""Countries under an embargo, from one short table: for what is sold and for who is paid.

The table names no law of a single case. A `block` stops; a block that the table itself calls uncertain only warns,
because nobody should lose a sale to a guess.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_suffix(".csv")
BLOCKS = {"block", "block_default"}


@dataclass(frozen=True, slots=True)
class Embargo:
    """`blocks`: no trade and no payout; else something to mind."""

    blocks: bool
    reason: str
    binds: str  # whom
    source: str


@cache
def embargoes() -> dict[str, Embargo]:
    """Country code -> what is known of it."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        return {
            code: Embargo(
                row["rule"] in BLOCKS and row["confidence"] != "low",
                row["note"] or row["binds"],
                row["binds"],
                row["source"],
            )
            for row in csv.DictReader(file)
            for code in row["code"].split(";")
        }
