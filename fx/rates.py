"""Exchange by exact fractions: no clock, no database, no network, no rounded cross rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal
from fractions import Fraction

from fx.errors import RateMissing
from fx.money import Money, MoneyError, exponent_of

HUB = "EUR"
ONE = 10_000  # basis points
_DISPLAY = Context(prec=8)


@dataclass(frozen=True)
class Rates:
    """One vector of mid-market rates: `per_eur` units of a currency for one euro; the euro is 1.

    `id` is the `RateSet` they come from, 0 when there is none. A currency that is not here has no
    fresh, trusted rate: converting from or to it raises RateMissing.
    """

    id: int
    per_eur: Mapping[str, Fraction]
    as_of: Mapping[str, datetime]
    source: Mapping[str, str]

    def __contains__(self, currency: object) -> bool:
        return currency == HUB or currency in self.per_eur

    def convert(self, money: Money, to: str, *, bps: int = 0, up: bool = False) -> Money:
        """`money` in the currency `to`, rounded once and in the house's favour.

        Without `up`: what the house gives for `money`: mid, less `bps`, rounded down. With `up`:
        what the house asks so that `money` is covered: mid, divided by (1 - bps), rounded up.
        Within one currency nothing changes and no rate is needed. Amounts are not negative.
        """
        if money.amount < 0:
            raise MoneyError(f"{money} is negative. Convert the amount and keep the sign outside.")
        if type(bps) is not int or not 0 <= bps < ONE:
            raise MoneyError(f"A spread of {bps!r} basis points is not from 0 to {ONE - 1}.")
        if money.currency == to:
            return money
        above, below = self._cross(money.currency, to)
        if up:
            return Money(-(-money.amount * above * ONE // (below * (ONE - bps))), to)
        return Money(money.amount * above * (ONE - bps) // (below * ONE), to)

    def mid(self, a: str, b: str) -> Decimal:
        """Units of `b` for one of `a`, eight significant digits: to be shown, not computed with."""
        if a == b:
            return Decimal(1)
        cross = self.cross(a, b)
        return _DISPLAY.divide(Decimal(cross.numerator), Decimal(cross.denominator))

    def cross(self, a: str, b: str) -> Fraction:
        """Units of `b` for one of `a`, exactly."""
        return self._of(b) / self._of(a)

    def _cross(self, a: str, b: str) -> tuple[int, int]:
        """Minor units of `b` for one minor unit of `a`: an exact fraction, not reduced."""
        to, of = self._of(b), self._of(a)
        return (
            to.numerator * of.denominator * 10 ** exponent_of(b),
            to.denominator * of.numerator * 10 ** exponent_of(a),
        )

    def _of(self, currency: str) -> Fraction:
        if currency == HUB:
            return Fraction(1)
        try:
            return self.per_eur[currency]
        except KeyError:
            exponent_of(currency)  # an unknown code is another mistake than a missing rate
            raise RateMissing(currency) from None


NO_RATES = Rates(id=0, per_eur={}, as_of={}, source={})
