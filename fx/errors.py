"""What can go wrong between a price and a quote. `str(error)` is a sentence for people."""

from __future__ import annotations

from django.utils.translation import gettext as _


class FxError(Exception):
    """Base of everything below."""


class RateMissing(FxError):
    """No rate of `currency` that is fresh and trusted; only amounts in one currency can go on."""

    def __init__(self, currency: str) -> None:
        super().__init__(currency)
        self.currency = currency

    def __str__(self) -> str:
        return _(
            "There is no trustworthy exchange rate for %(currency)s at the moment. "
            "Choose another currency, or try again in a few minutes."
        ) % {"currency": self.currency}


class RateSetError(FxError):
    """A set of rates that cannot be approved or rejected any more."""


class QuoteError(FxError):
    """A quote that cannot be made or paid; nothing has changed."""


class QuoteNotFound(QuoteError):
    def __str__(self) -> str:
        return _("This price offer does not exist. Open your cart and ask for a new one.")


class QuoteUsed(QuoteError):
    def __str__(self) -> str:
        return _("This price offer has been used already. Look at your orders before you pay again.")


class QuoteOutdated(QuoteError):
    def __str__(self) -> str:
        return _("The cart has changed since this price was offered. Check the new price.")


class QuoteExpired(QuoteError):
    def __str__(self) -> str:
        return _("This price offer has expired. Check the new price; nothing was charged.")


class ConversionClash(FxError):
    """A journal's conversion was recorded before with other amounts."""
