"""The price that is locked counts down in a real browser, and the click after its end renews it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from marketplace.lib.clock import now, shifted
from marketplace.models import User
from orders.models import Checkout
from tests.browser.people import Person
from tests.conftest import logged_in
from tests.doubles import StripeDouble
from tests.doubles import stripe_double as stripe_double
from tests.orders.test_requote import offered, rupees
from tests.orders.world import BERLIN, World, make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TIME = re.compile(r"(\d+):(\d\d)")


@pytest.fixture(scope="module", autouse=True)
def _orm_beside_playwright() -> Iterator[None]:
    """Playwright's loop runs in this thread; the tests look at rows between its steps, never at the same time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture
def world(alice: User, bob: User, moderator: User) -> World:
    return make_world(alice, bob, moderator)


@pytest.fixture
def session(world: World, stripe_double: StripeDouble) -> Client:
    """Bob's session, at the review page, with the scarf in his basket and a price for each rail."""
    client = logged_in(world.bob)
    client.post("/cart/add/", {"listing": world.scarf.pk, "quantity": "1"})
    assert client.post("/checkout/", {**BERLIN, "country": "DE"})["Location"] == "/checkout/review/"
    return client


def at_the_desk(browser: Browser, session: Client, live_server: LiveServer, pictures: Path, *, phone: bool) -> Person:
    person = Person(browser, "locked-phone" if phone else "locked", live_server.url, pictures, phone=phone)
    key = session.cookies[settings.SESSION_COOKIE_NAME].value
    person.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
    person.open("/checkout/review/")
    return person


@pytest.fixture(params=[False, True], ids=["desktop, light", "phone, dark"])
def buyer(
    request: pytest.FixtureRequest, browser: Browser, session: Client, live_server: LiveServer, pictures: Path
) -> Iterator[Person]:
    person = at_the_desk(browser, session, live_server, pictures, phone=request.param)
    yield person
    person.context.close()
    assert [error for error in person.errors if "stripe.com" not in error and "409" not in error] == []


def left(buyer: Person) -> int:
    """The seconds that the page says are left."""
    found = TIME.search(buyer.page.locator("[data-until]").inner_text())
    assert found is not None
    return 60 * int(found[1]) + int(found[2])


def test_the_seconds_run_and_the_end_is_said_without_closing_the_button(buyer: Person, session: Client) -> None:
    first = left(buyer)
    assert 540 <= first <= 600  # a slow machine takes a while to get here
    buyer.shot("counts-down")
    buyer.page.wait_for_timeout(2_200)
    assert first - 30 <= left(buyer) <= first - 2
    line = buyer.page.locator("[data-until]")
    with shifted(seconds=(offered(session).expires_at - now()).total_seconds() - 9):
        buyer.page.reload()
        assert 1 <= int(line.get_attribute("data-seconds") or 0) <= 9
        over = line.get_attribute("data-over")
        assert over
        expect(line).to_have_text(over, timeout=15_000)
        expect(buyer.page.get_by_role("button", name=re.compile("Order and pay"))).to_be_enabled()
        buyer.shot("is-over")


def test_it_goes_on_counting_where_one_pays_and_the_points_are_shown_on_a_phone_too(
    buyer: Person, session: Client
) -> None:
    points = buyer.page.locator(".sheets > *:visible .bps:not(:empty)").first
    expect(points).to_be_visible()
    expect(points).to_have_text(re.compile(r"\d+ bps\s+\d+\.\d\d\s%"))
    agree(buyer)
    buyer.page.wait_for_url("**/pay/*/")
    first = left(buyer)
    with buyer.page.expect_response("**/status/**", timeout=15_000):
        pass  # the page asks for its status part every few seconds, and gets a line of its own
    buyer.page.wait_for_timeout(2_200)
    assert first - 60 <= left(buyer) <= first - 2
    buyer.shot("counts-down-at-the-payment")


def test_a_click_after_the_end_pays_the_same_price_without_a_question(buyer: Person, session: Client) -> None:
    old = offered(session)
    with shifted(minutes=11):
        agree(buyer)
        buyer.page.wait_for_url("**/pay/*/")
    checkout = Checkout.objects.get()
    assert checkout.amount == old.amount
    assert checkout.quote_id != old.pk


def test_a_higher_price_is_asked_about_with_a_lock_of_its_own(buyer: Person, session: Client) -> None:
    old = offered(session)
    rupees("0.95")
    with shifted(minutes=11):
        agree(buyer)
        new = offered(session)
        buyer.sees(f"The price was €{old.amount.decimal} and is now €{new.amount.decimal}.")
        assert not Checkout.objects.exists()
        assert 580 <= left(buyer) <= 600
        expect(buyer.page.locator("[name=accept]")).to_be_checked()
        expect(buyer.page.locator("[name=rail][value=stripe]")).to_be_checked()
        expect(buyer.page.locator(".sheets > *:visible")).to_have_count(1)  # the one of the chosen way to pay
        buyer.shot("is-asked-again")
        buyer.page.get_by_role("button", name=re.compile("Order and pay")).click()
        buyer.page.wait_for_url("**/pay/*/")
    assert Checkout.objects.get().quote_id == new.pk


def agree(buyer: Person) -> None:
    buyer.page.check("[name=rail][value=stripe]")
    buyer.page.check("[name=accept]")
    buyer.page.get_by_role("button", name=re.compile("Order and pay")).click()
