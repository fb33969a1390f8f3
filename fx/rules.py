"""What a rate must pass before it prices anything. Pure: no clock, no database, no network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from fx.money import COINS
from fx.providers.base import RateProvider, Reading

AGREE_BPS = 100  # two sources of a coin
UNSEEN_FACTOR = Decimal(2)  # a currency without a last rate, against the file of the past
Visits = Sequence[tuple[RateProvider, Sequence[Reading]]]


class Group(Enum):
    """Rates that are held together: when one of them jumps, its neighbours are suspect too."""

    FIAT = Decimal("1.10")
    COIN = Decimal("1.25")

    @classmethod
    def of(cls, currency: str) -> Group:
        return cls.COIN if currency in COINS else cls.FIAT

    @property
    def limit(self) -> Decimal:
        """How many times the last rate, or its inverse, a rate may be without a person's look."""
        return self.value


@dataclass(frozen=True, slots=True)
class Mid:
    """A rate as `fx.models.Rate` stores it; see there."""

    currency: str
    per_eur: Decimal
    as_of: datetime
    source: str
    good_until: datetime | None
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """One rate per currency, and the coins whose sources contradict each other."""

    mids: Mapping[str, Mid]
    disputed: frozenset[str]


def choose(visits: Visits) -> Chosen:
    """The first provider's rate of each fiat currency; for coins the two-source rule."""
    offers: dict[str, list[Mid]] = {}
    for provider, readings in visits:
        for reading in readings:
            offers.setdefault(reading.currency, []).append(_mid(provider, reading))
    mids = {currency: _pick(found) for currency, found in offers.items()}
    contradicted = {c for c, found in offers.items() if c in COINS and not _agree(_market(found))}
    good = {c: mid for c, mid in mids.items() if mid is not None and c not in contradicted}
    return Chosen(good, frozenset(contradicted))


def jumps(new: Mapping[str, Mid], last: Mapping[str, Mid], past: Mapping[str, Decimal]) -> list[str]:
    """The currencies that moved too far since `last`; without a last rate, from the `past`."""
    return [
        currency
        for currency, mid in new.items()
        if (
            apart(mid.per_eur, last[currency].per_eur) > Group.of(currency).limit
            if currency in last
            else currency in past and apart(mid.per_eur, past[currency]) > UNSEEN_FACTOR
        )
    ]


def apart(a: Decimal, b: Decimal) -> Decimal:
    """How many times the larger of two rates is the smaller: 1 or more."""
    return max(a, b) / min(a, b)


def _mid(provider: RateProvider, reading: Reading) -> Mid:
    age = provider.max_age
    good_until = None if age is None else reading.as_of + age
    return Mid(reading.currency, reading.per_eur, reading.as_of, provider.name, good_until)


def _pick(offers: list[Mid]) -> Mid | None:
    """Fiat: the first. A coin: the middle of the market's or a stand-in, never one source."""
    if offers[0].currency not in COINS:
        return offers[0]
    market = _market(offers)
    if len(market) > 1:
        return _middle(market)
    return next((mid for mid in offers if mid.good_until is None), None)


def _market(offers: Iterable[Mid]) -> list[Mid]:
    return [mid for mid in offers if mid.good_until is not None]


def _agree(market: list[Mid]) -> bool:
    if len(market) < 2:
        return True
    rates = [mid.per_eur for mid in market]
    return (max(rates) - min(rates)) * 10_000 <= min(rates) * AGREE_BPS


def _middle(market: list[Mid]) -> Mid:
    """Between the lowest and the highest, as old as the oldest."""
    rates, oldest = [mid.per_eur for mid in market], min(market, key=lambda mid: mid.as_of)
    return Mid(
        currency=oldest.currency,
        per_eur=((min(rates) + max(rates)) / 2).quantize(Decimal(1).scaleb(-18)),
        as_of=oldest.as_of,
        source="+".join(mid.source for mid in market),
        good_until=min(mid.good_until for mid in market if mid.good_until is not None),
    )
