"""The rows that ship with the project. They fill what is missing and never touch what an operator has recorded.

Stripe: the public price list of stripe.com for accounts in the euro area, as remembered 2026-11, not negotiated.
The fixed part is 0.25 EUR; in another currency it is Stripe's own round amount for it, never a conversion of ours.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

SINCE = dt.date(2026, 1, 1)
LIST = "stripe.com, public price list for accounts in the euro area; from memory, November 2026"
CHAIN = "No intermediary: the platform’s own node watches the chain; the buyer’s wallet pays the network"
TRANSFER = "Assumed: a bank that takes nothing for a credit that arrives; record what yours asks"
OWN = "No outside party: moved within the platform’s own books"

CARDS = {"EEA": 150, "GB": 250, "": 325}
FIXED: dict[str, int] = {
    **{"EUR": 25, "USD": 30, "GBP": 20, "CHF": 30, "CAD": 30, "AUD": 30, "NZD": 30, "SGD": 50},
    **{"HKD": 235, "DKK": 180, "SEK": 180, "NOK": 200, "PLN": 100, "CZK": 650, "HUF": 8500},
    **{"RON": 100, "BGN": 50, "MXN": 300, "BRL": 39, "MYR": 100, "THB": 1000, "AED": 100},
}
FREE = {"bitcoin": CHAIN, "erc20": CHAIN, "transfer": TRANSFER, "balance": OWN}
COINS = {"bitcoin": "BTC", "erc20": "USDC"}


def rows() -> Iterator[dict[str, Any]]:
    for area, bps in CARDS.items():
        yield _row("stripe", "percent", LIST, "medium", area=area, bps=bps)
    for currency, minor in FIXED.items():
        yield _row("stripe", "fixed", LIST, "medium", currency=currency, minor=minor)
    for slug, source in FREE.items():
        yield _row(slug, "percent", source, "low" if slug == "transfer" else "high")
    for slug, coin in COINS.items():
        yield _row(slug, "network", CHAIN, "high", currency=coin)


def load(model: Any) -> int:
    """Add each row whose processor, part, country and currency nobody has recorded yet. How many were added."""
    known = set(model.objects.values_list("processor", "part", "area", "currency"))
    missing = [model(**row) for row in rows() if _key(row) not in known]
    return len(model.objects.bulk_create(missing))


def _row(processor: str, part: str, source: str, confidence: str, **figures: Any) -> dict[str, Any]:
    terms = {"area": "", "currency": "", "bps": 0, "minor": 0} | figures
    said = {"source": source, "confidence": confidence, "valid_from": SINCE}
    return {"processor": processor, "part": part, **terms, **said}


def _key(row: dict[str, Any]) -> tuple[str, ...]:
    return row["processor"], row["part"], row["area"], row["currency"]
