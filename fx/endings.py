"""Prices that end like another one: 49.90 rupees and 0.47 euros both end in 90 or neither does. Pure."""

from __future__ import annotations

from fx.money import COINS, Money, exponent_of

CAP_BPS = 300  # of the converted price: beyond it the plain price stays
CYCLE = 100  # an ending is two digits


def lifted(plain: Money, *, like: Money) -> Money | None:
    """The nearest price from `plain` upwards that ends like `like`, at most CAP_BPS above it; None when there is none.

    The ending is the first two decimals, or of a money without decimals its last two digits: 49.90 and 4,990 yen
    both end in 90. What has further decimals, or is a coin, has no ending.
    """
    if not plain.amount or {plain.currency, like.currency} & COINS:
        return None
    step, cents = _cent(plain.currency), _cent(like.currency)
    if like.amount % cents:
        return None
    ending = like.amount // cents % CYCLE * step
    around = CYCLE * step
    found = plain.amount + (ending - plain.amount) % around
    if (found - plain.amount) * 10_000 > plain.amount * CAP_BPS:
        return None
    return Money(found, plain.currency)


def _cent(currency: str) -> int:
    """Minor units in the second decimal, or one where there are fewer."""
    return int(10 ** max(0, exponent_of(currency) - 2))
