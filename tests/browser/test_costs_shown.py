"""Chromium sees what an order costs: the sheet before and after paying, a discount, the board of corridors; at a desk,
on a phone and in the dark. Every step leaves a picture in `pictures/`."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from fx.models import Window
from listings.services import share_savings
from marketplace.models import User
from marketplace.run.outside import find_chromium
from marketplace.run.places import BASE
from orders import services
from orders.corridors.measuring import measure
from orders.models import Order
from payments.models import FeeRow
from payments.netting.windows import close_window
from tests.conftest import ClientFor
from tests.doubles import StripeDouble
from tests.doubles import stripe_double as stripe_double
from tests.orders.world import BERLIN, World, delivered_order, make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = BASE / "pictures"
SEEN: dict[str, tuple[int, Literal["dark", "light"]]] = {
    "desk": (1280, "light"),
    "dark": (1280, "dark"),
    "phone": (390, "light"),
}


@pytest.fixture
def world(transactional_db: None, alice: User, bob: User, moderator: User) -> World:
    return make_world(alice, bob, moderator)


def completed(world: World, double: StripeDouble, count: int) -> list[Order]:
    return [services.confirm(delivered_order(world, double).number, by=world.bob) for _ in range(count)]


def basket_at_review(client: Client, world: World) -> None:
    client.post("/cart/add/", {"listing": world.scarf.pk, "quantity": 1})
    client.post("/checkout/", BERLIN | {"country": "DE"})


def test_people_see_where_the_money_goes(
    live_server: Any, world: World, stripe_double: StripeDouble, client_for: ClientFor
) -> None:
    FeeRow.objects.filter(processor="bitcoin", part="percent").update(bps=900)  # so that a card is the cheaper way
    share_savings(world.scarf.shop, percent=50, by=world.alice)
    world.scarf.refresh_from_db()
    orders = completed(world, stripe_double, 3)
    close_window(coins=False, reason=Window.Reason.TIME)
    assert measure() == 1
    bob, alice = client_for(world.bob), client_for(world.alice)
    basket_at_review(bob, world)
    number = orders[0].number
    pages = [
        (
            "review",
            "/checkout/review/",
            bob,
            ("less when you pay with Card, from the seller", "The seller sees this same sheet"),
        ),
        (
            "order",
            f"/orders/{number}/",
            bob,
            ("Discount of the seller for this way to pay", "The seller sees this same sheet"),
        ),
        (
            "sale",
            f"/sell/orders/{number}/",
            alice,
            ("that this way to pay saves you", "The buyer sees this same sheet"),
        ),
        ("discount", "/sell/discount/", alice, ("What it has cost you", "Card")),
        ("corridors", "/corridors/", bob, ("India to Germany", "netting would have saved", "865 bps")),
    ]
    cookies = [client.cookies["sessionid"].value for _name, _path, client, _words in pages]
    with ThreadPoolExecutor(1) as aside:  # Playwright keeps a loop in its thread, in which Django refuses its database
        told = aside.submit(seen, live_server.url, [page[:2] for page in pages], cookies).result()
    for name, _path, _client, words in pages:
        for look in SEEN:
            text, errors, overflow = told[name, look]
            assert [word for word in words if word not in text] == [], (name, look)
            assert (errors, overflow) == ([], 0), (name, look)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(find_chromium()),
            chromium_sandbox=False,
            args=["--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


def seen(
    base: str, pages: list[tuple[str, str]], cookies: list[str]
) -> dict[tuple[str, str], tuple[str, list[str], int]]:
    """Of each page and look: its words, what the browser complained of, and by how much it is too wide."""
    PICTURES.mkdir(exist_ok=True)
    found = {}
    with chromium() as browser:
        for (name, path), cookie in zip(pages, cookies, strict=True):
            for look in SEEN:
                found[name, look] = looked_at(browser, base, path, cookie, look, PICTURES / f"costs-{name}-{look}.png")
    return found


def looked_at(
    browser: Browser, base: str, path: str, cookie: str, look: str, picture: Path
) -> tuple[str, list[str], int]:
    width, scheme = SEEN[look]
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce", locale="en-GB"
    )
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": base}])
    page, errors = context.new_page(), list[str]()
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(base + path)
    page.screenshot(path=picture, full_page=True)
    chosen = page.locator(".sheets > .sheet:visible").count()
    assert chosen == min(1, page.locator(".sheets").count()), "only the sheet of the chosen way to pay is shown"
    told = page.locator("main").inner_text(), errors, too_wide(page)
    context.close()
    return told


def too_wide(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
