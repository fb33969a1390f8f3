"""A field per currency that a price can be fixed in, with today's equivalent beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fx.errors import RateMissing
from fx.format import format_money
from fx.money import Money
from fx.rates import Rates
from fx.services import current_rates
from listings.asking import compared, with_spread
from listings.fields import MoneyField
from listings.services import price_bounds
from marketplace.lib.places import DISPLAY_CURRENCIES

PREFIX = "fixed_"


def fixed_fields(currency: str, price: Any, fixed: dict[str, Money]) -> Iterator[tuple[str, MoneyField]]:
    """For a listing in `currency` that costs `price` (None while it is new) with the prices `fixed` so far."""
    rates = current_rates()
    for code in DISPLAY_CURRENCIES:
        if code == currency:
            continue
        low, high = price_bounds(code)
        words = _today(price, code, fixed.get(code), rates) if isinstance(price, Money) else ""
        field = MoneyField(label=code, currency=code, low=low.amount, high=high.amount, required=False, help_text=words)
        yield PREFIX + code, field


def _today(price: Money, code: str, fixed: Money | None, rates: Rates) -> str:
    """What the listing's own price is in `code` now, and how far from it the fixed one is."""
    language = get_language() or "en"
    try:
        usual = with_spread(rates, price, code)
    except RateMissing:
        return _("no exchange rate today")
    if fixed is None:
        return _("today %(usual)s") % {"usual": format_money(usual, language)}
    return compared(fixed, usual, language)
