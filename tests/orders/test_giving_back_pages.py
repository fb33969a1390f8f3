"""A seller gives money back in the browser, staff in the admin, a script by the API: the same money moves."""

from __future__ import annotations

import re

import pytest

from fx.money import Money
from listings.models import Listing
from marketplace.models import User
from orders import services, work
from orders.models import Order
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Refund
from tests.api.caller import by_token
from tests.conftest import logged_in
from tests.doubles import StripeDouble
from tests.orders.world import World, broken, delivered_order, paid_order

pytestmark = pytest.mark.django_db


def test_the_seller_sees_what_the_buyer_gets_before_anything_moves(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    alice, page = logged_in(world.alice), f"/sell/orders/{order.number}/refund/"
    assert f"/sell/orders/{order.number}/refund/" in alice.get(f"/sell/orders/{order.number}/").content.decode()
    seen = alice.post(page, {"goods": "950", "why": "A small stain."}).content.decode()
    assert Refund.objects.count() == 0
    promised = re.search(r'class="big-sum num"><bdi class="num">([^<]+)<', seen)
    assert promised is not None
    sent = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', seen))
    assert (sent["goods"], sent["step"]) == ("950", "do")
    answer = alice.post(page, sent, follow=True)
    assert "It goes back to the buyer" in answer.content.decode()
    work.drain_operations()
    refund = Refund.objects.get()
    assert refund.state == "succeeded"
    assert f"{refund.amount.decimal:.2f}" in promised[1]
    bob = logged_in(world.bob).get(f"/orders/{order.number}/").content.decode()
    assert promised[1].strip() in bob
    assert broken() == []


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"why": "x"}, "Say what goes back"),
        ({"goods": "1900.01", "why": "x"}, "Write an amount from 0.00 INR to 1900.00 INR"),
        ({"goods": "1.234", "why": "x"}, "1.234"),
        ({"goods": "5", "why": ""}, "required"),
        ({"goods": "0.01", "why": "x"}, "smallest unit"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_moves(
    world: World, stripe_double: StripeDouble, sent: dict[str, str], says: str
) -> None:
    order = paid_order(world, stripe_double)
    answer = logged_in(world.alice).post(f"/sell/orders/{order.number}/refund/", sent | {"step": "do"})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert Refund.objects.count() == 0


def test_pieces_and_an_amount_at_once_are_refused(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    name = f"pieces_{order.lines.get().pk}"
    sent = {name: "1", "goods": "5", "why": "x", "step": "do"}
    answer = logged_in(world.alice).post(f"/sell/orders/{order.number}/refund/", sent)
    assert "Choose pieces or an amount" in answer.content.decode()
    assert Refund.objects.count() == 0


def test_after_release_the_money_page_says_what_is_owed_and_why(world: World, stripe_double: StripeDouble) -> None:
    order = services.confirm(delivered_order(world, stripe_double).number, by=world.bob)
    logged_in(world.alice).post(
        f"/sell/orders/{order.number}/refund/", {"everything": "on", "restocked": "on", "why": "Torn.", "step": "do"}
    )
    work.drain_operations()
    order.refresh_from_db()
    assert order.status == Order.Status.REFUNDED
    assert Listing.objects.get(pk=world.scarf.pk).stock == 5
    money = logged_in(world.alice).get("/sell/money/").content.decode()
    assert "Given back to the buyer after you had been paid" in money
    assert order.number in money
    assert broken() == []


def test_staff_give_back_in_the_admin(world: World, stripe_double: StripeDouble, admin: User) -> None:
    order = paid_order(world, stripe_double)
    answer = logged_in(admin).post(
        f"/admin/orders/order/{order.pk}/give-back/", {"shipping": "100", "why": "Slow."}, follow=True
    )
    assert "It goes back to the buyer" in answer.content.decode()
    assert Refund.objects.get().requested_by == admin


def test_a_script_gives_back_by_the_api(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    alice = by_token(world.alice)
    line = alice.get(f"sales/{order.number}/")["lines"][0]["id"]
    refused = alice.post(
        f"sales/{order.number}/refund/", {"goods": {"amount": "5.00", "currency": "EUR"}, "why": "x"}, status=409
    )
    assert "not in the shop" in refused["detail"]
    done = alice.post(
        f"sales/{order.number}/refund/",
        {"pieces": [{"line": line, "quantity": 1}], "restocked": True, "why": "One was torn."},
    )
    assert done["refunded"] == {"amount": "1900.00", "currency": "INR"}
    assert balance(codes.hold(order.number, "INR")) >= Money(order.shipping_minor, "INR")
    assert broken() == []
