"""What a parcel costs by its weight and its goods, and what a seller may say about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from fx.models import Rate, RateSet
from fx.money import Money
from listings import services
from listings.errors import ListingError, NotDeliverable
from listings.models import Listing, Shop
from listings.services import RateDraft
from listings.shipping import Shipping, rates_for
from marketplace.lib.clock import now
from marketplace.models import User
from tests.conftest import logged_in
from tests.listings.conftest import rupees

pytestmark = pytest.mark.django_db

POST = RateDraft(
    "India Post",
    rupees("1800"),
    rupees("120"),
    max_weight_g=2000,
    bands=[(250, rupees("650")), (500, rupees("900"))],
    free_over=rupees("10000"),
)
ROW = {
    "rates-TOTAL_FORMS": "1",
    "rates-INITIAL_FORMS": "0",
    "rates-0-name": "India Post",
    "rates-0-first": "1800",
    "rates-0-next": "120",
    "rates-0-max_weight_g": "2000",
    "rates-0-bands": "250: 650\r\n500 g: 900.00\r\n",
    "rates-0-free_over": "10000",
    "rates-0-min_days": "5",
    "rates-0-max_days": "15",
}


def way(shop: Shop, weight_g: int, items: int = 1, goods: str = "950") -> Shipping:
    return rates_for(shop, "DE", weight_g, items, rupees(goods))[0]


@pytest.mark.parametrize(
    ("weight_g", "items", "price"),
    [
        (1, 1, "650"),
        (250, 1, "650"),  # the top of a band is inside
        (251, 1, "900"),
        (500, 2, "1020"),  # 900 and 120 for the second piece
        (501, 1, "1800"),  # above every band: the price of the first piece
        (2000, 3, "2040"),
    ],
)
def test_the_lightest_band_that_carries_the_parcel_counts(
    shop: Shop, alice: User, weight_g: int, items: int, price: str
) -> None:
    services.set_shipping_rates(shop, by=alice, rates=[POST])
    assert way(shop, weight_g, items).price == rupees(price)


def test_above_the_most_nothing_is_multiplied(shop: Shop, alice: User) -> None:
    services.set_shipping_rates(shop, by=alice, rates=[POST])
    with pytest.raises(NotDeliverable, match="weighs 2001 g; Chaya Prints sends at most 2000 g to DE. Order fewer"):
        way(shop, 2001)


def test_from_a_value_of_the_goods_on_the_parcel_is_free(shop: Shop, alice: User) -> None:
    services.set_shipping_rates(shop, by=alice, rates=[POST])
    assert way(shop, 2000, 3, "9999.99").price == rupees("2040")
    assert way(shop, 2000, 3, "10000").price == rupees("0")
    with pytest.raises(NotDeliverable):
        way(shop, 2001, 3, "10000")


def test_a_free_way_goes_before_a_cheap_one(shop: Shop, alice: User) -> None:
    cheap = RateDraft("Slow post", rupees("100"), rupees("0"))
    services.set_shipping_rates(shop, by=alice, rates=[cheap, POST])
    assert [one.name for one in rates_for(shop, "DE", 200, 1, rupees("950"))] == ["Slow post", "India Post"]
    assert way(shop, 200, 1, "10000").name == "India Post"


def test_a_rate_without_bands_is_what_it_was(shop: Shop) -> None:
    [post] = rates_for(shop, "DE", 300, 2, rupees("1900"))
    assert (post.price, post.free_over) == (rupees("770"), None)
    assert post.window(dt.date(2026, 12, 4), 2) == (dt.date(2026, 12, 16), dt.date(2026, 12, 24))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"bands": [(500, rupees("9")), (250, rupees("6"))]}, "each weight is above the one before it"),
        ({"bands": [(500, rupees("9")), (500, rupees("6"))]}, "each weight is above the one before it"),
        ({"bands": [(0, rupees("9"))]}, "each weight is above the one before it"),
        ({"bands": [(2000, rupees("9"))]}, "the last below 2000 g"),
        ({"bands": [(500, Money(-1, "INR"))]}, "no negative price"),
        ({"bands": [(500, Money(900, "EUR"))]}, "Rates are in the shop's currency, INR"),
        ({"free_over": Money(900, "EUR")}, "Rates are in the shop's currency, INR"),
        ({"free_over": rupees("0")}, "no negative price"),
    ],
)
def test_a_rate_that_makes_no_sense_changes_nothing(
    shop: Shop, alice: User, changes: dict[str, object], why: str
) -> None:
    with pytest.raises(ListingError, match=why):
        services.set_shipping_rates(shop, by=alice, rates=[replace(POST, **changes)])  # type: ignore[arg-type]
    assert [(rate.name, rate.bands) for rate in shop.shipping_rates.all()] == [("India Post", [])]


def test_a_seller_writes_bands_line_by_line_and_reads_them_again(shop: Shop, alice: User) -> None:
    client = logged_in(alice)
    assert client.post("/sell/shop/rates/", ROW).status_code == 302
    rate = shop.shipping_rates.get()
    assert (rate.bands, rate.free_over_minor) == ([[250, 65000], [500, 90000]], 1000000)
    page = client.get("/sell/shop/").content.decode()
    assert "250: 650.00\n500: 900.00" in page.replace("\r", "")
    assert 'value="10000.00"' in page


@pytest.mark.parametrize(
    ("field", "written", "why"),
    [
        ("bands", "half a kilo: 12", "“half a kilo: 12” is no weight with a price. Write it like"),
        ("bands", "500: a lot", "is no weight with a price"),
        ("bands", "500: 9\n250: 6", "Write the lightest first, and each weight once."),
        ("bands", "500: -1", ""),
        ("bands", "500: 9.001", ""),
        ("bands", "2000: 9", "The last weight has to be below the most that you send."),
        ("bands", "\n".join(f"{n}: 1" for n in range(1, 22)), "Write at most 20 lines."),
        ("free_over", "0", "Write an amount from"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(shop: Shop, alice: User, field: str, written: str, why: str) -> None:
    answer = logged_in(alice).post("/sell/shop/rates/", ROW | {f"rates-0-{field}": written})
    assert answer.status_code == 422
    form = answer.context["rates"].forms[0]
    assert list(form.errors) == [field]
    assert why in str(form.errors[field][0])
    assert shop.shipping_rates.get().bands == []


def test_the_basket_and_the_listing_say_when_and_from_what_on_it_is_free(
    shop: Shop, alice: User, live: Callable[..., Listing]
) -> None:
    rates = RateSet.objects.create(effective_at=now())
    Rate.objects.create(rate_set=rates, currency="INR", per_eur="107.31", source="test", as_of=now())
    guest = Client(headers={"accept-language": "en-DE,en"})
    services.set_shipping_rates(shop, by=alice, rates=[POST])
    scarf = live()
    guest.post("/cart/add/", {"listing": scarf.pk, "quantity": "1"})
    for address in (f"/l/{scarf.slug}/", "/cart/"):
        page = guest.get(address).content.decode()
        assert "expected between" in page
        assert "Shipping is free from" in page
