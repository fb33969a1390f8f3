"""Alice fixes a price in euros in her form, beside today's equivalent; Bob reads and pays just that."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from listings import services
from tests.browser.people import Person
from tests.browser.test_locked_price import _orm_beside_playwright as _orm_beside_playwright
from tests.browser.test_locked_price import world as world
from tests.conftest import logged_in
from tests.doubles import StripeDouble
from tests.doubles import stripe_double as stripe_double
from tests.orders.world import BERLIN, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sit(
    browser: Browser, session: Client, live_server: LiveServer, pictures: Path, name: str, *, phone: bool
) -> Person:
    person = Person(browser, name, live_server.url, pictures, phone=phone)
    key = session.cookies[settings.SESSION_COOKIE_NAME].value
    person.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
    return person


@pytest.mark.parametrize("phone", [False, True], ids=["desktop, light", "phone, dark"])
def test_what_is_fixed_in_the_form_is_what_the_buyer_reads_at_the_end(
    world: World,
    browser: Browser,
    live_server: LiveServer,
    pictures: Path,
    stripe_double: StripeDouble,
    phone: bool,
) -> None:
    where = "phone" if phone else "desktop"
    seller = sit(browser, logged_in(world.alice), live_server, pictures, f"fixes-{where}", phone=phone)
    seller.open(f"/sell/listings/{world.scarf.pk}/")
    seller.page.locator("summary", has_text="Fixed prices in other currencies").click()
    seller.fill(fixed_EUR="18.50")
    seller.shot("a-price")
    seller.click("Save")
    seller.sees("fixed 2.8 % above it")
    assert seller.page.locator("[name=fixed_EUR]").is_visible()  # the fold is open where something is fixed
    seller.shot("and-reads-it-again")
    services.approve_listing(world.scarf, by=world.moderator)

    session = logged_in(world.bob)
    session.post("/cart/add/", {"listing": world.scarf.pk, "quantity": "2"})
    session.post("/checkout/", {**BERLIN, "country": "DE"})
    buyer = sit(browser, session, live_server, pictures, f"pays-fixed-{where}", phone=phone)
    buyer.open(f"/l/{world.scarf.slug}/")
    buyer.sees("in your currency the seller asks €18.50, whatever the exchange rate")
    buyer.shot("reads-the-listing")
    buyer.open("/checkout/review/")
    buyer.sees("2 × €18.50")
    buyer.sees("the seller’s own price in your currency; they get ₹1,954.70 of it")
    buyer.shot("reviews")
    assert (seller.errors, buyer.errors) == ([], [])
    seller.context.close()
    buyer.context.close()
