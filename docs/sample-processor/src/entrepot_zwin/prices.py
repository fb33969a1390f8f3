"""Whom Zwin serves and what it keeps, as its price list of 2026 says."""

from __future__ import annotations

from payments.processors import Money

COUNTRIES = frozenset({"BE", "DE", "DK", "IS", "NL", "NO", "SE"})
# Per currency, in minor units: the most that Zwin takes at once, and what it keeps of each payment.
MOST = {"EUR": 1_500_000, "DKK": 10_000_000, "NOK": 15_000_000, "SEK": 15_000_000, "ISK": 2_000_000}
EACH = {"EUR": 25, "DKK": 200, "NOK": 300, "SEK": 300, "ISK": 40}
SHARE_BPS = 60


def estimate(money: Money) -> Money:
    """A fixed part and 0.60 %, rounded up: Zwin charges exactly that."""
    return Money(EACH[money.currency], money.currency) + money.bps(SHARE_BPS, up=True)
