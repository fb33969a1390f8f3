"""Prices of a listing in other currencies: fixed by the seller as a whole, taken back one by one by staff."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from fx.errors import RateMissing
from fx.money import Money
from fx.services import current_rates
from listings.asking import with_spread
from listings.errors import ListingError
from listings.models import FixedPrice, Listing
from listings.services import notices
from listings.services.bounds import price_bounds
from marketplace.lib.places import DISPLAY_CURRENCIES
from marketplace.models import User

SLIP = 10  # times today's equivalent, or a part of it so small: more likely a slip of the finger


def set_fixed_prices(listing: Listing, prices: Sequence[Money]) -> bool:
    """Replace the fixed prices of a locked listing; whether anything changed. ListingError says what is wrong."""
    _check(listing, prices)
    if {row.price for row in listing.fixed_prices.all()} == set(prices):
        return False
    listing.fixed_prices.all().delete()
    FixedPrice.objects.bulk_create(
        FixedPrice(listing=listing, currency=price.currency, price_minor=price.amount) for price in prices
    )
    return True


@transaction.atomic
def take_back_fixed_price(listing: Listing, *, currency: str, by: User, reason: str) -> Money:
    """From the next quote on buyers in `currency` are asked the converted price again; the seller is told why.

    Returns what it was. Orders keep it; a checkout that was begun asks again. ListingError when there is none.
    """
    assert by.is_staff, "sellers change theirs with the listing"
    if not reason.strip():
        raise ListingError(_("Give a reason: the seller is told it."))
    listing = Listing.objects.select_for_update().select_related("shop__owner").get(pk=listing.pk)
    fixed = listing.fixed_prices.filter(currency=currency).first()
    if fixed is None:
        raise ListingError(_("There is no fixed price in %(currency)s any more.") % {"currency": currency})
    fixed.delete()
    notices.fixed_price_taken_back(listing, fixed.price, reason.strip())
    return fixed.price


def _check(listing: Listing, prices: Sequence[Money]) -> None:
    if len({price.currency for price in prices}) < len(prices):
        raise ListingError(_("There is one fixed price in each currency, not more."))
    for price in prices:
        _check_one(listing, price)


def _check_one(listing: Listing, price: Money) -> None:
    if price.currency == listing.currency:
        message = _("%(currency)s is the currency of the price itself. Fix it in others.")
        raise ListingError(message % {"currency": price.currency})
    if price.currency not in DISPLAY_CURRENCIES:
        message = _("Buyers do not pay in %(currency)s here, so no price can be fixed in it.")
        raise ListingError(message % {"currency": price.currency})
    low, high = price_bounds(price.currency)
    if not low <= price <= high:
        message = _("A price of %(price)s is not from %(low)s to %(high)s.")
        raise ListingError(message % {"price": price, "low": low, "high": high})
    usual = equivalent(listing.price, price.currency)
    if usual is not None and not usual.amount <= price.amount * SLIP <= usual.amount * SLIP * SLIP:
        message = _("A fixed price of %(price)s is far from %(usual)s, which your price is today. Look at it again.")
        raise ListingError(message % {"price": price, "usual": usual})


def equivalent(price: Money, currency: str) -> Money | None:
    """What `price` is to a buyer in `currency` today; None without a rate."""
    try:
        return with_spread(current_rates(), price, currency)
    except RateMissing:
        return None
