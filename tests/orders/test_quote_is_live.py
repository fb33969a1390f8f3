"""A quote must be live when the payment is authorised: a card that says yes after its end is paid back."""

from __future__ import annotations

import datetime as dt

import pytest

from marketplace.lib.clock import now
from orders import work
from orders.models import Checkout, Order
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.models import Payment
from tests.doubles import StripeDouble
from tests.orders.world import World, pay_by_card, place

pytestmark = pytest.mark.django_db


def ended(checkout: Checkout, ago: dt.timedelta) -> None:
    """As if the price had been locked until `ago`: the processor's clock cannot be moved."""
    Payment.objects.filter(pk=checkout.payment_id).update(expires_at=now() - ago)


def test_a_card_that_was_charged_after_the_quote_ended_is_refunded(world: World, stripe_double: StripeDouble) -> None:
    checkout = place(world.bob, world.scarf)
    ended(checkout, dt.timedelta(minutes=5))
    payment = pay_by_card(checkout, stripe_double)
    assert payment.state == Payment.State.RETURNING
    assert checkout.orders.get().status == Order.Status.CANCELED
    world.scarf.refresh_from_db()
    assert world.scarf.stock == 5
    work.drain_operations()
    [refund] = stripe_double.refunds()
    assert refund["amount"] == payment.amount_minor
    assert balance(codes.suspense("stripe", "EUR")).amount == 0
    assert trial_balance() == {}


def test_a_card_that_was_charged_in_the_last_minute_is_not(world: World, stripe_double: StripeDouble) -> None:
    checkout = place(world.bob, world.scarf)
    ended(checkout, dt.timedelta(seconds=-30))
    assert pay_by_card(checkout, stripe_double).state == Payment.State.CAPTURED
    assert checkout.orders.get().status == Order.Status.PAID
