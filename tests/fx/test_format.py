from __future__ import annotations

import re

import pytest
from django.template import Context, Template
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from fx.format import format_money
from fx.money import EXPONENT, Money


@pytest.mark.parametrize(
    ("amount", "currency", "language", "text"),
    [
        (1778, "EUR", "de", "17,78 €"),
        (1778, "EUR", "en", "€17.78"),
        (190_000, "INR", "en", "₹1,900.00"),
        (190_000, "INR", "de", "1.900,00 ₹"),
        (42_050, "MXN", "en", "MX$420.50"),
        (1900, "JPY", "en", "¥1,900"),
        (1_234_567, "KWD", "de", "1.234,567 KWD"),
        (1050, "AFN", "en", "AFN 10.50"),  # the locale data alone would round it to 11
        (1050, "CHF", "en", "CHF 10.50"),
        (-500, "EUR", "de", "-5,00 €"),
        (0, "EUR", "en", "€0.00"),
        (18_734, "BTC", "en", "0.00018734 BTC"),
        (18_734, "BTC", "de", "0,00018734 BTC"),
        (50_000_000, "BTC", "en", "0.50000 BTC"),
        (100_000_000, "BTC", "en", "1.0000 BTC"),
        (12_345_600_000, "BTC", "en", "123.456 BTC"),
        (123_456_700_000_000, "BTC", "de", "1.234.567 BTC"),
        (2000, "BTC", "en", "0.00002000 BTC"),
        (1, "BTC", "en", "0.00000001 BTC"),
        (0, "BTC", "en", "0 BTC"),
        (17_780_000, "USDC", "en", "17.78 USDC"),
        (1, "USDC", "en", "0.000001 USDC"),
    ],
)
def test_an_amount_reads_as_the_language_writes_it(amount: int, currency: str, language: str, text: str) -> None:
    assert format_money(Money(amount, currency), language).replace("\xa0", " ") == text


@given(st.integers(0, 10**12), st.sampled_from(sorted(EXPONENT)), st.sampled_from(["en", "de"]))
def test_no_formatted_amount_loses_a_unit(amount: int, currency: str, language: str) -> None:
    text = format_money(Money(amount, currency), language)
    point = "." if language == "en" else ","
    number = re.search(r"[0-9][0-9.,]*", text)
    assert number
    digits = re.sub(rf"[^0-9{re.escape(point)}]", "", number[0])
    assert Money.parse(digits.replace(",", "."), currency) == Money(amount, currency)


def test_a_template_shows_money_in_the_active_language_and_direction() -> None:
    page = Template("{{ price|money }} [{{ none|money }}]")
    with override("de"):
        html = page.render(Context({"price": Money(1778, "EUR"), "none": None}))
    assert html == '<bdi class="num">17,78\xa0€</bdi> []'


def test_an_unknown_language_falls_back_to_english() -> None:
    assert format_money(Money(100, "EUR"), "xx-nowhere") == "€1.00"
    assert format_money(Money(100, "EUR"), "") == "€1.00"
    assert format_money(Money(100, "EUR"), "de-at") == "€\xa01,00"
