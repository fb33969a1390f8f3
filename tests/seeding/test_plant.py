"""The demo's goods: on sale from the first page on, and still there when their further views are drawn."""

from __future__ import annotations

import pytest

from listings.models import Listing
from marketplace.seeding.pictures import VIEWS
from marketplace.seeding.plant import more_pictures, plant


@pytest.mark.django_db
def test_goods_stay_on_sale_while_their_further_views_are_added() -> None:
    plant(listings=2, random_seed=1, say=print)
    assert [one.photos.count() for one in Listing.objects.on_sale()] == [1, 1]
    assert more_pictures(say=print) == 2 * (VIEWS - 1)
    assert [one.photos.count() for one in Listing.objects.on_sale()] == [VIEWS, VIEWS]


@pytest.mark.django_db
def test_a_listing_that_waits_for_review_keeps_waiting_when_its_views_are_added() -> None:
    plant(listings=1, random_seed=1, say=print)
    Listing.objects.update(status=Listing.Status.IN_REVIEW)
    more_pictures(say=print)
    assert Listing.objects.get().status == Listing.Status.IN_REVIEW
