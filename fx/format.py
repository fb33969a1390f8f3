"""Money as people read it. Every unit is shown: an amount is never rounded for its looks."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.numbers import NumberPattern, format_decimal, parse_pattern

from fx.money import COINS, EXPONENT, Money
from marketplace.lib.places import locale_of

NBSP = "\N{NO-BREAK SPACE}"
_LETTER_MEETS_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)")
SIGNIFICANT = 5  # digits a coin shows at least


def format_money(money: Money, language: str) -> str:
    """`17,78 €`, `₹1,900.00`, `0.00018734 BTC` in the `language` (a key of LANGUAGES)."""
    locale = locale_of(language)
    if money.currency in COINS:
        return format_number(money.decimal, language, _coin_digits(money)) + NBSP + money.currency
    pattern = _pattern(locale, EXPONENT[money.currency])
    text = pattern.apply(money.decimal, locale, currency=money.currency, currency_digits=False)
    return _LETTER_MEETS_DIGIT.sub(NBSP, text)


def format_number(number: Decimal, language: str, digits: int) -> str:
    """`number` with exactly `digits` decimals, grouped as the language does."""
    fraction = "." + "0" * digits if digits else ""
    return format_decimal(number, format=f"#,##0{fraction}", locale=locale_of(language))


def format_points(bps: int, language: str) -> str:
    """40 basis points as `0.40`; the sentence has the sign."""
    return format_number(Decimal(bps).scaleb(-2), language, 2)


@cache
def _pattern(locale: Locale, digits: int) -> NumberPattern:
    """The language's pattern for prices, with ISO 4217's decimals: the locale data has fewer
    for some currencies, and would round."""
    pattern = parse_pattern(locale.currency_formats["standard"].pattern)
    pattern.frac_prec = (digits, digits)
    return pattern


def _coin_digits(money: Money) -> int:
    """Decimals without trailing zeros, but cents for a coin worth a dollar, and for bitcoin five
    significant digits where the coin has them."""
    value, most = money.decimal, EXPONENT[money.currency]
    if not value:
        return 0
    needed = -int(value.normalize().as_tuple().exponent)
    least = SIGNIFICANT - 1 - value.adjusted() if money.currency == "BTC" else 2
    return min(most, max(0, needed, least))
