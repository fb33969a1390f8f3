"""The first page shows real goods with a real bill."""

from __future__ import annotations

import pytest
from django.test import Client

from fx.money import Money
from fx.services import refresh_rates
from listings import services
from listings.models import Listing, Photo
from listings.services import RateDraft
from marketplace import legal
from marketplace.lib.clock import now
from marketplace.models import User
from marketplace.views.home import mixed

pytestmark = pytest.mark.django_db


def rupees(text: str) -> Money:
    return Money.parse(text, "INR")


@pytest.fixture
def scarf(alice: User) -> Listing:
    """A live scarf of a shop in Jaipur."""
    legal.accept(legal.current("seller"), user=alice, email=alice.email, ref="shop")
    shop = services.open_shop(by=alice, name="Chaya Prints", country="IN", city="Jaipur", currency="INR")
    post = RateDraft("India Post", rupees("650"), rupees("120"), min_days=6, max_days=12)
    services.set_shipping_rates(shop, by=alice, rates=[post])
    listing = services.create_listing(
        shop,
        by=alice,
        title="Indigo scarf",
        description="Cotton.",
        price=rupees("1900"),
        stock=5,
        hs_code="621410",
        origin="IN",
        weight_g=180,
    )
    Photo.objects.create(listing=listing, width=1200, height=1500)
    Listing.objects.filter(pk=listing.pk).update(status="live", live_at=now())
    return Listing.objects.get(pk=listing.pk)


def test_an_empty_market_says_what_to_do(client: Client) -> None:
    html = client.get("/").content.decode()
    assert "Nothing ships there yet" in html
    assert "Made there. At your door, for one honest price." in html


def test_what_ships_to_the_visitor_is_on_the_shelf(client: Client, scarf: Listing) -> None:
    html = client.get("/").content.decode()
    assert f'href="/l/{scarf.slug}/"' in html
    assert "Chaya Prints, Jaipur" in html


def test_the_bill_is_that_of_something_for_sale(client: Client, scarf: Listing) -> None:
    refresh_rates()
    html = client.get("/").content.decode()
    assert "Indigo scarf" in html.split('class="bill"', 1)[1].split("</table>")[0]
    assert "1,900.00 at " in html
    assert "mid-market + 0.40 %" in html
    assert "At your door" in html


def test_without_rates_the_page_still_opens(client: Client, scarf: Listing) -> None:
    assert client.get("/").status_code == 200


def test_no_shop_fills_the_shelf() -> None:
    rows = [Listing(shop_id=shop, title=title) for shop, title in ((1, "a"), (1, "b"), (1, "c"), (2, "d"), (3, "e"))]
    assert [row.title for row in mixed(rows)] == ["a", "d", "e", "b", "c"]
