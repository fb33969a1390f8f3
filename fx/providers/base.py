"""What a provider of rates promises. A package adds its own by the entry point
`marketplace.rate_providers`, naming a class that takes no arguments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from fx.money import EXPONENT
from fx.rates import HUB
from marketplace.lib.clock import now

_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,18})?", re.ASCII)
_INVERSE = Decimal(1).scaleb(-18)
SKEW = timedelta(minutes=1)  # how far a provider's clock may be ahead of ours


class BadRates(Exception):
    """A provider could not be read or said something that cannot be; the message says what.

    `wait`: how long it wants to be left alone, where it said so.
    """

    def __init__(self, message: str, *, wait: timedelta | None = None) -> None:
        super().__init__(message)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Reading:
    """`per_eur` units of `currency` for one euro, true at `as_of` (aware, not in the future)."""

    currency: str
    per_eur: Decimal
    as_of: datetime

    def __post_init__(self) -> None:
        if self.currency not in EXPONENT or self.currency == HUB:
            raise BadRates(f"a rate of {self.currency[:12]!r} against the euro makes no sense")
        if type(self.per_eur) is not Decimal or not self.per_eur.is_finite() or self.per_eur <= 0:
            raise BadRates(f"{self.currency}: {self.per_eur!r} is not a positive Decimal")
        if self.as_of > now() + SKEW:
            raise BadRates(f"{self.currency}: its time {self.as_of:%Y-%m-%d %H:%M} is yet to come")


@dataclass(frozen=True, slots=True)
class Reply:
    """What one visit brought: the rates that are good, a sentence for each that is not, and `wait` as in BadRates."""

    readings: Sequence[Reading]
    problems: Sequence[str] = ()
    wait: timedelta | None = None


class RateProvider(Protocol):
    """`every`: how often it is worth asking. `max_age`: how long its rates may be quoted, from
    their `as_of`; None for a labelled stand-in, which loads only in the demo and in tests."""

    @property
    def name(self) -> str: ...  # in RATE_PROVIDERS and beside each rate
    @property
    def label(self) -> str: ...  # for people
    @property
    def every(self) -> timedelta: ...
    @property
    def max_age(self) -> timedelta | None: ...

    def fetch(self) -> Reply:
        """Rates against the euro as they are now; BadRates when nothing can be used."""


def positive(text: object, what: str) -> Decimal:
    """The number in `text` as published: digits and a point. Refuses 0, signs, NaN and 1e300."""
    if not isinstance(text, str) or not _NUMBER.fullmatch(text) or not Decimal(text):
        raise BadRates(f"{what}: {str(text)[:40]!r} is not a positive number")
    return Decimal(text)


def inverse(price: Decimal) -> Decimal:
    """Units per euro of something that costs `price` euros, to 18 decimals."""
    return (1 / price).quantize(_INVERSE)


def moment(text: object, what: str) -> datetime:
    """An ISO 8601 time with its zone, like 2026-11-22T03:50:51.123456Z."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadRates(f"{what}: {str(text)[:40]!r} is not a time with a zone")
    return found.astimezone(UTC)
