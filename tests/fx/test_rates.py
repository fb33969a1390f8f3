from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from fx.endings import lifted
from fx.errors import RateMissing
from fx.money import EXPONENT, Money, MoneyError
from fx.rates import NO_RATES, Rates

CYCLES = 200_000  # that went all the way round
CURRENCIES = ["EUR", "USD", "JPY", "KWD", "BTC", "USDC", "INR"]
AT = datetime(2026, 10, 30, 15, tzinfo=UTC)


def vector(**per_eur: str) -> Rates:
    return Rates(
        id=1,
        per_eur={currency: Fraction(rate) for currency, rate in per_eur.items()},
        as_of=dict.fromkeys(per_eur, AT),
        source=dict.fromkeys(per_eur, "test"),
    )


REAL = vector(USD="1.1172", INR="106.084", MXN="21.1237", JPY="175.68", KWD="0.34", BTC="0.0000105")


def any_vector(rng: random.Random) -> Rates:
    return Rates(
        id=1,
        per_eur={currency: Fraction(rng.randint(1, 10**9), rng.randint(1, 10**6)) for currency in CURRENCIES[1:]},
        as_of={},
        source={},
    )


def test_no_cycle_of_sales_makes_a_profit_whatever_sellers_set_as_prices(
    record_property: Callable[[str, object], None],
) -> None:
    """Each step is a sale to oneself: at a converted price, one that ends like the own, or one fixed in any money."""
    rng, around, moved, by = random.Random(20261128), 0, 0, Counter[str]()
    while moved < CYCLES:
        rates = any_vector(rng)
        for _ in range(50):
            around += 1
            cycle = rng.sample(CURRENCIES, rng.randint(2, 5))
            start = money = Money(rng.randint(1, 10 ** rng.randint(1, 9)), cycle[0])
            bps = rng.choice([0, 0, 1, 40, 200])
            try:
                for currency in [*cycle[1:], cycle[0]]:
                    money, how = _sold(rates, money, currency, bps, rng)
                    by[how] += 1
            except MoneyError:
                continue
            moved += 1
            assert money <= start, (rates, cycle, bps, start, money)
    record_property("cycles", moved)
    print(f"{around} cycles drawn, {moved} went round: {dict(by)}")  # noqa: T201
    assert moved >= CYCLES
    assert min(by[how] for how in ("converted", "ending", "fixed")) > 1_000


def _sold(rates: Rates, money: Money, currency: str, bps: int, rng: random.Random) -> tuple[Money, str]:
    """What a seller in `currency` gets for the most that `money` buys from them, however the price was made."""
    if rng.random() < 0.3:  # a price of just this, fixed in the buyer's money
        return rates.convert(money, currency, bps=bps), "fixed"
    own = rates.convert(money, currency, bps=bps)
    asked = rates.convert(own, money.currency, bps=bps, up=True)
    assert asked <= money  # what a converted price leaves over is kept by the buyer, and counted as lost here
    shown = lifted(asked, like=own)
    if shown is not None and shown <= money:
        return rates.convert(shown, currency, bps=bps), "ending"
    return own, "converted"


def test_no_cycle_of_two_to_five_currencies_makes_a_profit(record_property: Callable[[str, object], None]) -> None:
    rng, around, moved = random.Random(20261122), 0, 0
    through, spreads = Counter[str](), Counter[int]()
    while moved < CYCLES:
        rates = any_vector(rng)
        for _ in range(50):
            around += 1
            cycle = rng.sample(CURRENCIES, rng.randint(2, 5))
            start = money = Money(rng.randint(1, 10 ** rng.randint(1, 9)), cycle[0])
            bps = rng.choice([0, 0, 1, 40, 200])
            try:
                for currency in [*cycle[1:], cycle[0]]:
                    money = rates.convert(money, currency, bps=bps)
            except MoneyError:  # more than a bigint: refused, not wrapped
                continue
            moved += 1
            through.update(cycle)
            spreads[bps] += 1
            assert money <= start, (rates, cycle, bps, start, money)
    record_property("cycles", moved)
    print(f"{around} cycles drawn, {moved} went round: {dict(through)}, by spread {dict(spreads)}")  # noqa: T201
    assert moved >= CYCLES
    assert {EXPONENT[currency] for currency in through} == set(EXPONENT.values())  # 0, 2, 3, 6 and 8 decimals
    assert min(through.values()) > 50_000
    assert spreads.keys() == {0, 1, 40, 200}


def test_what_is_asked_always_covers_what_is_owed_and_not_a_unit_more() -> None:
    rng = random.Random(7)
    for _ in range(20_000):
        rates = any_vector(rng)
        owed, pay = rng.sample(CURRENCIES, 2)
        target, bps = Money(rng.randint(1, 10**9), owed), rng.choice([0, 1, 40, 200, 1000])
        try:
            asked = rates.convert(target, pay, bps=bps, up=True)
            assert rates.convert(asked, owed, bps=bps) >= target
            if asked.amount > 1:
                assert rates.convert(asked - Money(1, pay), owed, bps=bps) < target
        except MoneyError:
            continue


def test_a_mid_is_exact_to_the_unit_between_currencies_of_any_exponent() -> None:
    assert REAL.convert(Money(190_000, "INR"), "EUR") == Money(1791, "EUR")  # 17.9103…
    assert REAL.convert(Money(190_000, "INR"), "EUR", up=True) == Money(1792, "EUR")
    assert REAL.convert(Money(1_000_000, "EUR"), "JPY") == Money(1_756_800, "JPY")
    assert REAL.convert(Money(1_756_800, "JPY"), "EUR") == Money(1_000_000, "EUR")
    assert REAL.convert(Money(10_000, "EUR"), "BTC") == Money(105_000, "BTC")
    assert REAL.convert(Money(1, "BTC"), "KWD") == Money(0, "KWD")
    assert REAL.convert(Money(1, "BTC"), "KWD", up=True) == Money(1, "KWD")
    # Both sides cross the euro without a rounded number between them.
    assert REAL.convert(Money(2_112_370, "MXN"), "INR") == Money(10_608_400, "INR")


def test_the_spread_is_against_the_customer_both_ways() -> None:
    assert REAL.convert(Money(100_00, "EUR"), "USD", bps=40) == Money(111_27, "USD")
    assert REAL.convert(Money(111_72, "USD"), "EUR", bps=40, up=True) == Money(100_41, "EUR")


def test_within_one_currency_no_rate_and_no_spread_is_needed() -> None:
    for currency in ("EUR", "KWD", "ZMW"):
        assert NO_RATES.convert(Money(7, currency), currency, bps=500, up=True) == Money(7, currency)


def test_a_missing_rate_is_an_error_that_names_the_currency() -> None:
    with pytest.raises(RateMissing, match="no trustworthy exchange rate for ZMW"):
        REAL.convert(Money(1, "ZMW"), "EUR")
    with pytest.raises(RateMissing, match="USD"):
        NO_RATES.convert(Money(1, "EUR"), "USD")
    with pytest.raises(MoneyError, match="'XXX' is unknown"):
        REAL.convert(Money(1, "EUR"), "XXX")
    assert "USD" in REAL
    assert "EUR" in NO_RATES
    assert "ZMW" not in REAL


@pytest.mark.parametrize("bps", [-1, 10_000, 0.5, True, "40"])
def test_a_spread_that_cannot_be_is_refused(bps: int) -> None:
    with pytest.raises(MoneyError, match="basis points"):
        REAL.convert(Money(1, "EUR"), "USD", bps=bps)


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(MoneyError, match="negative"):
        REAL.convert(Money(-1, "EUR"), "USD")


def test_the_shown_mid_has_eight_digits_in_both_directions() -> None:
    assert REAL.mid("EUR", "INR") == Decimal("106.084")
    assert REAL.mid("INR", "EUR") == Decimal("0.0094264922")
    assert REAL.mid("BTC", "EUR") == Decimal("95238.095")
    assert REAL.mid("EUR", "EUR") == 1
