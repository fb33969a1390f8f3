"""Prices that end like the seller's own: never below the converted price, never far above it, in every money."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from django.test import override_settings

from fx.endings import CAP_BPS, lifted
from fx.money import COINS, EXPONENT, Money
from fx.rates import Rates

FIAT = sorted(set(EXPONENT) - COINS)


@pytest.mark.parametrize(
    ("own", "plain", "shown"),
    [
        ("49.90 EUR", "53.12 USD", "53.90 USD"),
        ("49.90 EUR", "53.90 USD", "53.90 USD"),
        ("49.90 EUR", "53.91 USD", "54.90 USD"),
        ("49.90 EUR", "8766 JPY", "8790 JPY"),
        ("49.90 EUR", "8791 JPY", "8890 JPY"),
        ("4990 JPY", "28.41 EUR", "28.90 EUR"),
        ("1900.00 INR", "17.99 EUR", None),  # 18.00 is near enough, see below
        ("4.990 KWD", "14.62 EUR", "14.99 EUR"),
        ("4.995 KWD", "14.62 EUR", None),  # a third decimal has no counterpart
        ("49.90 EUR", "16.456 KWD", "16.900 KWD"),
        ("49.90 EUR", "16.900 KWD", "16.900 KWD"),
        ("4.99 EUR", "0.53 USD", None),  # 0.99 would be 87 % more
        ("4.99 EUR", "97 JPY", "99 JPY"),
        ("4.99 EUR", "100 JPY", None),
        ("49.90 EUR", "0.00050 BTC", None),
        ("49.90 EUR", "53.12 USDC", None),
    ],
)
def test_the_nearest_price_above_that_ends_alike_and_is_near(own: str, plain: str, shown: str | None) -> None:
    money = [None if text is None else Money.parse(*text.split()) for text in (own, plain, shown)]
    like, given, expected = money
    assert like is not None
    assert given is not None
    if own == "1900.00 INR":
        expected = Money.parse("18.00", "EUR")
    assert lifted(given, like=like) == expected


def test_three_percent_is_near_and_a_cent_more_is_not() -> None:
    like = Money.parse("1.00", "EUR")
    assert lifted(Money(9_709, "USD"), like=like) == Money(9_800, "USD")
    assert lifted(Money(3_300, "USD"), like=like) == Money(3_300, "USD")
    assert lifted(Money(9_901, "USD"), like=like) == Money(10_000, "USD")
    assert lifted(Money(10_000, "JPY"), like=Money(10_300, "JPY")) == Money(10_000, "JPY")
    assert lifted(Money(1_000, "JPY"), like=Money(1_030, "JPY")) == Money(1_030, "JPY")
    assert lifted(Money(999, "JPY"), like=Money(1_030, "JPY")) is None


def _ending(money: Money) -> int:
    """The first two decimals; of a money with fewer, the last two digits."""
    digits = EXPONENT[money.currency]
    return int(money.amount // 10 ** max(0, digits - 2) % 100)


@pytest.mark.parametrize("currency", FIAT)
def test_whatever_the_amount_it_ends_alike_is_not_below_and_at_most_the_cap_above(currency: str) -> None:
    random = Random(f"endings {currency}")
    found = 0
    for _round in range(400):
        like = Money(random.randint(1, 10 ** random.randint(1, 9)), random.choice(FIAT))
        plain = Money(random.randint(1, 10 ** random.randint(1, 9)), currency)
        shown = lifted(plain, like=like)
        if shown is None:
            continue
        found += 1
        assert plain <= shown
        assert (shown.amount - plain.amount) * 10_000 <= plain.amount * CAP_BPS
        assert _ending(shown) == _ending(like)
        step = 100 * 10 ** max(0, EXPONENT[currency] - 2)
        assert shown.amount - plain.amount < step  # the nearest one
    assert found > 40


@override_settings(SPREAD_BPS=40)
@pytest.mark.parametrize("currency", FIAT)
def test_the_seller_never_gets_less_and_the_house_never_pays(currency: str) -> None:
    """What is lifted is converted back at mid less the spread, rounded down: at least the seller's own price."""
    random = Random(f"lifted {currency}")
    for _round in range(200):
        other = random.choice([code for code in FIAT if code != currency])
        rates = Rates(1, {code: Fraction(random.randint(1, 10**9), 10**5) for code in (currency, other)}, {}, {})
        own = Money(random.randint(1, 10**8), currency)
        plain = rates.convert(own, other, bps=40, up=True)
        shown = lifted(plain, like=own)
        if shown is None:
            continue
        gets = rates.convert(shown, currency, bps=40)
        assert gets >= own
        assert rates.convert(gets, other, bps=40, up=True) <= shown  # and selling that again would ask no more
