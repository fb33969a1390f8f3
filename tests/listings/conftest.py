"""A shop in Jaipur with a scarf, and a way to write more of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fx.money import Money
from listings import services
from listings.models import Listing, Photo, Shop
from listings.services import RateDraft
from marketplace.lib.clock import now
from marketplace.models import LegalText, User


@pytest.fixture
def agreement(db: None) -> LegalText:
    """The seller agreement in force."""
    text, _created = LegalText.objects.get_or_create(
        kind=LegalText.Kind.SELLER, version="test", defaults={"body": "Sell honestly."}
    )
    return text


@pytest.fixture
def moderator(db: None) -> User:
    return User.objects.create_user("moderator@example.com", "pw", name="Mo", is_staff=True)


def rupees(amount: str) -> Money:
    return Money.parse(amount, "INR")


@pytest.fixture
def shop(alice: User, agreement: LegalText) -> Shop:
    made = services.open_shop(by=alice, name="Chaya Prints", country="IN", city="Jaipur", currency="INR")
    post = RateDraft("India Post", rupees("650"), rupees("120"), min_days=6, max_days=12)
    services.set_shipping_rates(made, by=alice, rates=[post])
    return made


@pytest.fixture
def draft(shop: Shop) -> Callable[..., Listing]:
    """Write a draft, with changes; it has no photo file, but a photo row."""

    def write(**changes: Any) -> Listing:
        facts = {
            "title": "Block-printed scarf",
            "description": "Indigo and madder on cotton voile.",
            "price": rupees("1900"),
            "hs_code": "621410",
            "origin": "IN",
            "weight_g": 180,
            "stock": 5,
            **changes,
        }
        listing = services.create_listing(shop, by=shop.owner, **facts)
        Photo.objects.create(listing=listing, width=1200, height=1500)
        return listing

    return write


@pytest.fixture
def live(draft: Callable[..., Listing]) -> Callable[..., Listing]:
    """Write a listing that is live already."""

    def write(**changes: Any) -> Listing:
        listing = draft(**changes)
        listing.status, listing.live_at = Listing.Status.LIVE, now()
        listing.save(update_fields=["status", "live_at"])
        return listing

    return write
