"""Numbers of posts are checked and never corrected; carriers are known by name, and some have a page for a parcel."""

from __future__ import annotations

import pytest
from django.urls import reverse

from marketplace.models import Letter
from orders import parcels, services
from orders.errors import OrderRefused
from orders.models import Order, Shipment
from orders.tracking import s10
from orders.tracking.carriers import BY_KEY, CARRIERS, carrier_of, page_of
from tests.conftest import logged_in
from tests.doubles import StripeDouble
from tests.orders.world import World, paid_order

pytestmark = pytest.mark.django_db

TYPO = "EE987654321IN has a typing error: after the digits 98765432 comes 6 and not 1. Compare it with the receipt."


@pytest.mark.parametrize(
    ("serial", "digit"),
    [
        ("47312482", "9"),  # RB473124829GB, the standard's own example: sum 200, 200 % 11 = 2, 11 - 2 = 9
        ("12345678", "5"),  # sum 204, rest 6
        ("98765432", "6"),  # sum 236, rest 5
        ("00000000", "5"),  # rest 0: 11 becomes 5
        ("00000008", "0"),  # sum 56, rest 1: 10 becomes 0
    ],
)
def test_the_check_digit_is_the_one_of_the_standard(serial: str, digit: str) -> None:
    assert s10.check_digit(serial) == digit


def test_one_digit_in_ten_is_right() -> None:
    assert [digit for digit in range(10) if not s10.fault(f"RB47312482{digit}GB")] == [9]


@pytest.mark.parametrize("number", ["1Z999AA10123456784", "RR123456", "EE987654321ZZ", "EE123456785IN", ""])
def test_other_numbers_are_nobodys_business(number: str) -> None:
    assert s10.fault(number) == ""


@pytest.mark.parametrize("number", ["EE987654321IN", "ee 987654321 in", "EE-98765432-1-IN"])
def test_a_typing_error_is_told_with_the_digit_that_would_fit(number: str) -> None:
    assert s10.fault(number).endswith(TYPO.removeprefix("EE987654321IN"))


@pytest.mark.parametrize(
    ("written", "key", "name"),
    [
        ("dhl paket", "dhl-paket", "DHL Paket"),
        ("royal-mail", "royal-mail", "Royal Mail"),
        (" United  States Postal Service", "usps", "USPS"),
        ("My cousin's van", "", "My cousin's van"),
        ("DHL in a hurry", "", "DHL in a hurry"),  # never guessed from a part of a name
    ],
)
def test_a_carrier_is_known_by_its_names(written: str, key: str, name: str) -> None:
    found = carrier_of(written)
    assert (found.key, found.name) == (key, name)


def test_every_page_is_safe_and_takes_the_number() -> None:
    pages = [carrier.page for carrier in CARRIERS if carrier.page]
    assert len(pages) == 9
    assert all(page.startswith("https://") and page.count("{}") == 1 for page in pages)
    assert len(BY_KEY) == len(CARRIERS)
    assert page_of("ups", "1Z&x=<b>") == "https://www.ups.com/track?tracknum=1Z%26x%3D%3Cb%3E"
    assert page_of("ups", "") == page_of("india-post", "EE123456785IN") == page_of("gone", "1") == ""


def test_a_typing_error_ships_nothing(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    sent = {"carrier": "India Post", "tracking_number": "EE 987654321 IN"}
    page = logged_in(world.alice).post(reverse("orders:ship", args=[order.number]), sent)
    assert page.status_code == 422
    assert TYPO in page.content.decode()
    with pytest.raises(OrderRefused, match="after the digits 98765432 comes 6 and not 1"):
        services.mark_shipped(order.number, by=world.alice, carrier="Post", tracking_number="EE987654321IN")
    with pytest.raises(OrderRefused, match="Write the name of the carrier"):
        services.mark_shipped(order.number, by=world.alice, carrier="\u202e", tracking_number="EE123456785IN")
    order.refresh_from_db()
    assert (order.status, Shipment.objects.count()) == (Order.Status.PAID, 0)


def test_the_buyer_follows_the_parcel_on_the_carriers_page(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    desk = logged_in(world.alice)
    assert '<option value="Royal Mail">' in desk.get(reverse("orders:sale", args=[order.number])).content.decode()
    sent = {"carrier": "ups", "tracking_number": "1Z999AA10123456784"}
    desk.post(reverse("orders:ship", args=[order.number]), sent)
    parcel = Shipment.objects.get()
    assert (parcel.carrier, parcel.carrier_key) == ("UPS", "ups")
    page = "https://www.ups.com/track?tracknum=1Z999AA10123456784"
    assert f'href="{page}"' in logged_in(world.bob).get(f"/orders/{order.number}/").content.decode()
    letter = Letter.objects.get(key__startswith="order_shipped")
    assert f"The carrier says here where it is: {page}" in letter.body
    assert "We expect it by ;" not in letter.body
    assert str(parcel.expected_by.year) in letter.body.split("We expect it by ")[1].split(";")[0]


def test_a_number_without_a_page_stands_alone(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    services.mark_shipped(order.number, by=world.alice, carrier="India Post", tracking_number="EE123456785IN")
    parcels.add(order.number, by=world.alice, carrier="A van", tracking_number="VAN-12345")
    assert list(Shipment.objects.order_by("pk").values_list("carrier_key", flat=True)) == ["india-post", ""]
    seen = logged_in(world.bob).get(f"/orders/{order.number}/").content.decode()
    assert '<bdi class="code">EE123456785IN</bdi>' in seen
    assert '<bdi class="code">VAN-12345</bdi>' in seen
    assert all("The carrier says here" not in letter.body for letter in Letter.objects.all())
