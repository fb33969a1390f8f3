"""The seller asks for their money before the news of a chargeback: what the bank asks for does not leave with it."""

from __future__ import annotations

import pytest

from fx.money import Money
from marketplace.models import User
from payments.errors import PayoutRefused
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import PaymentLine
from payments.payouts.life import approve_payout, cancel_payout, request_payout
from tests.doubles import StripeDouble
from tests.orders.test_chargebacks import completed, ended, taken
from tests.orders.world import World
from tests.payments.test_payouts import IFSC, fund, method, payable

pytestmark = pytest.mark.django_db
PLENTY = Money(1_000_000, "INR")


def test_what_a_buyers_bank_asks_for_does_not_leave_with_a_payout(
    world: World, stripe_double: StripeDouble, finance: User
) -> None:
    """The seller is faster than the news: all was asked for already when the bank took the money."""
    order = completed(world, stripe_double)
    alice, owed = world.alice, balance(codes.seller(world.alice.pk, "INR"))
    method(alice, **IFSC)
    payout = request_payout(seller=alice, currency="INR", by=alice)
    fund(owed)
    chargeback = taken(order, stripe_double)
    assert balance(codes.seller_contested(alice.pk, "INR")) == Money(0, "INR")
    with pytest.raises(PayoutRefused, match=r"A buyer's bank asks for .* INR more than is kept"):
        approve_payout(payout, by=finance)
    cancel_payout(payout, by=finance)
    with pytest.raises(PayoutRefused, match="Nothing is payable in INR yet"):
        request_payout(seller=alice, currency="INR", by=alice)
    assert balance(codes.seller(alice.pk, "INR")) == owed
    ended(chargeback, stripe_double, "won")
    again = request_payout(seller=alice, currency="INR", by=alice)
    assert (again.amount, approve_payout(again, by=finance).state) == (owed, "approved")


def test_what_no_bank_asks_for_is_paid_meanwhile(world: World, stripe_double: StripeDouble, finance: User) -> None:
    order = completed(world, stripe_double)
    alice, owed = world.alice, balance(codes.seller(world.alice.pk, "INR"))
    taken(order, stripe_double)
    kept = balance(codes.seller_contested(alice.pk, "INR"))
    assert kept == owed
    payable(alice, PLENTY)
    method(alice, **IFSC)
    asked = sum(line.target_minor for line in PaymentLine.objects.filter(ref=order.number, target_currency="INR"))
    lacks = Money(asked, "INR") - owed  # commission and fees are asked for too, and never were the seller's
    assert lacks.amount > 0
    assert request_payout(seller=alice, currency="INR", by=alice).amount == PLENTY - lacks
    assert balance(codes.seller(alice.pk, "INR")) == lacks
