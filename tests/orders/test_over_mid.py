"""An order says what its rate was over mid-market and over the ECB's, as it was quoted, to buyer and seller alike."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from fx.services import refresh_history
from orders.models import Order
from tests.api.caller import by_token
from tests.conftest import ClientFor
from tests.doubles import StripeDouble
from tests.orders.test_requote import rupees
from tests.orders.world import World, paid_order, pay_by_card, place

pytestmark = pytest.mark.django_db
SAID = (
    "As it was quoted: 1 INR = 0.0094643496 EUR, 0.40 % over mid-market and 0.40 % over the latest rate of the "
    "European Central Bank (2026-10-30)."
)


def text(client: Client, path: str) -> str:
    html = client.get(path).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)).replace("&#x27;", "'")


def test_both_read_it_and_later_rates_change_nothing(
    world: World, client_for: ClientFor, stripe_double: StripeDouble
) -> None:
    refresh_history()
    order = paid_order(world, stripe_double)
    rupees("1.05")
    assert SAID in text(client_for(world.bob), f"/orders/{order.number}/")
    assert SAID in text(client_for(world.alice), f"/sell/orders/{order.number}/")
    [told] = by_token(world.bob).get(f"orders/{order.number}/")["markups"]
    assert (told["currency"], told["rate"], told["over_mid_bps"], told["over_ecb_bps"]) == (
        *("INR", "0.0094643496"),
        *(40, 40),
    )


def test_of_two_shops_each_order_says_its_own(world: World, client_for: ClientFor, stripe_double: StripeDouble) -> None:
    pay_by_card(place(world.bob, world.scarf, world.vase), stripe_double)
    said: dict[str, Any] = {
        order.currency: text(client_for(world.bob), f"/orders/{order.number}/") for order in Order.objects.all()
    }
    assert "As it was quoted: 1 INR = 0.0094643496 EUR" in said["INR"]
    assert "1 MXN" not in said["INR"]
    assert "As it was quoted: 1 MXN = " in said["MXN"]
    assert "The European Central Bank has no rate to compare it with." in said["MXN"]


def test_within_one_currency_there_is_nothing_to_say(
    world: World, client_for: ClientFor, stripe_double: StripeDouble
) -> None:
    pay_by_card(place(world.bob, world.vase, currency="MXN"), stripe_double)
    order = Order.objects.get()
    assert "As it was quoted" not in text(client_for(world.bob), f"/orders/{order.number}/")
    assert by_token(world.bob).get(f"orders/{order.number}/")["markups"] == []
