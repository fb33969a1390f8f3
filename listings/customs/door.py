"""The door price of a card or a listing: one piece in one parcel, without what the payment costs."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from fx.money import Money
from fx.rates import Rates
from listings.asking import asked, with_spread
from listings.customs.landed_cost import landed_cost
from listings.customs.result import LandedCost
from listings.customs.rules import Book, rulebook
from listings.customs.shipment import Line, Shipment
from listings.customs.stops import stopped
from listings.errors import NotDeliverable
from listings.models import Listing
from listings.shipping import Shipping, rates_for
from marketplace.lib.clock import today


@dataclass(frozen=True, slots=True)
class DoorPrice:
    """What one piece costs at the door, by the cheapest way; `total` reads "at least" unless complete."""

    total: Money
    complete: bool
    landed: LandedCost
    shipping: Shipping


def door_price(listing: Listing, *, country: str, currency: str, rates: Rates, book: Book | None = None) -> DoorPrice:
    """The price for a buyer in `country` who pays in `currency`.

    Reads the shop and its rates: for a list select and prefetch them and give the `book`, then it
    makes no query. NotDeliverable or fx's RateMissing say why there is no price.
    """
    book = book or rulebook()
    shipping = way_to(listing, country, book=book)
    price = asked(listing, currency, rates)
    line = Line(listing.title, listing.hs_code, listing.origin, price.own, asked=price.theirs)
    landed = landed_cost(
        Shipment((line,), shipping.price, listing.shop.country, country),
        book,
        on=today(),
        currency=currency,
        convert=lambda money, to: with_spread(rates, money, to),
        value=rates.convert,
        registrations=book.schemes_on(today()),
    )
    return DoorPrice(landed.total(), landed.complete, landed, shipping)


def way_to(listing: Listing, country: str, quantity: int = 1, *, book: Book | None = None) -> Shipping:
    """The cheapest way for `quantity` pieces to `country`; NotDeliverable when no rate or no law lets it."""
    stop = stopped(listing.hs_code, listing.title, listing.shop.country, country, book)
    if stop is not None:
        raise NotDeliverable(str(stop))
    if listing.ships_to and country not in listing.ships_to:
        message = _("“%(title)s” is not sent to %(country)s.")
        raise NotDeliverable(message % {"title": listing.title, "country": country})
    goods = listing.price.times(quantity)
    return rates_for(listing.shop, country, listing.weight_g * quantity, quantity, goods)[0]
