"""What our rate was over mid-market and over the European Central Bank's latest, in words, as it was quoted."""

from __future__ import annotations

from django.utils.translation import gettext as _

from fx.format import format_points
from fx.models import Quote
from fx.services import Markup, markups_of
from orders.models import Order


def over_words(quote: Quote, language: str) -> list[str]:
    """A sentence for each currency that is exchanged."""
    return [_over(markup, quote.currency, language) for markup in markups_of(quote)]


def of_order(order: Order) -> list[Markup]:
    """Of the currency of its shop; none where nothing was exchanged for it."""
    return [markup for markup in markups_of(order.checkout.quote) if markup.currency == order.currency]


def order_words(order: Order, language: str) -> str:
    """The sentence of an order; empty where nothing was exchanged for it."""
    return " ".join(_over(markup, order.buyer_currency, language) for markup in of_order(order))


def _over(markup: Markup, currency: str, language: str) -> str:
    """One exchange in a sentence: our rate, and what it is over mid-market and over the ECB's."""
    named = {
        "one": markup.currency,
        "rate": f"{markup.rate} {currency}",
        "mid": format_points(markup.over_mid_bps, language),
        "day": markup.ecb_day,
    }
    if markup.over_ecb_bps is None:
        return (
            _(
                "1 %(one)s = %(rate)s, %(mid)s %% over mid-market. The European Central Bank has no rate to compare "
                "it with."
            )
            % named
        )
    return _(
        "1 %(one)s = %(rate)s, %(mid)s %% over mid-market and %(ecb)s %% over the latest rate of the European "
        "Central Bank (%(day)s)."
    ) % (named | {"ecb": format_points(markup.over_ecb_bps, language)})
