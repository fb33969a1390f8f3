"""Letters to a seller about a review, or a reserve."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.urls import reverse

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
