"""What a window computes of a currency, against what it is by definition, in exact fractions."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from fx.models import Window
from fx.money import EXPONENT
from fx.netting.closing import _net
from fx.rates import Rates

CURRENCIES = ["USD", "JPY", "KWD", "BTC", "USDC"]  # 2, 0, 3, 8 and 6 decimals
AMOUNTS = st.one_of(st.integers(0, 1_000), st.integers(0, 10**13))
AT = datetime(2026, 11, 28, tzinfo=UTC)


def rates(currency: str, mid: Fraction) -> Rates:
    return Rates(1, {currency: mid}, {currency: AT}, {currency: "test"})


def cents(minor: int, currency: str, mid: Fraction) -> Fraction:
    return Fraction(minor, 10 ** EXPONENT[currency]) / mid * 100


@given(
    come=AMOUNTS,
    gone=AMOUNTS,
    back=st.integers(0, 10**13),
    currency=st.sampled_from(CURRENCIES),
    mid=st.fractions(Fraction(1, 10**6), 10**6, max_denominator=10**6),
    cost=st.integers(0, 1000),
)
def test_a_currency_of_a_window_is_what_it_is_by_definition(
    come: int, gone: int, back: int, currency: str, mid: Fraction, cost: int
) -> None:
    returned = min(back, come, gone)
    with override_settings(NETTING_COSTS_BPS={currency: cost}):
        net = _net(Window(), rates(currency, mid), currency, come, gone, returned)
    assert (net.matched_minor, net.residual_minor) == (min(come, gone), come - gone)
    # What every flow by itself would cost outside, less what the residual costs: nobody is told more than that.
    each = Fraction(cost, 10_000) * cents(come + gone - 2 * returned, currency, mid)
    rest = Fraction(cost, 10_000) * cents(abs(come - gone), currency, mid)
    assert 0 <= (each - rest) - net.saving_minor < 2
    assert net.saving_minor % 2 == 0
    # Sold it brings less than mid, bought it takes more: by the cost and less than a cent, never the other way.
    at_mid = cents(come - gone, currency, mid)
    assert 0 <= at_mid - net.trade_minor - rest < 1


@given(come=AMOUNTS, gone=AMOUNTS)
def test_the_euro_is_exchanged_into_itself_for_nothing(come: int, gone: int) -> None:
    net = _net(Window(), rates("USD", Fraction(1)), "EUR", come, gone, 0)
    assert (net.saving_minor, net.trade_minor, net.residual_minor) == (0, 0, come - gone)
