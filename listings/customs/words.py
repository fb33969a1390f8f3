"""Names, rates and sums of a bill in the reader's language.

The names of taxes and fees in the import rules that come with the software are marked for translation here. An
operator's rule may use other names: those are shown as they were written.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from babel.numbers import format_percent
from django.utils.translation import get_language, gettext
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
)


def in_words(name: str) -> str:
    """In the reader's language; nothing stays nothing."""
    return gettext(name) if name else ""


def percent(rate: Fraction) -> str:
    """19/100 as `19%`, at most two decimals."""
    share = round(Decimal(rate.numerator) / Decimal(rate.denominator), 4)
    return format_percent(share, locale=locale_of(_language()), decimal_quantization=False)


def sum_in_words(money: Money) -> str:
    return format_money(money, _language())


def _language() -> str:
    return get_language() or "en"
