"""The seller's money page says of each held order what it waits for, and until which day; the sums are the books'."""

from __future__ import annotations

import re

import pytest
from django.utils import translation
from django.utils.formats import date_format

from fx.money import Money
from orders.models import Order
from payments.ledger import codes
from payments.ledger.balances import balance
from tests.api.caller import by_token
from tests.conftest import logged_in
from tests.doubles import StripeDouble
from tests.orders.test_vanished_rates import text
from tests.orders.world import World, delivered_order, disputed_order, paid_order, shipped_order

pytestmark = pytest.mark.django_db


def test_each_held_order_says_what_it_waits_for_and_until_when(world: World, stripe_double: StripeDouble) -> None:
    orders = {
        "goes back if not shipped by {}": paid_order(world, stripe_double),
        "the buyer is asked by {}": shipped_order(world, stripe_double),
        "yours on {}, unless the buyer objects": delivered_order(world, stripe_double),
        "decided by {}": disputed_order(world, stripe_double),
    }
    page = text(logged_in(world.alice), "/sell/money/")
    told = {row["order"]: row for row in by_token(world.alice).get("balance/")["held_orders"]}
    held = Money(0, "INR")
    for words, order in orders.items():
        order = Order.objects.get(pk=order.pk)
        assert order.due_at is not None
        with translation.override("en"):
            day = date_format(order.due_at, "DATE_FORMAT")
        assert re.search(rf"{order.number} .{{0,40}}{re.escape(words.format(day))}", page), (words, page)
        assert balance(codes.hold(order.number, "INR")) == order.held == Money(2_590_00, "INR")
        assert told[order.number]["held"] == order.held.json()
        assert told[order.number]["due_at"][:16] == f"{order.due_at:%Y-%m-%dT%H:%M}"
        held += order.held
    assert held == Money(10_360_00, "INR")
    assert re.search("Held until the buyers are content ?₹10,360.00", page)
