"""What other apps call. All errors are `fx.errors.FxError`s, with plain messages."""

from __future__ import annotations

from fx.errors import (
    ConversionClash,
    FxError,
    QuoteError,
    QuoteExpired,
    QuoteNotFound,
    QuoteOutdated,
    QuoteUsed,
    RateMissing,
    RateSetError,
)
from fx.services.asking import ask_now
from fx.services.conversions import record_conversion, record_conversions
from fx.services.current import current_rates, rates_of
from fx.services.history import refresh_history
from fx.services.markup import Markup, markups_of
from fx.services.page import CurrencyPage, RatesPage, currency_page, rates_page
from fx.services.quotes import PieceDraft, QuoteDraft, forget_unused, issue_quote, use_quote
from fx.services.refresh import refresh_rates
from fx.services.review import approve_rate_set, reject_rate_set

__all__ = [
    "ConversionClash",
    "CurrencyPage",
    "FxError",
    "Markup",
    "PieceDraft",
    "QuoteDraft",
    "QuoteError",
    "QuoteExpired",
    "QuoteNotFound",
    "QuoteOutdated",
    "QuoteUsed",
    "RateMissing",
    "RateSetError",
    "RatesPage",
    "approve_rate_set",
    "ask_now",
    "currency_page",
    "current_rates",
    "forget_unused",
    "issue_quote",
    "markups_of",
    "rates_of",
    "rates_page",
    "record_conversion",
    "record_conversions",
    "refresh_history",
    "refresh_rates",
    "reject_rate_set",
    "use_quote",
]
