"""People who would like more than is theirs: each try ends right, or is refused in a sentence with nothing moved."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from fx.money import Money
from marketplace.lib.clock import shifted
from orders import leaving, services, work
from orders.disputes import life as disputing
from orders.errors import OrderRefused
from orders.models import Order, Return
from orders.returns import life as returns
from orders.returns import withdrawal
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Refund
from tests.api.caller import by_token
from tests.doubles import StripeDouble
from tests.orders.racing import race
from tests.orders.test_chargebacks import ended, taken
from tests.orders.test_leaving import fresh
from tests.orders.test_returns import TO, asked, back_at_stripe, sent_back, sweep
from tests.orders.world import World, broken, delivered_order, disputed_order, paid_order, place, shipped_order

pytestmark = pytest.mark.django_db
RECEIPT = {"carrier": "DHL", "tracking_number": "RR123456"}


def statement(order: Order) -> dict[str, Any]:
    return {"pieces": [{"line": line.pk, "quantity": line.quantity} for line in order.lines.all()], "name": "Bob"}


def withdraw(world: World, order: Order, status: int = 200) -> Any:
    return by_token(world.bob).post(f"orders/{order.number}/withdrawal/", statement(order), status)


def come_back(world: World, order: Order) -> Any:
    bob, alice = by_token(world.bob), by_token(world.alice)
    alice.post(f"sales/{order.number}/return/authorize/", {"send_to": TO})
    bob.post(f"orders/{order.number}/return/sent/", RECEIPT)
    done = alice.post(f"sales/{order.number}/return/received/")
    work.drain_operations()
    return done


def test_a_withdrawal_after_a_partial_refund_brings_what_is_left_to_the_cent(
    world: World, stripe_double: StripeDouble
) -> None:
    order, alice = delivered_order(world, stripe_double), by_token(world.alice)
    some = {"goods": {"amount": "333.33", "currency": "INR"}, "shipping": {"amount": "1.11", "currency": "INR"}}
    alice.post(f"sales/{order.number}/refund/", some | {"why": "A spot."})
    work.drain_operations()
    before = back_at_stripe(stripe_double)
    brings = by_token(world.bob).post(
        f"orders/{order.number}/withdrawal/preview/", {"pieces": statement(order)["pieces"]}
    )
    assert brings["back"] == Money(order.buyer_minor - before, "EUR").json()
    withdraw(world, order)
    assert come_back(world, order)["status"] == "refunded"
    assert back_at_stripe(stripe_double) == order.buyer_minor
    assert broken() == []


def test_after_all_of_the_goods_was_given_back_there_is_nothing_to_withdraw_from(
    world: World, stripe_double: StripeDouble
) -> None:
    order = delivered_order(world, stripe_double)
    services.refund_amount(
        order.number,
        by=world.alice,
        why="Sorry.",
        goods=Money(order.goods_minor, "INR"),
        shipping=Money(order.shipping_minor - 1, "INR"),
    )
    withdraw(world, order)  # one paisa of the postage is left, and is theirs
    assert come_back(world, order)["returns"][0]["state"] == "refunded"
    assert back_at_stripe(stripe_double) <= order.buyer_minor
    assert broken() == []


def test_in_a_dispute_the_days_stand_still_and_nobody_confirms_a_receipt_to_get_out(
    world: World, stripe_double: StripeDouble
) -> None:
    order = delivered_order(world, stripe_double)
    alice = by_token(world.alice)
    with shifted(days=10):
        disputing.open_dispute(order.number, by=world.bob, reason="It is torn.")
        refused = withdraw(world, order, 409)
        assert "A dispute is open, and is decided first." in refused["detail"]
        none = alice.post(f"sales/{order.number}/return/received/", status=409)
        assert none["detail"] == "No return of this order is under way."
        late = alice.post(f"sales/{order.number}/came-back/", {"why": "x"}, 409)
        assert "is “Disputed”" in late["detail"]
    assert (Return.objects.count(), Refund.objects.count()) == (0, 0)
    with shifted(days=20):
        disputing.decide_dispute(order.number, outcome="seller", by=world.moderator, reason="It is whole.")
    with shifted(days=25):
        assert withdrawal.lines(Order.objects.get(pk=order.pk)) == []
    with shifted(days=23):
        assert withdraw(world, order)["returns"][0]["kind"] == "withdrawal"
        assert come_back(world, order)["status"] == "refunded"
    assert balance(codes.seller_debt(world.alice.pk, "INR")).amount > 0
    assert back_at_stripe(stripe_double) == order.buyer_minor
    assert broken() == []


def test_a_dispute_that_began_after_the_days_brings_none_back(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    with shifted(days=15, hours=12):
        disputing.open_dispute(order.number, by=world.bob, reason="It is torn.")
    with shifted(days=16):
        disputing.decide_dispute(order.number, outcome="seller", by=world.moderator, reason="It is whole.")
        refused = withdraw(world, order, 409)
    assert "The fourteen days ended" in refused["detail"]
    assert Return.objects.count() == 0


def test_the_bank_asks_in_the_middle_of_a_return_which_waits_and_then_ends(
    world: World, stripe_double: StripeDouble
) -> None:
    order = sent_back(world, stripe_double)
    chargeback = taken(order, stripe_double)
    refused = by_token(world.alice).post(f"sales/{order.number}/return/received/", status=409)
    assert "The bank of the buyer asks for the money" in refused["detail"]
    sweep(days=15)
    assert (Return.objects.get().state, Refund.objects.count()) == ("sent", 0)
    ended(chargeback, stripe_double, "won")
    assert by_token(world.alice).post(f"sales/{order.number}/return/received/")["returns"][0]["state"] == "refunded"
    assert Return.objects.get().refund is not None
    assert broken() == []


def test_the_bank_keeps_the_money_and_the_return_ends_with_the_order(world: World, stripe_double: StripeDouble) -> None:
    order = sent_back(world, stripe_double)
    ended(taken(order, stripe_double), stripe_double, "lost")
    order.refresh_from_db()
    assert (order.status, Return.objects.get().state) == ("refunded", "refunded")
    sweep(days=30)
    assert back_at_stripe(stripe_double) == 0
    assert broken() == []


def test_a_seller_who_refunds_by_hand_ends_the_return_and_pays_once(world: World, stripe_double: StripeDouble) -> None:
    order, alice = sent_back(world, stripe_double), by_token(world.alice)
    alice.post(f"sales/{order.number}/refund/", {"everything": True, "why": "Here you are."})
    again = alice.post(f"sales/{order.number}/return/received/", status=409)
    assert again["detail"] == "No return of this order is under way."
    sweep(days=30)
    work.drain_operations()
    assert (Return.objects.get().state, Refund.objects.count()) == ("refunded", 1)
    assert back_at_stripe(stripe_double) == order.buyer_minor
    assert broken() == []


def test_nobody_leaves_in_the_middle_of_a_return_nor_while_buyers_may_withdraw(
    world: World, stripe_double: StripeDouble
) -> None:
    order = asked(world, stripe_double)
    for who in (world.bob, world.alice):
        assert "A return is under way." in fresh(who).post("/account/close/").content.decode()
        who.refresh_from_db()
        assert who.closed_at is None
    back = Return.objects.get()
    returns.refuse(back, by=world.alice, why="No.")
    services.confirm(order.number, by=world.bob)
    assert any("may still withdraw from 1 of your sales" in one for one in leaving.obstacles(world.alice))
    with shifted(days=15):
        assert not any("withdraw" in one for one in leaving.obstacles(world.alice))


def test_a_basket_that_waits_for_its_payment_keeps_its_seller(world: World, stripe_double: StripeDouble) -> None:
    place(world.bob, world.scarf)
    assert leaving.obstacles(world.alice) == ["1 of your sales are not finished."]


def test_a_return_that_is_live_is_not_overtaken_by_a_late_worker(world: World, stripe_double: StripeDouble) -> None:
    """Both deadlines have passed when the worker comes back; the order's is looked at first."""
    order = delivered_order(world, stripe_double)
    withdraw(world, order)
    sweep(days=30)
    order.refresh_from_db()
    assert (order.status, Return.objects.get().state) == ("refunded", "refunded")
    assert balance(codes.seller(world.alice.pk, "INR")).amount == 0
    assert broken() == []


def test_what_is_disputed_cannot_be_asked_back_by_agreement(world: World, stripe_double: StripeDouble) -> None:
    order = disputed_order(world, stripe_double)
    body = {"pieces": statement(order)["pieces"], "reason": "x"}
    refused = by_token(world.bob).post(f"orders/{order.number}/returns/", body, 409)
    assert "is “Disputed”" in refused["detail"]
    assert Return.objects.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("make", [paid_order, shipped_order, delivered_order])
def test_withdrawing_twice_at_once_happens_once(world: World, stripe_double: StripeDouble, make: Any) -> None:
    order = make(world, stripe_double)
    items = {line.pk: line.quantity for line in order.lines.all()}
    verb = partial(withdrawal.withdraw, order.number, by=world.bob, items=items, name="Bob")
    results = race([verb] * 8)
    assert sum(isinstance(one, OrderRefused) for one in results) == 7
    assert (Return.objects.count(), Refund.objects.count()) in {(1, 0), (0, 1)}
    work.drain_operations()
    assert back_at_stripe(stripe_double) in {0, order.buyer_minor}
    assert broken() == []
