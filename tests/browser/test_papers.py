"""Alice says what her parcel weighs, and the page says which form it needs and lets her print it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from payments.invoices.profiles import Stated, set_profile
from tests.browser.test_fixed_price import sit
from tests.browser.test_locked_price import _orm_beside_playwright as _orm_beside_playwright
from tests.browser.test_locked_price import world as world
from tests.conftest import logged_in
from tests.doubles import StripeDouble
from tests.doubles import stripe_double as stripe_double
from tests.orders.world import World, shipped_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("phone", [False, True], ids=["desktop, light", "phone, dark"])
def test_what_is_missing_is_said_until_the_form_can_be_printed(
    world: World,
    browser: Browser,
    live_server: LiveServer,
    pictures: Path,
    stripe_double: StripeDouble,
    phone: bool,
) -> None:
    order = shipped_order(world, stripe_double)
    line = order.lines.get()
    stated = Stated("Alice Sharma", "14 Johari Bazar", "302003", "Jaipur", "IN", "")
    set_profile(seller=world.alice, by=world.alice, stated=stated)
    where = "phone" if phone else "desktop"
    alice = sit(browser, logged_in(world.alice), live_server, pictures, f"papers-{where}", phone=phone)
    alice.open(f"/sell/orders/{order.number}/")
    alice.click("Papers for customs and the parcel")
    alice.sees("The net weight of “Indigo and madder scarf” is missing.")
    alice.shot("missing")
    alice.fill(gross_g="200", postage="690", **{f"net_{line.pk}": "140"})
    alice.click("Save")
    alice.sees("and weighs at most 2 kg")
    alice.sees("CN22 customs label")
    alice.shot("ready")
