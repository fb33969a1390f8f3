"""Everything comes twice: doorbells that ring together, one webhook fifty times at once, news in the wrong order."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from orders import tasks
from orders.models import Order
from payments.models import InboxEvent, Journal, Payment
from tests.doubles import StripeDouble
from tests.orders.conftest import world as world
from tests.orders.world import World, broken, place

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 6
TASKS = (tasks.drain_operations, tasks.drain_inbox, tasks.meet_deadlines, tasks.poll_chains)


def ring_all(times: int) -> None:
    """Each task `times` times, several at once, each in a session of its own."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(alone, task) for task in TASKS * times]:
            done.result()


def alone(task: Callable[[], None]) -> None:
    try:
        task()
    finally:
        connection.close()


def paid_once(double: StripeDouble) -> None:
    [payment], [order] = Payment.objects.all(), Order.objects.all()
    assert (payment.state, order.status) == ("captured", "paid")
    assert Journal.objects.filter(kind="capture").count() == 1
    assert len(double.charges()) == len(double.double.store.every("payment_intent")) == 1
    assert broken() == []


def test_a_webhook_that_comes_fifty_times_at_once_has_one_effect(world: World, stripe_double: StripeDouble) -> None:
    checkout = place(world.bob, world.scarf)
    stripe_double.pay(Payment.objects.get(pk=checkout.payment_id).processor_ref)
    [event] = stripe_double.events("payment_intent.succeeded")
    body, header = stripe_double.signed(event)

    def knock(_number: int) -> int:
        try:
            signature = {"Stripe-Signature": header}
            answer = Client().post("/hooks/stripe/", body, content_type="application/json", headers=signature)
            return answer.status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert set(pool.map(knock, range(50))) == {200}
    assert InboxEvent.objects.count() == 1
    ring_all(5)
    paid_once(stripe_double)


def test_news_in_any_order_and_each_task_twice_end_in_one_charge(world: World, stripe_double: StripeDouble) -> None:
    checkout = place(world.bob, world.scarf)
    stripe_double.pay(Payment.objects.get(pk=checkout.payment_id).processor_ref)
    assert set(stripe_double.deliver(Client(), times=2, backwards=True)) == {200}
    ring_all(2)
    paid_once(stripe_double)
    ring_all(1)
    paid_once(stripe_double)
