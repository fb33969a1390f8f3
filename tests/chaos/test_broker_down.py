"""Valkey is dead, or hangs: buying goes on, signing in waits, and no page fails."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from kombu import pools
from pytest_django import Settings

from marketplace.celery import app
from marketplace.models import User
from marketplace.run.places import make_folder
from marketplace.run.valkey import Valkey
from marketplace.settings.servers import redis_database
from orders.models import Order
from payments.models import InboxEvent
from tests.api.caller import by_token
from tests.api.test_story import order
from tests.conftest import PASSWORD
from tests.doubles import StripeDouble
from tests.orders.conftest import world as world
from tests.orders.world import World, broken

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chaos]
LONGEST = 8.0  # seconds for one request, on a machine that does other things too


@pytest.fixture
def valkey(settings: Settings) -> Iterator[Valkey]:
    """A server that only this test uses, as cache and as broker."""
    folder = make_folder(Path(tempfile.mkdtemp(prefix="entrepot-valkey-")))
    valkey = Valkey(folder / "data", folder / "log")
    valkey.start()
    there = {**settings.CACHES["default"], "LOCATION": redis_database(valkey.url, 1)}
    settings.CACHES, settings.REDIS_URL = {"default": there}, valkey.url
    before = use_broker(valkey.url.replace("unix://", "redis+socket://"))
    yield valkey
    use_broker(before)
    if valkey.child:
        valkey.child.send_signal(signal.SIGCONT)
    valkey.stop()
    for rest in (folder, valkey.socket.parent):
        shutil.rmtree(rest, ignore_errors=True)


@pytest.fixture(params=["dead", "hanging"])
def gone(valkey: Valkey, request: pytest.FixtureRequest) -> Valkey:
    assert valkey.child
    valkey.child.send_signal(signal.SIGKILL if request.param == "dead" else signal.SIGSTOP)
    if request.param == "dead":
        valkey.child.wait()
    return valkey


def use_broker(url: str) -> str:
    """Ring there from now on; where it was until now."""
    before: str = app.conf.broker_url
    pools.reset()  # type: ignore[no-untyped-call] # kombu is half typed
    app._pool = app.amqp._producer_pool = None
    app.conf.broker_url = url
    return before


def work_once() -> None:
    """`manage.py worker --once`, which minds signals, and pytest's as they were."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    call_command("worker", once=True)
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_a_purchase_goes_through_and_the_worker_without_a_broker_settles_it(
    world: World, stripe_double: StripeDouble, gone: Valkey
) -> None:
    checkout = order(by_token(world.bob), world)
    stripe_double.pay(checkout["payment"]["client"]["intent"])
    [event] = stripe_double.events("payment_intent.succeeded")
    before = time.monotonic()
    assert stripe_double.deliver(Client(), [event]) == [200]
    assert time.monotonic() - before < LONGEST
    assert InboxEvent.objects.get().processed_at is None
    work_once()
    assert [bought.status for bought in Order.objects.all()] == ["paid"]
    assert broken() == []


@pytest.mark.parametrize("path", ["/", "/browse/", "/cart/", "/account/login/", "/healthz", "/api/v1/listings/"])
def test_what_is_only_looked_at_is_shown(world: World, client: Client, gone: Valkey, path: str) -> None:
    before = time.monotonic()
    assert client.get(path).status_code == 200
    assert time.monotonic() - before < LONGEST


def test_it_is_ready_but_degraded(world: World, client: Client, gone: Valkey) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert (answer.json()["ready"], answer.json()["degraded"]) == (True, True)


def test_nobody_signs_in_while_tries_are_not_counted(bob: User, gone: Valkey) -> None:
    answer = sign_in(client := Client(raise_request_exception=False), bob)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "Nobody can sign in or sign up just now" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_everybody_signs_in_once_it_is_back(bob: User, valkey: Valkey) -> None:
    assert valkey.child
    valkey.child.kill()
    valkey.child.wait()
    client = Client(raise_request_exception=False)
    assert sign_in(client, bob).status_code == 503
    valkey.start()
    assert sign_in(client, bob).status_code == 302
    assert client.session["_auth_user_id"] == str(bob.pk)


def sign_in(client: Client, user: User) -> Any:
    return client.post("/account/login/", {"login": user.email, "password": PASSWORD})
