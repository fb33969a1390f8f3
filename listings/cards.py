"""Listings as cards on a shelf: a picture, who sells it, and the price at the visitor's door."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from fx.errors import RateMissing
from fx.money import Money
from fx.rates import Rates
from listings.customs.door import DoorPrice, door_price
from listings.customs.rules import rulebook
from listings.errors import NotDeliverable
from listings.models import Listing, Photo
from listings.querysets import ListingQuerySet

CAP = 240  # listings that are priced to be sorted by the door price
SHELF = 24  # cards on a page


@dataclass(frozen=True, slots=True)
class Card:
    """Attributes of components/card.html; without `door` the reason is in `days`."""

    href: str
    title: str
    by: str
    start: str
    end: str
    door: Money | None
    at_least: bool
    days: str
    photo: Photo | None

    @property
    def src(self) -> str:
        return self.photo.src if self.photo else ""

    @property
    def srcset(self) -> str:
        return self.photo.srcset if self.photo else ""

    @property
    def alt(self) -> str:
        return self.photo.alt if self.photo else ""

    @property
    def width(self) -> int:
        return self.photo.width if self.photo else 0

    @property
    def height(self) -> int:
        return self.photo.height if self.photo else 0


def shown(listings: ListingQuerySet) -> ListingQuerySet:
    """With all that a card reads, in four queries whatever the length."""
    photos = Prefetch("photos", Photo.objects.order_by("position", "pk"))
    return listings.select_related("shop").prefetch_related(photos, "shop__shipping_rates", "fixed_prices")


def cards(listings: Iterable[Listing], *, country: str, currency: str, rates: Rates) -> list[Card]:
    """A card for each listing, for a visitor in `country` who thinks in `currency`. Give rows of `shown`."""
    priced = prices(listings, country=country, currency=currency, rates=rates)
    return [_card(listing, door, country) for listing, door in priced]


def prices(
    listings: Iterable[Listing], *, country: str, currency: str, rates: Rates
) -> list[tuple[Listing, DoorPrice | str]]:
    """Each listing with its price at the door, or the sentence that says why there is none."""
    book = rulebook()
    priced: list[tuple[Listing, DoorPrice | str]] = []
    for listing in listings:
        try:
            door = door_price(listing, country=country, currency=currency, rates=rates, book=book)
            priced.append((listing, door))
        except (NotDeliverable, RateMissing) as error:
            priced.append((listing, str(error)))
    return priced


def cheapest_first(listings: Sequence[Listing], *, country: str, currency: str, rates: Rates) -> list[Listing]:
    """By the price at the door, which is exact for each; what has no price comes last."""
    priced = prices(listings, country=country, currency=currency, rates=rates)
    return [listing for listing, _door in sorted(priced, key=_by_total)]


def _by_total(priced: tuple[Listing, DoorPrice | str]) -> tuple[bool, int, int]:
    listing, door = priced
    if isinstance(door, str):
        return True, 0, -listing.pk
    return False, door.total.amount, -listing.pk


def _card(listing: Listing, door: DoorPrice | str, country: str) -> Card:
    shop = listing.shop
    priced = None if isinstance(door, str) else door
    return Card(
        href=reverse("listings:detail", args=[listing.slug]),
        title=listing.title,
        by=f"{shop.name}, {shop.city}",
        start=shop.country,
        end=country,
        door=priced.total if priced else None,
        at_least=priced is not None and not priced.complete,
        days=days(priced, shop.handling_days) if priced else str(door),
        photo=next(iter(listing.photos.all()), None),
    )


def days(door: DoorPrice, handling_days: int) -> str:
    """From the order to the door, in business days."""
    named = {"soonest": handling_days + door.shipping.min_days, "latest": handling_days + door.shipping.max_days}
    return _("%(soonest)d to %(latest)d days") % named
