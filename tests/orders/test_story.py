"""The main job, from basket to payout, through the services, with Stripe's double at the far end."""

from __future__ import annotations

import pytest

from fx.money import Money
from orders import services, work
from orders.models import Order
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.models import Payment
from tests.doubles import StripeDouble
from tests.orders.world import World, paid_order, pay_by_card, place, quotes

pytestmark = pytest.mark.django_db


def test_a_basket_has_a_quote_per_rail_and_its_fee_sheet_sums_to_the_price(world: World) -> None:
    found = quotes(world.bob, world.scarf)
    assert set(found) == {"stripe", "bitcoin", "erc20"}
    for quoted in found.values():
        [parcel] = quoted.parcels
        assert sum(line["minor"] for line in parcel["fee_sheet"]) == quoted.quote.amount_minor
    assert len({quoted.quote.amount for quoted in found.values()}) == 1
    assert (found["bitcoin"].quote.pay_currency, found["erc20"].quote.pay_currency) == ("BTC", "USDC")


def test_a_paid_order_is_held_in_the_sellers_money(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    assert order.status == Order.Status.PAID
    assert balance(codes.hold(order.number, "INR")) == Money(190000 + 69000, "INR")
    assert trial_balance() == {}


def test_the_sale_ends_with_the_rupees_payable(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    services.mark_shipped(order.number, by=world.alice, carrier="India Post", tracking_number="EE123456785IN")
    services.confirm(order.number, by=world.bob)
    order.refresh_from_db()
    assert order.status == Order.Status.COMPLETED
    assert balance(codes.hold(order.number, "INR")) == Money(0, "INR")
    assert balance(codes.seller(world.alice.pk, "INR")) == order.net
    assert trial_balance() == {}


def test_one_basket_from_two_shops_is_paid_once(world: World, stripe_double: StripeDouble) -> None:
    checkout = place(world.bob, world.scarf, world.vase)
    pay_by_card(checkout, stripe_double)
    assert len(stripe_double.charges()) == 1
    scarf, vase = checkout.orders.order_by("shop__currency")
    assert (scarf.status, vase.status) == (Order.Status.PAID, Order.Status.PAID)
    assert balance(codes.hold(scarf.number, "INR")) == scarf.held
    assert balance(codes.hold(vase.number, "MXN")) == vase.held
    assert scarf.buyer_minor + vase.buyer_minor == checkout.amount_minor
    assert trial_balance() == {}


def test_a_declined_card_leaves_the_order_waiting_for_another(world: World, stripe_double: StripeDouble) -> None:
    checkout = place(world.bob, world.scarf)
    payment = pay_by_card(checkout, stripe_double, "pm_card_visa_chargeDeclined")
    assert payment.state == Payment.State.FAILED
    assert payment.problem
    assert checkout.orders.get().status == Order.Status.PLACED
    assert pay_by_card(checkout, stripe_double).state == Payment.State.CAPTURED
    assert checkout.orders.get().status == Order.Status.PAID


def test_a_seller_who_never_ships_costs_the_buyer_nothing(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    services.refund(order.number, by=None, why="never shipped", never_shipped=True)
    work.drain_operations()
    order.refresh_from_db()
    assert order.status == Order.Status.REFUNDED
    [refund] = stripe_double.refunds()
    assert refund["amount"] == order.buyer_minor
    assert balance(codes.hold(order.number, "INR")) == Money(0, "INR")
    assert trial_balance() == {}
