from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fx.money import EXPONENT, Money
from payments.doubles.stripe import money as far
from payments.processors.base import Refused
from payments.processors.stripe_amounts import WIRE_EXPONENT, from_wire, payable, to_wire


@pytest.mark.parametrize(
    ("amount", "currency", "wire"),
    [
        (1778, "EUR", 1778),
        (190_000, "INR", 190_000),
        (500, "JPY", 500),
        (5, "ISK", 500),  # none in ISO, two on the wire
        (5, "UGX", 500),
        (1_050_000, "MGA", 10_500),  # two in ISO, none on the wire
        (5120, "KWD", 5120),
        (1045, "HUF", 1045),
        (1045, "TWD", 1045),
    ],
)
def test_amounts_survive_the_wire_in_every_kind_of_currency(amount: int, currency: str, wire: int) -> None:
    money = Money(amount, currency)
    assert to_wire(money) == wire
    assert from_wire(wire, currency.lower()) == money


@pytest.mark.parametrize(("amount", "currency"), [(5124, "KWD"), (10_550, "MGA"), (100, "BTC"), (1000, "IQD")])
def test_what_stripe_cannot_take_is_refused_with_the_amount(amount: int, currency: str) -> None:
    money = Money(amount, currency)
    with pytest.raises(Refused, match=str(money)):
        to_wire(money)
    assert not payable(money)


@given(st.sampled_from(sorted(WIRE_EXPONENT)), st.integers(1, 99_999))
def test_whatever_can_be_sent_comes_back_the_same(currency: str, units: int) -> None:
    money = Money(units * 10 ** EXPONENT[currency], currency)
    assert from_wire(to_wire(money), currency) == money


def test_the_adapter_and_the_double_know_the_same_currencies_and_limits() -> None:
    """Two tables written apart: a slip in one of them shows here."""
    theirs = far.ZERO | far.WHOLE | far.THREE | far.TWO
    assert {code.lower() for code in WIRE_EXPONENT} <= theirs
    for code, exponent in WIRE_EXPONENT.items():
        assert far.exponent(code.lower()) == exponent, code


@pytest.mark.parametrize("value", [True, None, "100", 1.5])
def test_an_amount_that_is_no_whole_number_is_refused(value: object) -> None:
    with pytest.raises(Refused, match="books cannot hold"):
        from_wire(value, "eur")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("amount", "currency", "takes"),
    [
        (49, "EUR", False),
        (50, "EUR", True),
        (99_999_999, "EUR", True),
        (100_000_000, "EUR", False),
        (999_999, "ISK", True),
        (1_000_000, "ISK", False),  # eight digits on the wire
        (0, "CHF", False),
    ],
)
def test_only_amounts_within_stripes_limits_are_offered(amount: int, currency: str, takes: bool) -> None:
    assert payable(Money(amount, currency)) is takes
