"""What our rate is over mid-market and over the ECB's latest, as numbers that are kept with the quote.

In the EU conversion charges have to be told as a mark-up over the latest ECB rate (Regulation 2021/1230, article 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from fx.models import DailyRate, Quote
from fx.rates import HUB, ONE, Rates

_SHOWN = Context(prec=8)
Latest = Mapping[str, tuple[Decimal, date | None]]


@dataclass(frozen=True, slots=True)
class Markup:
    """The buyer's money for one of `currency`: at `mid`, at the `rate` that is charged, at the `ecb`'s of `ecb_day`.

    Rates are text, to eight digits. Without an `ecb` the European Central Bank publishes none of a currency.
    Basis points are to the nearest, below zero where our rate is the better one.
    """

    currency: str
    mid: str
    rate: str
    over_mid_bps: int
    ecb: str
    ecb_day: str
    over_ecb_bps: int | None


def kept_markups(rates: Rates, *, currency: str, targets: Iterable[str], bps: int) -> list[dict[str, Any]]:
    """For each of the `targets` that is exchanged into `currency` with a spread of `bps`, ready to be stored."""
    exchanged = sorted(set(targets) - {currency})
    latest = _latest({currency, *exchanged}) if exchanged else {}
    return [asdict(_markup(rates, target, currency, bps, latest)) for target in exchanged]


def markups_of(quote: Quote) -> list[Markup]:
    """As they were when the quote was given: nothing is looked up or computed again."""
    return [Markup(**kept) for kept in quote.markups]


def _markup(rates: Rates, target: str, currency: str, bps: int, latest: Latest) -> Markup:
    mid = rates.cross(target, currency)
    rate = mid * ONE / (ONE - bps)
    ecb, day = _cross(target, currency, latest)
    return Markup(
        currency=target,
        mid=_text(mid),
        rate=_text(rate),
        over_mid_bps=_over(rate, mid),
        ecb=_text(ecb) if ecb else "",
        ecb_day=f"{day}" if day else "",
        over_ecb_bps=_over(rate, ecb) if ecb else None,
    )


def _cross(target: str, currency: str, latest: Latest) -> tuple[Fraction | None, date | None]:
    """The ECB's latest rate and the older of its two days."""
    if target not in latest or currency not in latest:
        return None, None
    (of, of_day), (to, to_day) = latest[target], latest[currency]
    return Fraction(to) / Fraction(of), min(day for day in (of_day, to_day) if day)


def _latest(currencies: set[str]) -> Latest:
    newest = DailyRate.objects.filter(currency__in=currencies).order_by("currency", "-day").distinct("currency")
    found: dict[str, tuple[Decimal, date | None]] = {row.currency: (row.per_eur, row.day) for row in newest}
    return {**found, HUB: (Decimal(1), None)}


def _over(rate: Fraction, other: Fraction) -> int:
    return round((rate / other - 1) * ONE)


def _text(rate: Fraction) -> str:
    return f"{_SHOWN.divide(Decimal(rate.numerator), Decimal(rate.denominator)).normalize():f}"
