"""Point 2 over HTTP: money that comes back after it was the seller's, a reserve, and what the seller reads of it."""

from __future__ import annotations

from typing import Any

import pytest

from fx.money import Money
from marketplace.lib.clock import shifted
from marketplace.models import User
from orders import work
from orders.models import Order
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.models import Payout
from tests.api.caller import Caller, by_token
from tests.conftest import logged_in
from tests.doubles import StripeDouble
from tests.orders.test_returns import TO, back_at_stripe
from tests.orders.world import World, broken, paid_order

pytestmark = pytest.mark.django_db
NOTHING = Money(0, "INR")
SENT = {"carrier": "India Post", "tracking_number": "EE123456785IN"}
BANK = {"currency": "INR", "holder": "Alice", "country": "IN", "account": "123456789", "clearing_code": "SBIN0001234"}


def sold(world: World, double: StripeDouble) -> Order:
    """Paid, shipped, confirmed: over HTTP, by both."""
    order = paid_order(world, double)
    by_token(world.alice).post(f"sales/{order.number}/ship/", SENT)
    assert by_token(world.bob).post(f"orders/{order.number}/confirm/")["status"] == "completed"
    order.refresh_from_db()
    return order


def sums(alice: Caller) -> dict[str, Any]:
    return {one["name"]: one["amount"] for one in alice.get("balance/")["sums"]}


def take_back(world: World, order: Order) -> None:
    """Bob withdraws after the release; it comes back to Alice."""
    bob, alice = by_token(world.bob), by_token(world.alice)
    pieces = [{"line": order.lines.get().pk, "quantity": 1}]
    bob.post(f"orders/{order.number}/withdrawal/", {"pieces": pieces, "name": "Bob Becker"})
    alice.post(f"sales/{order.number}/return/authorize/", {"send_to": TO})
    bob.post(f"orders/{order.number}/return/sent/", {"carrier": "DHL", "tracking_number": "RR123456"})
    assert alice.post(f"sales/{order.number}/return/received/")["status"] == "refunded"
    work.drain_operations()


def test_what_was_paid_out_and_comes_back_is_a_debt_that_the_next_sale_pays_before_any_payout(
    world: World, stripe_double: StripeDouble
) -> None:
    alice = by_token(world.alice)
    first = sold(world, stripe_double)
    alice.post("payout-methods/", BANK, 201)
    alice.post("payouts/", {"currency": "INR"}, 201)
    assert sums(alice)["payable"] == NOTHING.json()

    take_back(world, first)
    owed = Money(first.goods_minor + first.shipping_minor - first.commission_minor, "INR")
    assert back_at_stripe(stripe_double) == first.buyer_minor
    money = alice.get("balance/")
    assert sums(alice)["debt"] == owed.json()
    assert [(one["why"], one["amount"], one["order"]) for one in money["debts"]] == [
        ("Given back to the buyer after you had been paid", owed.json(), first.number)
    ]
    page = logged_in(world.alice).get("/sell/money/").content.decode()
    assert "What you owe, and why" in page
    assert "Given back to the buyer after you had been paid" in page
    refused = alice.post("payouts/", {"currency": "INR"}, 409)
    assert refused["detail"]
    assert Payout.objects.count() == 1

    second = sold(world, stripe_double)
    assert second.net < owed
    assert sums(alice)["payable"] == NOTHING.json()
    assert sums(alice)["debt"] == (owed - second.net).json()
    third = sold(world, stripe_double)
    left = third.net - (owed - second.net)
    assert (sums(alice)["debt"], sums(alice)["payable"]) == (NOTHING.json(), left.json())
    why = [one["why"] for one in alice.get("balance/")["debts"]]
    assert why == ["Taken from a sale", "Taken from a sale", "Given back to the buyer after you had been paid"]
    assert alice.post("payouts/", {"currency": "INR"}, 201)["amount"] == left.json()
    assert trial_balance() == {}
    assert broken() == []


def test_a_reserve_of_ten_per_cent_waits_thirty_days_and_says_until_when(
    world: World, stripe_double: StripeDouble, admin: User
) -> None:
    alice = by_token(world.alice)
    desk = logged_in(admin)
    desk.post(
        f"/admin/listings/shop/{world.scarf.shop.pk}/reserve/", {"bps": "1000", "days": "30", "reason": "A new shop."}
    )
    order = sold(world, stripe_double)
    kept = order.net.bps(1_000)
    assert (sums(alice)["reserved"], sums(alice)["payable"]) == (kept.json(), (order.net - kept).json())
    [reserve] = alice.get("balance/")["reserves"]
    assert (reserve["order"], reserve["amount"]) == (order.number, kept.json())
    assert "In reserve" in logged_in(world.alice).get("/sell/money/").content.decode()
    with shifted(days=29):
        work.free_reserves()
    assert sums(alice)["reserved"] == kept.json()
    with shifted(days=30, minutes=1):
        work.free_reserves()
        work.free_reserves()
    assert (sums(alice)["reserved"], sums(alice)["payable"]) == (NOTHING.json(), order.net.json())
    assert broken() == []


def test_a_reserve_pays_the_debt_before_it_is_the_sellers(
    world: World, stripe_double: StripeDouble, admin: User
) -> None:
    alice = by_token(world.alice)
    first = sold(world, stripe_double)
    alice.post("payout-methods/", BANK, 201)
    alice.post("payouts/", {"currency": "INR"}, 201)
    logged_in(admin).post(
        f"/admin/listings/shop/{world.scarf.shop.pk}/reserve/", {"bps": "5000", "days": "30", "reason": "Returns."}
    )
    second = sold(world, stripe_double)
    take_back(world, first)
    debt = balance(codes.seller_debt(world.alice.pk, "INR"))
    reserve = balance(codes.seller_reserve(world.alice.pk, "INR"))
    assert reserve == second.net.bps(5_000)
    assert debt > reserve
    with shifted(days=30, minutes=1):
        work.free_reserves()
    assert sums(alice)["debt"] == (debt - reserve).json()
    assert sums(alice)["reserved"] == NOTHING.json()
    assert broken() == []


def test_what_is_payable_and_what_is_owed_meet_in_the_payout_and_the_page_says_so(
    world: World, stripe_double: StripeDouble
) -> None:
    alice = by_token(world.alice)
    first, second = sold(world, stripe_double), sold(world, stripe_double)
    take_back(world, first)
    owed = Money(first.goods_minor + first.shipping_minor - first.commission_minor, "INR")
    left = first.net + second.net - owed
    alice.post("payout-methods/", BANK, 201)
    money = alice.get("balance/")
    assert (sums(alice)["payable"], money["pays_out"]) == ((first.net + second.net).json(), left.json())
    page = logged_in(world.alice).get("/sell/money/").content.decode()
    assert "A payout pays what you owe first." in page
    assert f"₹{left.decimal:,.2f}" in page
    assert alice.post("payouts/", {"currency": "INR"}, 201)["amount"] == left.json()
    assert sums(alice)["debt"] == NOTHING.json()
    assert broken() == []
