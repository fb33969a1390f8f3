"""Money that is spent twice at once, by purchases or by a payout, is spent once; the other one is told."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest
from pytest_django import Settings

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from orders import work
from payments.errors import PayoutRefused
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import post
from payments.models import Operation, Payment, Payout
from payments.payouts.life import request_payout
from payments.payouts.methods import set_payout_method
from payments.services import LineDraft, open_payment
from tests.conftest import make_user
from tests.orders.racing import race
from tests.payments.conftest import quoted

pytestmark = pytest.mark.django_db(transaction=True)
EARNED = Money(190000, "INR")


@pytest.fixture
def alice_earned(settings: Settings) -> User:
    settings.PROCESSORS = settings.PROCESSORS | {"balance": {}}
    alice = make_user("alice@example.com", country="IN", currency="INR")
    legs = [(codes.clearing("bank", "INR"), EARNED.amount), (codes.seller(alice.pk, "INR"), -EARNED.amount)]
    post("earned", "release", "A0", legs)
    return alice


def buy(payer: User, seller: User, ref: str) -> Operation:
    until = now() + dt.timedelta(minutes=10)
    line = LineDraft(ref, "goods", seller, codes.hold(ref, "INR"), EARNED, EARNED)
    payment = open_payment(
        quote=quoted(EARNED, EARNED, until),
        user=payer,
        ref=ref,
        processor="balance",
        lines=[line],
        return_url="http://127.0.0.1/pay/",
        expires_at=until,
    )
    return Operation.objects.get(subject=payment.pk, kind=Operation.Kind.CREATE)


def test_of_four_purchases_at_once_one_is_paid(alice_earned: User) -> None:
    diego = make_user("diego@example.com", country="IN", currency="INR")
    bought = [buy(alice_earned, diego, f"C{number}") for number in range(4)]
    race([partial(work.attempt, one.pk) for one in bought])
    assert sorted(Payment.objects.values_list("state", flat=True)) == ["captured", "failed", "failed", "failed"]
    losers = Payment.objects.filter(state="failed")
    assert all("Your sales balance has" in one.problem for one in losers)
    assert not balance(codes.seller(alice_earned.pk, "INR"))
    assert not balance(codes.clearing("balance", "INR"))
    held = [balance(codes.hold(f"C{number}", "INR")).amount for number in range(4)]
    assert sorted(held) == [0, 0, 0, EARNED.amount]


def test_a_payout_and_a_purchase_of_the_same_money_end_in_one_of_them(alice_earned: User) -> None:
    diego = make_user("diego@example.com", country="IN", currency="INR")
    account = {"country": "IN", "account": "123456789012", "clearing_code": "SBIN0001234"}
    set_payout_method(seller=alice_earned, currency="INR", by=alice_earned, holder="Alice", **account)
    operation = buy(alice_earned, diego, "C1")

    def ask() -> object:
        try:
            return request_payout(seller=alice_earned, currency="INR", by=alice_earned)
        except PayoutRefused as error:
            return error

    _bought, asked = race([lambda: work.attempt(operation.pk), ask])
    is_paid = Payment.objects.get().state == "captured"
    assert is_paid is isinstance(asked, PayoutRefused)
    assert Payout.objects.count() == (0 if is_paid else 1)
    assert balance(codes.hold("C1", "INR")) == (EARNED if is_paid else Money(0, "INR"))
    assert not balance(codes.seller(alice_earned.pk, "INR"))
