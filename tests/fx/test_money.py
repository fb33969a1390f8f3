from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fx.money import BIGINT_MAX, EXPONENT, CurrencyMismatch, Money, MoneyError, total

amounts = st.integers(-(10**15), 10**15)
currencies = st.sampled_from(sorted(EXPONENT))
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(any)


@given(amounts, weights)
def test_a_split_sums_exactly_and_each_share_is_floor_or_ceil(amount: int, weights: list[int]) -> None:
    shares = [share.amount for share in Money(amount, "EUR").split(*weights)]
    assert sum(shares) == amount
    for share, weight in zip(shares, weights, strict=True):
        floor = amount * weight // sum(weights)
        assert floor <= share <= floor + 1
        assert share == floor or amount * weight % sum(weights)


@pytest.mark.parametrize("weights", [(), (0, 0), (1, -1), (-1, 3)])
def test_weights_that_share_nothing_are_refused(weights: tuple[int, ...]) -> None:
    with pytest.raises(MoneyError, match="share nothing"):
        Money(100, "EUR").split(*weights)


@given(st.integers(0, 10**14), currencies)
def test_text_and_json_round_trip(amount: int, currency: str) -> None:
    money = Money(amount, currency)
    text = money.json()["amount"]
    assert money.json() == {"amount": text, "currency": currency}
    assert Money.parse(text, currency) == money
    assert str(money) == f"{text} {currency}"


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("10", "EUR", 1000),
        ("10.5", "EUR", 1050),
        ("10.50", "EUR", 1050),
        ("0", "EUR", 0),
        ("007", "EUR", 700),
        ("1900", "JPY", 1900),
        ("1.234", "KWD", 1234),
        ("0.00000001", "BTC", 1),
        ("1.000001", "USDC", 1000001),
    ],
)
def test_an_amount_is_read_to_the_unit(text: str, currency: str, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", ".", "-1", "+1", "1e5", "1E5", "NaN", "nan", "Infinity", "-0", "0x10"),
        *("1_000", "1,000", "1.000,00", "1,5", "1 000", " 1", "1 ", "1\n", "1.", ".5", "1.2.3"),
        *("١٢", "۱۲", "१२", "10.٥", "½", "10€", "EUR 10", "9" * 16, "9" * 5000),
    ],
)
def test_what_is_not_plain_digits_and_a_point_is_refused(text: str) -> None:
    with pytest.raises(MoneyError, match=r"Write digits and a point, like 19\.50"):
        Money.parse(text, "EUR")


@pytest.mark.parametrize(
    ("text", "currency"),
    [("1.005", "EUR"), ("1.0", "JPY"), ("1.0005", "KWD"), ("0.000000001", "BTC")],
)
def test_more_decimals_than_the_currency_has_are_refused_not_rounded(text: str, currency: str) -> None:
    with pytest.raises(MoneyError, match="decimals"):
        Money.parse(text, currency)


def test_a_message_about_a_long_text_stays_short() -> None:
    with pytest.raises(MoneyError) as refused:
        Money.parse("1." + "0" * 5000, "EUR")
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("value", [1, 1.5, None, True, b"1", Decimal(1), ["1"]])
def test_an_amount_that_is_not_text_is_refused(value: Any) -> None:
    with pytest.raises(MoneyError, match="is not an amount"):
        Money.parse(value, "EUR")


@pytest.mark.parametrize("value", [1.0, Decimal(1), "1", True, None])
def test_minor_units_are_whole_numbers_and_nothing_else(value: Any) -> None:
    with pytest.raises(MoneyError, match="whole number of minor units"):
        Money(value, "EUR")


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "XXX", "BTC ", None, "USDT"])
def test_an_unknown_currency_is_refused(currency: Any) -> None:
    with pytest.raises(MoneyError, match="is unknown"):
        Money(1, currency)
    with pytest.raises(MoneyError, match="is unknown"):
        Money.parse("1", currency)


def test_more_than_the_books_can_hold_is_refused() -> None:
    Money(BIGINT_MAX, "EUR")
    with pytest.raises(MoneyError, match="more than the books can hold"):
        Money(BIGINT_MAX, "EUR") + Money(1, "EUR")
    with pytest.raises(MoneyError, match="more than the books can hold"):
        Money.parse("999999999999", "BTC")


@pytest.mark.parametrize("factor", [0.5, Decimal("0.5"), "2", 2.0, True])
def test_money_times_anything_but_whole_numbers_is_refused(factor: Any) -> None:
    with pytest.raises(MoneyError, match="ratio of whole numbers"):
        Money(100, "EUR").times(factor)


def test_two_currencies_never_mix() -> None:
    euro, rupee = Money(1, "EUR"), Money(1, "INR")
    for mix in (
        lambda: euro + rupee,
        lambda: euro - rupee,
        lambda: euro < rupee,
        lambda: total([euro, rupee], "EUR"),
    ):
        with pytest.raises(CurrencyMismatch, match="EUR and INR cannot be mixed"):
            mix()
    with pytest.raises(MoneyError, match="1 is not Money"):
        euro + 1  # type: ignore[operator]


@given(amounts, st.integers(0, 10**6), st.integers(1, 10**6))
def test_times_rounds_down_or_up_by_less_than_a_unit(amount: int, num: int, den: int) -> None:
    assume(abs(amount) * num // den < BIGINT_MAX)  # more is refused
    down = Money(amount, "EUR").times(num, den).amount
    up = Money(amount, "EUR").times(num, den, up=True).amount
    assert down * den <= amount * num <= up * den
    assert up - down <= 1


def test_basis_points_round_as_told() -> None:
    assert Money(1999, "EUR").bps(100) == Money(19, "EUR")
    assert Money(1999, "EUR").bps(100, up=True) == Money(20, "EUR")
    assert total([], "EUR") == Money(0, "EUR")
    assert not Money(0, "EUR")
    assert -Money(5, "EUR") == Money(-5, "EUR")
