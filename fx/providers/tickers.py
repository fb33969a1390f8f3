"""What markets for coins have in common: a bid and an ask in euros, per pair."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from fx.providers.base import BadRates, Reading, Reply, inverse, positive

WIDEST_BPS = 300  # between bid and ask; beyond it there is no market to speak of


def visit_pairs(pairs: Mapping[str, str], read: Callable[[str, str], Reading]) -> Reply:
    """`read(currency, pair)` for each pair: one that fails is a problem, not the end of all."""
    readings: list[Reading] = []
    problems: list[str] = []
    waits: list[timedelta] = []
    for currency, pair in pairs.items():
        try:
            readings.append(read(currency, pair))
        except BadRates as error:
            problems.append(f"{pair}: {error}")
            waits += [error.wait] if error.wait else []
    wait = max(waits, default=None)
    if not readings:
        raise BadRates("; ".join(problems), wait=wait)
    return Reply(readings, problems, wait)


def between(bid: object, ask: object, *, currency: str, as_of: datetime) -> Reading:
    """The middle of the market's `bid` and `ask`, in euros per coin, as units per euro."""
    low, high = positive(bid, "bid"), positive(ask, "ask")
    if low > high:
        raise BadRates(f"bid {low} is above ask {high}")
    if (high - low) * 10_000 > low * WIDEST_BPS:
        raise BadRates(f"bid {low} and ask {high} are more than {WIDEST_BPS} basis points apart")
    return Reading(currency, inverse((low + high) / Decimal(2)), as_of)
