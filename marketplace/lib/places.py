"""Countries and the money people there use, from Babel's CLDR data."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from babel import Locale
from babel.core import UnknownLocaleError
from babel.numbers import get_currency_name, get_territory_currencies

# Codes that CLDR lists although no parcel is addressed to them.
_NO_COUNTRY = frozenset(
    "AC AQ BV CP CQ DG EA EU EZ HM IC QO TA UN XA XB ZZ".split()  # noqa: SIM905
)
# CLDR lags behind: Bulgaria pays in euro since 2026-01-01.
_CURRENCY = {"BG": "EUR", "HR": "EUR"}

# What prices are shown in, when there is a rate: the European Central Bank's list and the euro.
DISPLAY_CURRENCIES = (  # noqa: SIM905
    "EUR USD GBP CHF AUD BRL CAD CNY CZK DKK HKD HUF IDR ILS INR ISK JPY KRW MXN MYR NOK NZD PHP "
    "PLN RON SEK SGD THB TRY ZAR"
).split()
FALLBACK_CURRENCY = "USD"
_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EU = frozenset(_EU.split())
EEA = EU | {"IS", "LI", "NO"}


def locale_of(language: str) -> Locale:
    """Babel's locale of a language code such as `pt-br`; English when Babel does not know it."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


@lru_cache(maxsize=32)
def countries(language: str) -> list[tuple[str, str]]:
    """(ISO 3166-1 alpha-2 code, name in `language`), in the order of the names."""
    names = locale_of(language).territories
    found = [(code, str(names[code])) for code in _codes()]
    return sorted(found, key=lambda pair: _sortable(pair[1]))


def country_name(code: str, language: str) -> str:
    """`Germany`; the code itself when it is no country."""
    return str(locale_of(language).territories.get(code, code))


def is_country(code: str) -> bool:
    return code in _codes()


def currency_of(country: str) -> str:
    """The currency prices are shown in to people of `country`: their own where it is quoted, else US dollars."""
    own = _CURRENCY.get(country) or next(iter(get_territory_currencies(country)), "")
    return own if own in DISPLAY_CURRENCIES else FALLBACK_CURRENCY


def currency_name(code: str, language: str) -> str:
    return get_currency_name(code, locale=locale_of(language))


def language_name(code: str) -> str:
    """What its speakers call it, as a heading: `Deutsch`."""
    name = locale_of(code).get_display_name() or code
    return name[:1].upper() + name[1:]


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    names = map(str, Locale("en").territories)
    return frozenset(code for code in names if len(code) == 2 and code.isalpha()) - _NO_COUNTRY


def _sortable(name: str) -> str:
    """Å, Ö and the like beside A and O."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold() or name
