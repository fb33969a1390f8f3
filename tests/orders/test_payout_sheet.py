"""A payout says which orders it pays, each with the sheet that its buyer sees, and what is left from before."""

from __future__ import annotations

import pytest

from fx.money import Money
from orders import services
from orders.models import Order
from payments.models import Payout
from payments.payouts.life import request_payout
from tests.api.caller import by_token
from tests.conftest import logged_in
from tests.doubles import StripeDouble
from tests.orders.world import World, delivered_order
from tests.payments.test_payouts import method, payable

pytestmark = pytest.mark.django_db


def released(world: World, double: StripeDouble) -> Order:
    return services.confirm(delivered_order(world, double).number, by=world.bob)


def paid_out(world: World) -> Payout:
    return request_payout(seller=world.alice, currency="INR", by=world.alice)


def test_each_payout_shows_the_orders_released_since_the_one_before(world: World, stripe_double: StripeDouble) -> None:
    method(world.alice, "INR")
    payable(world.alice, Money(5000, "INR"))
    first = released(world, stripe_double)
    one = paid_out(world)
    second, third = released(world, stripe_double), released(world, stripe_double)
    two = paid_out(world)
    alice = by_token(world.alice)
    told = alice.get(f"payouts/{one.pk}/")
    assert [row["number"] for row in told["orders"]] == [first.number]
    assert (told["count"], told["released"], told["rest"]) == (1, first.net.json(), Money(5000, "INR").json())
    assert told["amount"] == (first.net + Money(5000, "INR")).json()
    later = alice.get(f"payouts/{two.pk}/")
    assert [row["number"] for row in later["orders"]] == [second.number, third.number]
    assert (later["released"], later["rest"]) == (two.amount.json(), Money(0, "INR").json())
    sheet = later["orders"][0]["fee_sheet"]
    assert (
        sheet
        == alice.get(f"sales/{second.number}/")["fee_sheet"]
        == by_token(world.bob).get(f"orders/{second.number}/")["fee_sheet"]
    )
    assert sum(Money.parse(line["amount"]["amount"], "EUR").amount for line in sheet) == second.buyer_minor
    assert {"seller", "platform", "processor", "exchange"} <= {line["kind"] for line in sheet}
    page = logged_in(world.alice).get(f"/sell/money/payout/{two.pk}/").content.decode()
    assert second.number in page
    assert "stripe.com" in page
    assert first.number not in page
    assert f"/sell/money/payout/{two.pk}/" in logged_in(world.alice).get("/sell/money/").content.decode()


def test_a_payout_that_was_canceled_leaves_its_orders_to_the_next(world: World, stripe_double: StripeDouble) -> None:
    method(world.alice, "INR")
    order = released(world, stripe_double)
    one = paid_out(world)
    logged_in(world.alice).post(f"/sell/money/payout/{one.pk}/cancel/")
    two = paid_out(world)
    assert [row["number"] for row in by_token(world.alice).get(f"payouts/{two.pk}/")["orders"]] == [order.number]


def test_nobody_reads_another_sellers_payout(world: World, stripe_double: StripeDouble) -> None:
    method(world.alice, "INR")
    released(world, stripe_double)
    one = paid_out(world)
    for person in (world.carmen, world.bob):
        by_token(person).get(f"payouts/{one.pk}/", status=404)
    assert logged_in(world.carmen).get(f"/sell/money/payout/{one.pk}/").status_code == 404
