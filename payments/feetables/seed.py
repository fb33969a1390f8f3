"""The rows that ship with the project. They fill what is missing and never touch what an operator has recorded.

Stripe: what it published for accounts in the euro area, not negotiated, for standard cards (premium ones: 1.9 %).
The fixed part is 0.25 EUR; in another currency it is Stripe's own round amount for it, never a conversion of ours.
What we know from no page is marked as unverified: an operator records what the own account is charged.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

SINCE = dt.date(2026, 1, 1)
LIST = (
    "Stripe, “Pricing updates for businesses based in the European Economic Area” on support.stripe.com, "
    "in force since 10 April 2023"
)
ABROAD = LIST + ", for accounts in the country of this currency"
UNKNOWN = "No published source was read: as remembered in November 2026. Record what your account is charged"
CHAIN = "No intermediary: the platform’s own node watches the chain; the buyer’s wallet pays the network"
TRANSFER = "No published source: assumed is a bank that takes nothing for a credit. Record what yours asks"
OWN = "No outside party: moved within the platform’s own books"

CARDS = {"EEA": 150, "GB": 250, "": 325}
FIXED: dict[str, int] = {
    **{"EUR": 25, "USD": 30, "GBP": 20, "CHF": 30, "CAD": 30, "AUD": 30, "NZD": 30, "SGD": 50},
    **{"HKD": 235, "DKK": 180, "SEK": 180, "NOK": 200, "PLN": 100, "CZK": 650, "HUF": 8500},
    **{"RON": 100, "BGN": 50, "MXN": 300, "BRL": 39, "MYR": 100, "THB": 1000, "AED": 100},
}
OF_THE_NOTICE = {"CHF", "DKK", "SEK", "PLN", "CZK", "HUF", "RON", "BGN"}
FREE = {"bitcoin": CHAIN, "erc20": CHAIN, "transfer": TRANSFER, "balance": OWN}
COINS = {"bitcoin": "BTC", "erc20": "USDC"}


def rows() -> Iterator[dict[str, Any]]:
    for area, bps in CARDS.items():
        yield _row("stripe", "percent", LIST, "medium", area=area, bps=bps)
    for currency, minor in FIXED.items():
        yield _row("stripe", "fixed", *_standing(currency), currency=currency, minor=minor)
    for slug, source in FREE.items():
        yield _row(slug, "percent", source, "none" if slug == "transfer" else "high")
    for slug, coin in COINS.items():
        yield _row(slug, "network", CHAIN, "high", currency=coin)


def _standing(currency: str) -> tuple[str, str]:
    """The source of Stripe's fixed part, and how sure it is."""
    if currency == "EUR":
        return LIST, "medium"
    return (ABROAD, "low") if currency in OF_THE_NOTICE else (UNKNOWN, "none")


def say_sources(model: Any) -> int:
    """Rows that shipped without a published source say where they stand now; the figures, and what people recorded,
    stay. How many were corrected."""
    said = {_key(row): row for row in rows()}
    mine = [row for row in model.objects.filter(recorded_by=None) if _key(vars(row)) in said]
    for row in mine:
        row.source, row.confidence = (said[_key(vars(row))][name] for name in ("source", "confidence"))
    return int(model.objects.bulk_update(mine, ["source", "confidence"]))


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
