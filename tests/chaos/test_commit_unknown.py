"""COMMIT can lie: it was done and its answer never came. Whoever asks again must not do it twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.test import Client

from marketplace import legal
from marketplace.lib.clock import shifted
from marketplace.models import LegalText
from orders import work
from orders.checkout.placing import place_order
from orders.checkout.starting import start
from orders.models import Checkout, Order
from payments.models import Journal, Payment
from tests.api.caller import by_token
from tests.api.test_story import quote
from tests.chaos.proxy import Proxy
from tests.doubles import StripeDouble
from tests.orders.conftest import world as world
from tests.orders.world import BERLIN, World, broken, buyer, quotes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chaos]
TRIES = 4  # of Stripe, for a webhook that was not taken
COMMITS = 6  # of a purchase: place, claim and store the call, keep and apply two webhooks
T = TypeVar("T")


@pytest.fixture
def proxy(transactional_db: None) -> Iterator[Proxy]:
    """Between Django and its database; harmless until `fatal` is set."""
    connection.close()
    known, proxy = dict(connection.settings_dict), Proxy(connection.get_connection_params())
    connection.settings_dict.update(HOST=str(proxy.folder), PORT="5432")
    yield proxy
    connection.close()
    connection.settings_dict.update(HOST=known["HOST"], PORT=known["PORT"])
    proxy.close()


def again(do: Callable[[], T]) -> T:
    """As everybody does who got no answer: the same once more."""
    try:
        return do()
    except (OperationalError, InterfaceError):
        close_old_connections()
        return do()


@pytest.mark.parametrize("fatal", range(1, COMMITS + 1))
def test_a_purchase_whose_commit_was_lost_happens_once(
    world: World, stripe_double: StripeDouble, proxy: Proxy, fatal: int
) -> None:
    quote_id = str(quotes(world.bob, world.scarf)["stripe"].quote_id)
    texts = [legal.current(LegalText.Kind.TERMS), legal.current(LegalText.Kind.PRIVACY)]
    proxy.seen, proxy.fatal = 0, fatal
    checkout = again(lambda: place_order(quote_id=quote_id, buyer=buyer(world.bob), accepted=texts))
    again(lambda: start(checkout))
    close_old_connections()
    with shifted(minutes=5):  # what nobody finished is taken over
        work.drain_operations()
    stripe_double.pay(Payment.objects.get().processor_ref)
    client = Client(raise_request_exception=False)
    for _again in range(TRIES):
        stripe_double.deliver(client)
        close_old_connections()
    assert stripe_double.events() == []
    for minutes in (5, 10):
        with shifted(minutes=minutes):
            work.drain_inbox()
            close_old_connections()
    assert proxy.has_struck
    assert Checkout.objects.get().pk == checkout.pk
    assert [(payment.state, order.status) for payment in Payment.objects.all() for order in Order.objects.all()] == [
        ("captured", "paid")
    ]
    assert Journal.objects.filter(kind="capture").count() == 1
    assert len(stripe_double.charges()) == len(stripe_double.double.store.every("payment_intent")) == 1
    assert broken() == []


@pytest.mark.parametrize("fatal", [1, 2, 3, 4])  # claim the key, place, claim and store the call to Stripe
def test_a_call_of_the_api_is_told_the_truth_by_its_key(
    world: World, stripe_double: StripeDouble, proxy: Proxy, fatal: int
) -> None:
    caller = by_token(world.bob)
    body = {"quote": quote(caller, world)["quote"], "address": BERLIN, "accept_terms": True}
    proxy.seen, proxy.fatal = 0, fatal
    answer = caller.send("POST", "checkouts/", body, key="one intent")
    assert (answer.status_code, proxy.has_struck) == (503 if fatal < 3 else 201, True)
    close_old_connections()
    with shifted(minutes=3 if fatal == 1 else 0):  # a lost claim of the key itself ends after two minutes
        told = caller.send("POST", "checkouts/", body, key="one intent")
    assert (told.status_code, told.json()["token"]) == (201, Checkout.objects.get().token)
    with shifted(minutes=5):
        work.drain_operations()
    assert len(stripe_double.double.store.every("payment_intent")) == 1
