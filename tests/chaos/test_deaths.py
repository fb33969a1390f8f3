"""A process dies at each step that writes money, in turn; the next one finishes what it began, once."""

from __future__ import annotations

import json
import os
import re
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from fx.money import Money
from marketplace import legal
from marketplace.lib import failpoints
from marketplace.lib.clock import shifted
from marketplace.models import LegalText
from marketplace.run.places import BASE
from orders import services, work
from orders.checkout.placing import place_order
from orders.checkout.starting import start
from orders.models import Checkout, Order
from payments.models import Payment, Refund
from tests.api.caller import Caller, by_token
from tests.chaos.test_twice import paid_once
from tests.chaos.traps import Traps
from tests.doubles import StripeDouble
from tests.orders.conftest import world as world
from tests.orders.world import World, broken, buyer, paid_order, place, quotes, send_coins

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chaos]
DIES_IN = {
    "order written": "place",
    "order placed": "place",
    "operation claimed": "ask",
    "operation answered": "ask",
    "operation stored": "ask",
    "webhook kept": "knock",
    "news fetched": "apply",
    "news applied": "apply",
    "journal posted": "apply",
}
# These have tests of their own, below and in test_deaths_of_payouts.py.
ELSEWHERE = {
    "chain seen",
    "answer ready",
    "answer kept",
    "payee opened",
    "bank file made",
    "statement used",
    "statement read",
    "window closed",
    "trade answered",
}


class Purchase:
    """Bob buys the scarf, in steps that may all be taken again."""

    def __init__(self, world: World, double: StripeDouble) -> None:
        self.world, self.double = world, double
        self.quote_id = str(quotes(world.bob, world.scarf)["stripe"].quote_id)
        self.steps: tuple[Callable[[], None], ...] = (self.place, self.ask, self.pay, self.knock, self.apply)

    def place(self) -> None:
        texts = [legal.current(LegalText.Kind.TERMS), legal.current(LegalText.Kind.PRIVACY)]
        place_order(quote_id=self.quote_id, buyer=buyer(self.world.bob), accepted=texts)

    def ask(self) -> None:
        start(Checkout.objects.get())
        with shifted(minutes=5):  # by then what a dead process holds is free
            work.drain_operations()

    def pay(self) -> None:
        self.double.pay(Payment.objects.get().processor_ref)

    def knock(self) -> None:
        assert set(self.double.deliver(Client())) <= {200}

    def apply(self) -> None:
        with shifted(minutes=10):
            work.drain_inbox()


def dies_in(step: Callable[[], object], point: str, kind: str = "") -> None:
    """Take the step in a process of its own that is killed at `point`."""
    connection.close()  # a child that is killed must not end the parent's session
    with tempfile.TemporaryDirectory() as folder:
        Traps(Path(folder)).lay([failpoints.name_of(point, kind)])
        child = os.fork()
        if not child:
            failpoints.TRAPS = folder
            try:
                step()
            finally:
                os._exit(0)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert ended == -signal.SIGKILL, f"{point} was not reached"


def test_every_point_that_the_code_reaches_is_named_and_has_a_death_here() -> None:
    reached = set()
    for app in ("marketplace", "fx", "listings", "payments", "orders"):
        for file in (BASE / app).rglob("*.py"):
            reached |= set(re.findall(r"""\breach\("([^"]+)"[,)]""", file.read_text()))
    assert reached == set(failpoints.POINTS) == DIES_IN.keys() | ELSEWHERE


@pytest.mark.parametrize("point", DIES_IN)
def test_a_death_at_any_step_of_a_purchase_leaves_one_charge(
    world: World, stripe_double: StripeDouble, point: str
) -> None:
    purchase = Purchase(world, stripe_double)
    for step in purchase.steps:
        if step.__name__ == DIES_IN[point]:
            dies_in(step, point)
        step()
    paid_once(stripe_double)


@pytest.mark.parametrize("point", ["operation claimed", "operation answered", "operation stored"])
def test_a_death_around_a_refund_leaves_one_refund(world: World, stripe_double: StripeDouble, point: str) -> None:
    order = paid_order(world, stripe_double)
    with shifted(days=40):  # nobody shipped: all of it goes back
        work.meet_deadlines()
        dies_in(work.drain_operations, point)
        with shifted(minutes=5):
            work.drain_operations()
        assert set(stripe_double.deliver(Client())) <= {200}
        work.drain_inbox()
    order.refresh_from_db()
    payment = Payment.objects.get()
    assert (order.status, payment.refunds.get().state) == ("refunded", "succeeded")
    [refund], [charge] = stripe_double.refunds(), stripe_double.charges()
    assert refund["amount"] == charge["amount"] == payment.amount_minor
    assert broken() == []


@pytest.mark.parametrize("point", ["operation claimed", "operation answered", "operation stored"])
def test_a_death_around_a_cancellation_leaves_nothing_to_pay(
    world: World, stripe_double: StripeDouble, point: str
) -> None:
    purchase = Purchase(world, stripe_double)
    purchase.place()
    purchase.ask()
    services.give_up(Checkout.objects.get())
    dies_in(work.drain_operations, point, "cancel")
    with shifted(minutes=5):
        work.drain_operations()
    assert (Payment.objects.get().state, Order.objects.get().status) == ("canceled", "canceled")
    assert [intent["status"] for intent in stripe_double.double.store.every("payment_intent")] == ["canceled"]
    assert broken() == []


@pytest.mark.parametrize("point", ["operation claimed", "operation answered", "operation stored"])
def test_a_death_while_a_slow_refund_is_asked_about_moves_nothing(
    world: World, stripe_double: StripeDouble, point: str
) -> None:
    order = paid_order(world, stripe_double)
    stripe_double.fault("refund_pending")
    with shifted(days=40):
        work.meet_deadlines()
        work.drain_operations()
        [refund] = stripe_double.refunds()
        stripe_double.finish_refund(refund["id"])
        with shifted(hours=2):
            dies_in(work.drain_operations, point, "fetch")
        with shifted(hours=3):
            work.drain_operations()
    order.refresh_from_db()
    assert (order.status, Refund.objects.get().state) == ("refunded", "succeeded")
    assert len(stripe_double.refunds()) == 1
    assert broken() == []


def test_a_death_between_the_chain_and_the_payment_loses_no_coin(world: World) -> None:
    checkout = place(world.bob, world.scarf, rail="bitcoin")
    due = Payment.objects.get().amount_minor
    send_coins(checkout, due)
    with shifted(minutes=1):  # in a block by then
        dies_in(work.poll_chains, "chain seen")
        assert Payment.objects.get().state == Payment.State.ACTION
        work.poll_chains()
    payment = Payment.objects.get()
    assert (payment.state, payment.received_minor, checkout.orders.get().status) == ("captured", due, "paid")
    assert broken() == []


@pytest.mark.parametrize("point", ["journal posted", "answer ready", "answer kept"])
def test_a_refund_in_parts_whose_answer_was_lost_is_one_refund(
    world: World, stripe_double: StripeDouble, point: str
) -> None:
    """Two parts may be alike: only the key tells a repetition, so that it must stand or fall with the refund."""
    order = paid_order(world, stripe_double)
    quarter = Money(order.goods_minor, order.currency).times(1, 4)
    body, alice = {"goods": quarter.json(), "why": "A thread is loose."}, by_token(world.alice)

    def ask() -> Any:
        return give_back(alice, order, body)

    if point == "journal posted":
        dies_in(lambda: (ask(), work.drain_operations()), point)
    else:
        dies_in(ask, point)
    with shifted(seconds=10):
        answer = ask()
    assert (answer.status_code, Refund.objects.count()) == (200, 1)
    with shifted(minutes=5):
        work.drain_operations()
    assert [refund["amount"] for refund in stripe_double.refunds()] == [Refund.objects.get().amount_minor]
    assert json.loads(answer.content)["refunded"] == quarter.json()
    assert broken() == []


def give_back(alice: Caller, order: Order, body: dict[str, Any]) -> Any:
    return alice.send("POST", f"sales/{order.number}/refund/", body, key="one intent")
