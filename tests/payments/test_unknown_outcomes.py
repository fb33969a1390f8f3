"""Whatever happens to the reply, on Stripe's wire: looked up first, one effect, then known. By call and by fault."""

from __future__ import annotations

import datetime as dt

import pytest
from pytest_django import Settings

from fx.money import Money
from marketplace.lib.clock import now, shifted
from marketplace.models import User
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Case, Operation, Payment, Refund
from payments.services import (
    LineDraft,
    capture_payment,
    close_payment,
    open_payment,
    refresh_payment,
    request_refund,
)
from tests.doubles import StripeDouble
from tests.payments.cards import intents
from tests.payments.conftest import quoted, work

pytestmark = pytest.mark.django_db
FAULTS = ["drop", "half", "error_after", "slow"]  # the work was done, its answer lost or wrong
PATHS = {
    "create": "/v1/payment_intents$",
    "capture": "/v1/payment_intents/.*/capture",
    "cancel": "/v1/payment_intents/.*/cancel",
    "refund": "/v1/refunds",
}


@pytest.fixture(autouse=True)
def impatient(settings: Settings, stripe_double: StripeDouble) -> None:
    """A Stripe that is asked once per call, and that nobody waits for long."""
    settings.PROCESSORS = {"stripe": {**stripe_double.config, "retries": 0, "timeout": 0.3}}


@pytest.fixture
def payment(scarf: list[LineDraft], bob: User) -> Payment:
    amount, expires_at = Money(2976, "EUR"), now() + dt.timedelta(minutes=10)
    return open_payment(
        quote=quoted(amount, amount, expires_at),
        user=bob,
        ref="C1",
        processor="stripe",
        lines=scarf,
        return_url="http://127.0.0.1/pay/",
        expires_at=expires_at,
    )


def paid(payment: Payment, double: StripeDouble) -> None:
    work()
    payment.refresh_from_db()
    double.pay(payment.processor_ref)
    refresh_payment(payment.pk)
    payment.refresh_from_db()


def until_known(payment: Payment, kind: str) -> Operation:
    """Work through an hour of pauses."""
    for seconds in (0, 5, 15, 40, 100, 240):
        with shifted(seconds=seconds):
            work()
    payment.refresh_from_db()
    return Operation.objects.get(kind=kind)


def order_fault(double: StripeDouble, fault: str, call: str) -> None:
    double.fault(fault, path=PATHS[call], **({"seconds": 0.8} if fault == "slow" else {}))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_payment_is_asked_for_once(payment: Payment, stripe_double: StripeDouble, fault: str) -> None:
    order_fault(stripe_double, fault, "create")
    operation = until_known(payment, "create")
    assert (operation.state, payment.state, len(intents(stripe_double))) == ("done", "pending", 1)
    assert payment.processor_ref == intents(stripe_double)[0]["id"]


@pytest.mark.parametrize("fault", FAULTS)
def test_money_is_captured_once(payment: Payment, stripe_double: StripeDouble, settings: Settings, fault: str) -> None:
    settings.PROCESSORS = {"stripe": {**settings.PROCESSORS["stripe"], "manual_capture": True}}
    paid(payment, stripe_double)
    capture_payment(payment)
    order_fault(stripe_double, fault, "capture")
    operation = until_known(payment, "capture")
    assert (operation.state, payment.state) == ("done", "captured")
    assert balance(codes.clearing("stripe", "EUR")) == Money(2976 - (payment.fee_minor or 0), "EUR")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_payment_is_canceled_once(payment: Payment, stripe_double: StripeDouble, fault: str) -> None:
    work()
    payment.refresh_from_db()
    close_payment(payment, why="out of time")
    order_fault(stripe_double, fault, "cancel")
    operation = until_known(payment, "cancel")
    assert (operation.state, payment.state) == ("done", "canceled")
    assert intents(stripe_double)[0]["status"] == "canceled"


@pytest.mark.parametrize("fault", FAULTS)
def test_money_goes_back_once(payment: Payment, stripe_double: StripeDouble, fault: str) -> None:
    paid(payment, stripe_double)
    request_refund(payment=payment, ref="A1", reason="withdrawal")
    order_fault(stripe_double, fault, "refund")
    operation = until_known(payment, "refund")
    refund = Refund.objects.get()
    assert (operation.state, refund.state) == ("done", "succeeded")
    assert [row["amount"] for row in stripe_double.refunds()] == [2976]


@pytest.mark.parametrize("call", ["capture", "cancel", "refund"])
def test_an_error_that_stripe_saved_is_never_overcome_with_another_key(
    payment: Payment, stripe_double: StripeDouble, settings: Settings, call: str
) -> None:
    """Nothing was done, and the same key replays the error for a day. Then a person decides, and no call has left."""
    settings.PROCESSORS = {"stripe": {**settings.PROCESSORS["stripe"], "manual_capture": call == "capture"}}
    if call == "cancel":
        work()
        payment.refresh_from_db()
        close_payment(payment, why="out of time")
    else:
        paid(payment, stripe_double)
        if call == "capture":
            capture_payment(payment)
        else:
            request_refund(payment=payment, ref="A1", reason="withdrawal")
    order_fault(stripe_double, "error", call)
    assert until_known(payment, call).state == "unknown"
    with shifted(hours=23, minutes=30):
        work()
        work()
    operation = Operation.objects.get(kind=call)
    assert (operation.state, stripe_double.refunds()) == ("dead", [])
    assert Case.objects.get(kind=Case.Kind.DEAD).ref == operation.key
    [intent] = intents(stripe_double)
    assert (intent["status"] != "canceled", intent["amount_received"]) == (True, 2976 if call == "refund" else 0)


def test_a_payment_whose_error_was_saved_is_made_once_its_absence_is_proven(
    payment: Payment, stripe_double: StripeDouble
) -> None:
    """An intent that nobody saw moves no money: the only call that may be made under a second key."""
    order_fault(stripe_double, "error", "create")
    operation = until_known(payment, "create")
    assert (operation.state, payment.state, len(intents(stripe_double))) == ("done", "pending", 1)
