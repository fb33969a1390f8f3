"""What a seller asks of somebody who pays in another currency: converted, fixed, or ending like the seller's price.

A fixed price, and one whose end was lifted, is what the buyer pays to the unit. Each piece of it is a conversion of its
own into the seller's money, rounded down, so nothing is won by going to and fro between prices.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from fx.endings import lifted
from fx.format import format_money, format_number
from fx.money import Money
from fx.rates import Rates
from listings.models import Listing

FIXED, ENDING = "fixed", "ending"


@dataclass(frozen=True, slots=True)
class Asked:
    """Of one piece: `own` is the seller's, in the shop's currency, the processor's and our fees included.

    `theirs` is the buyer's price where it is set and not converted; `how` says by what: `fixed`, `ending`, or nothing.
    """

    own: Money
    theirs: Money | None = None
    how: str = ""

    @property
    def is_fixed(self) -> bool:
        return self.how == FIXED


def asked(listing: Listing, currency: str, rates: Rates) -> Asked:
    """What a buyer in `currency` is asked for one piece; fx's RateMissing when it has to cross and cannot.

    Reads the fixed prices and the shop: prefetch them for a list.
    """
    if currency == listing.currency:
        return Asked(listing.price)
    fixed = fixed_price(listing, currency)
    if fixed is not None:
        return _crossing(fixed, FIXED, listing.currency, rates)
    if listing.shop.mirrors_endings:
        shown = lifted(with_spread(rates, listing.price, currency), like=listing.price)
        if shown is not None:
            return _crossing(shown, ENDING, listing.currency, rates)
    return Asked(listing.price)


def piece_price(listing: Listing, currency: str, rates: Rates) -> tuple[Asked, Money]:
    """What is asked, and what one piece alone costs a buyer in `currency`, set or converted; RateMissing as `asked`."""
    one = asked(listing, currency, rates)
    return one, one.theirs or with_spread(rates, one.own, currency)


def fixed_price(listing: Listing, currency: str) -> Money | None:
    return next((row.price for row in listing.fixed_prices.all() if row.currency == currency), None)


def compared(fixed: Money, usual: Money, language: str) -> str:
    """How far the seller's fixed price is from `usual`, today's conversion of their own."""
    far = round(1_000 * (fixed.amount - usual.amount) / usual.amount)  # tenths of a percent
    named = {"usual": format_money(usual, language), "far": format_number(Decimal(abs(far)).scaleb(-1), language, 1)}
    if far > 0:
        return _("today %(usual)s; fixed %(far)s %% above it") % named
    if far < 0:
        return _("today %(usual)s; fixed %(far)s %% below it") % named
    return _("today %(usual)s, as fixed") % named


def with_spread(rates: Rates, money: Money, to: str) -> Money:
    """What a buyer pays in `to` so that `money` arrives: mid-market plus our spread, rounded up."""
    if money.currency == to:
        return money
    return rates.convert(money, to, bps=settings.SPREAD_BPS, up=True)


def _crossing(theirs: Money, how: str, own: str, rates: Rates) -> Asked:
    """Mid-market less our spread, rounded down: the same edge as of a price that is converted."""
    return Asked(rates.convert(theirs, own, bps=settings.SPREAD_BPS), theirs, how)
