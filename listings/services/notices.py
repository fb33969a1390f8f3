"""Letters to a seller about a review, a reserve, or a price that staff took back."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.urls import reverse

from fx.format import format_money
from fx.money import Money
from listings.models import Listing, Shop
from marketplace import letters
from marketplace.lib.clock import now


def tell_approved(listing: Listing, submitted: dt.datetime | None) -> None:
    _write("listing_approved", listing, submitted)


def tell_rejected(listing: Listing, submitted: dt.datetime | None) -> None:
    _write("listing_rejected", listing, submitted)


def _write(template: str, listing: Listing, submitted: dt.datetime | None) -> None:
    """One letter per review: the moment of submission names it."""
    owner = listing.shop.owner
    public = reverse("listings:detail", args=[listing.slug])
    edit = reverse("listings:edit", args=[listing.pk])
    letters.write(
        key=f"{template}:{listing.pk}:{submitted.isoformat() if submitted else ''}",
        to=owner.email,
        template=template,
        context={
            "listing": listing,
            "shop": listing.shop,
            "reason": listing.review_note,
            "public_url": settings.SITE_URL + public,
            "edit_url": settings.SITE_URL + edit,
        },
        language=owner.language or settings.LANGUAGE_CODE,
    )


def reserve_set(shop: Shop, reason: str) -> None:
    owner = shop.owner
    letters.write(
        key=f"shop_reserve:{shop.pk}:{now().isoformat()}",
        to=owner.email,
        template="shop_reserve",
        context={"shop": shop, "percent": shop.reserve_bps / 100, "reason": reason},
        language=owner.language or settings.LANGUAGE_CODE,
    )


def fixed_price_taken_back(listing: Listing, price: Money, reason: str) -> None:
    owner = listing.shop.owner
    language = owner.language or settings.LANGUAGE_CODE
    letters.write(
        key=f"fixed_price:{listing.pk}:{price.currency}:{now().isoformat()}",
        to=owner.email,
        template="fixed_price_taken_back",
        context={
            "listing": listing,
            "currency": price.currency,
            "price": format_money(price, language),
            "reason": reason,
            "edit_url": settings.SITE_URL + reverse("listings:edit", args=[listing.pk]),
        },
        language=language,
    )
