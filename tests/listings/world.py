"""What the tests of this area are about: a fixed set of rates, parcels, and a shop with a scarf."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from fx.money import EXPONENT, Money
from fx.rates import Rates
from listings.customs.duty import TariffSource
from listings.customs.landed_cost import LandedCost, Line, Shipment, landed_cost
from listings.customs.rules import Rule, RuleBook
from listings.customs.seed import read_rules

NOVEMBER = dt.date(2026, 11, 22)
BOOK = RuleBook(Rule.of(row) for row in read_rules())
PRICES_IN_USD = (
    "NOK=0.1 KRW=0.0007 SGD=0.77 INR=0.0113 ZAR=0.057 AED=0.2723 SAR=0.2667 HKD=0.128 "
    "IDR=0.00006 THB=0.031 VND=0.000038 PHP=0.017 MYR=0.24 KES=0.0077 CAD=0.72 NZD=0.58 USD=1 "
    "EUR=1.17 GBP=1.34 JPY=0.0065 BRL=0.19 AUD=0.66 CNY=0.14 TRY=0.024 CHF=1.26 MXN=0.055"
)
USD = dict(pair.split("=") for pair in PRICES_IN_USD.split())
MOMENT = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
RATES = Rates(
    id=1,
    per_eur={name: Fraction(USD["EUR"]) / Fraction(usd) for name, usd in USD.items()},
    as_of=dict.fromkeys(USD, MOMENT),
    source=dict.fromkeys(USD, "test"),
)


def nearest(money: Money, to: str) -> Money:
    """Half up, as the prototype's rates: the tests' sums are then plain arithmetic."""
    cross = RATES.per_eur[to] / RATES.per_eur[money.currency]
    minor = money.amount * cross * Fraction(10) ** (EXPONENT[to] - EXPONENT[money.currency])
    return Money(int((2 * minor + 1) // 2), to)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


MUG = Line("Mug", "691110", "CN", eur(2000))


def parcel(destination: str, *lines: Line, shipping: int = 800, seller_country: str = "CN") -> Shipment:
    return Shipment(lines or (MUG,), eur(shipping), seller_country, destination)


def bill(
    shipment: Shipment,
    currency: str = "EUR",
    *,
    on: dt.date = NOVEMBER,
    registrations: frozenset[str] = frozenset(),
    tariff: TariffSource | None = None,
    book: RuleBook = BOOK,
) -> LandedCost:
    return landed_cost(
        shipment,
        book,
        on=on,
        currency=currency,
        convert=nearest,
        registrations=registrations,
        tariff=tariff,
    )


def minor(landed: LandedCost, kind: str) -> int | None:
    """The amount of the first component of a kind, in the bill's minor units."""
    found = next(c for c in landed.components if c.kind == kind)
    return None if found.amount is None else found.amount.amount
