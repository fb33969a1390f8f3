"""What a piece may cost."""

from __future__ import annotations

from fx.money import Money, exponent_of

DEAREST = 100_000_000  # whole units of a currency: above it, a slip of the finger


def price_bounds(currency: str) -> tuple[Money, Money]:
    """The least and the most that a piece may cost."""
    unit = 10 ** exponent_of(currency)
    return Money(max(1, unit // 10), currency), Money(unit * DEAREST, currency)
