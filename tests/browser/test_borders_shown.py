"""One scarf from Jaipur to Berlin, Oslo, Sydney, New York and Tokyo, in Chromium: the price at the door and why."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page

from fx.services import current_rates
from listings.customs.door import DoorPrice, door_price
from marketplace.models import User
from tests.browser.test_costs_shown import PICTURES, chromium, too_wide
from tests.orders.world import World, make_world
from tests.registered import registered

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# Country, its money, what the panel says of the border besides sums.
PLACES = {
    "Berlin": ("DE", "EUR", ["€3.00 × 1 kind of goods: 621490", "one more piece of the same kind adds none", "19%"]),
    "Oslo": ("NO", "NOK", ["do not exceed the duty-free limit of NOK 3,000.00", "25% on goods + shipping"]),
    "Sydney": ("AU", "AUD", ["10% on goods + shipping", "exact"]),
    "New York": ("US", "USD", ["we have no rate for 621490", "State sales tax", "a part is not known"]),
    "Tokyo": ("JP", "JPY", ["do not exceed the tax-free limit of", "exact"]),
}
COLLECTED = {"Berlin", "Oslo", "Sydney"}  # under IOSS, VOEC and the Australian scheme
LOOKS: dict[str, tuple[int, Literal["dark", "light"]]] = {"desk": (1280, "light"), "phone": (390, "dark")}


@pytest.fixture
def world(transactional_db: None, alice: User, bob: User, moderator: User) -> World:
    registered("IOSS", "VOEC", "AU-LVIG")
    return make_world(alice, bob, moderator)


def test_the_price_at_five_doors_and_why(live_server: Any, world: World) -> None:
    doors = {
        place: door_price(world.scarf, country=country, currency=currency, rates=current_rates())
        for place, (country, currency, _words) in PLACES.items()
    }
    with ThreadPoolExecutor(1) as aside:  # Playwright keeps a loop in its thread, in which Django refuses its database
        told = aside.submit(seen, live_server.url, f"/l/{world.scarf.slug}/").result()
    for place, (_country, _currency, words) in PLACES.items():
        door = doors[place]
        for look in LOOKS:
            listing, basket, errors, overflow = told[place, look]
            for text in (listing, basket):
                assert [word for word in words if word not in text] == [], (place, look, text)
                assert shown(door) in text, (place, look, text)
                assert ("at least" in text) is not door.complete, (place, look)
            assert (errors, overflow) == ([], 0), (place, look)
        assert (door.landed.incoterm == "DDP") is (place in COLLECTED), place


def shown(door: DoorPrice) -> str:
    """The digits of the sum, as British English groups them."""
    return f"{door.total.decimal:,}"


def seen(base: str, listing: str) -> dict[tuple[str, str], tuple[str, str, list[str], int]]:
    PICTURES.mkdir(exist_ok=True)
    with chromium() as browser:
        return {(place, look): looked_at(browser, base, listing, place, look) for place in PLACES for look in LOOKS}


def looked_at(browser: Browser, base: str, listing: str, place: str, look: str) -> tuple[str, str, list[str], int]:
    """A guest says where to, reads the listing's panel, puts the scarf into the basket and reads the panel there."""
    (width, scheme), (country, currency, _words) = LOOKS[look], PLACES[place]
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce", locale="en-GB"
    )
    page, errors = context.new_page(), list[str]()
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(base + "/settings/visitor/")
    page.locator("main [name=country]").select_option(country)
    page.locator("main [name=currency]").select_option(currency)
    page.get_by_role("button", name="Save").click()
    page.goto(base + listing)
    told = [_opened(page, f"{place}-{look}-listing")]
    wide = too_wide(page)
    page.get_by_role("button", name="Put into the basket").click()
    page.goto(base + "/cart/")
    told.append(_opened(page, f"{place}-{look}-basket"))
    wide += too_wide(page)
    context.close()
    return told[0], told[1], errors, wide


def _opened(page: Page, name: str) -> str:
    page.get_by_text("Why this total?").first.click()
    page.screenshot(path=PICTURES / f"borders-{name.replace(' ', '-')}.png", full_page=True)
    return page.locator("main").inner_text().replace("\N{NO-BREAK SPACE}", " ")
