"""Names, rates and sums of a bill in the reader's language.

The names of taxes and fees in the import rules that come with the software are marked for translation here. An
operator's rule may use other names: those are shown as they were written.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from babel.numbers import format_percent
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_noop as _

from fx.format import format_money
from fx.money import Money
from marketplace.lib.places import locale_of

TAXES = (
    _("VAT"),
    _("GST"),
    _("GST/HST"),
    _("IGST"),
    _("ICMS"),
    _("consumption tax"),
    _("sales tax"),
    _("sales tax (state)"),
)
FEES = (
    _("EU handling fee"),
    _("agreed to start by 2026-11-01; amount and real start not verified, about EUR 2 per item reported"),
    _("French small-parcel tax"),
    _("EUR 2 per item since 2026-03-01; whether still due beside the EU duty not verified"),
    _("Italian parcel contribution"),
    _("EUR 2, postponed to 2026-07-01; current status not verified"),
    _("Romanian logistics tax"),
    _("RON 25 per parcel since 2026-01-01; current status not verified"),
    _("NZ goods management levy"),
    _("NZD 2.21 + GST, air; mail is charged to the post per kg"),
    _("Import declaration fee 2.5% + railway levy 2%"),
    _("Provincial sales tax"),
    _("by the province, on top of GST"),
    _("State sales tax"),
    _("by the state and by what the marketplace sells there"),
)
GOODS = (
    _("basic food"),
    _("basic groceries"),
    _("bicycles and musical instruments"),
    _("books and newspapers"),
    _("books and printed matter"),
    _("books, newspapers and printed matter"),
    _("children’s clothes and protective helmets"),
    _("children’s clothes and shoes"),
    _("food"),
    _("food and plants"),
    _("food, medicines and books"),
    _("medicines and hygiene"),
    _("medicines and medical aids"),
    _("medicines, books and hygiene"),
    _("medicines, medical devices and hygiene"),
    _("works of art, collectors’ items and antiques"),
)


def say(text: str) -> str:
    """As `gettext`, and kept: a bill says a dozen of the same few sentences, and a page has many bills."""
    return _said(text, _language())


@lru_cache(maxsize=4096)
def _said(text: str, language: str) -> str:
    with override(language):
        return gettext(text)


def in_words(name: str) -> str:
    """In the reader's language; nothing stays nothing."""
    return say(name) if name else ""


def percent(rate: Fraction) -> str:
    """19/100 as `19%`, at most two decimals."""
    return _percent(rate, _language())


@lru_cache(maxsize=1024)
def _percent(rate: Fraction, language: str) -> str:
    share = round(Decimal(rate.numerator) / Decimal(rate.denominator), 4)
    return format_percent(share, locale=locale_of(language), decimal_quantization=False)


def sum_in_words(money: Money) -> str:
    return _sum(money, _language())


@lru_cache(maxsize=4096)
def _sum(money: Money, language: str) -> str:
    return format_money(money, language)


def _language() -> str:
    return get_language() or "en"
