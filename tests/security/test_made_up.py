"""Addresses and cookies that a person, or a robot, makes up: an answer in words, never an error of ours."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.test import Client

from tests.security.actors import Actor
from tests.security.inputs import HALF, HUGE, ODD
from tests.security.stage import Stage

pytestmark = pytest.mark.django_db

# Addresses that are read: parameters that a person, or a robot, makes up.
READ = [
    ("/browse/", ["q", "ship_to", "currency", "sort", "page"]),
    ("/s/chaya-prints/", ["page"]),
    ("/sell/hs/", ["q", "hs_code"]),
    ("/sell/listings/", ["page"]),
    ("/sell/orders/", ["page"]),
    ("/orders/", ["page"]),
    ("/settings/visitor/", ["next"]),
    ("/account/login/", ["next"]),
    ("/checkout/", ["country"]),
    ("/account/confirm-email/{}/", []),
    ("/account/password/reset/key/1-{}/", []),
    ("/l/{}/", []),
    ("/s/{}/", []),
    ("/legal/{}/", []),
    ("/legal/terms/{}/", []),
    ("/hooks/{}/", []),
    ("/media/photos/{}", []),
    ("/orders/{}/", []),
    ("/sell/listings/{}/", []),
]
MADE_UP = [
    "",
    "-1",
    "0",
    HUGE,
    "NaN",
    "١٢",
    "%00",
    "1%002",
    HALF,
    "%FF",
    quote(ODD),
    "..%2F..%2Fetc%2Fpasswd",
    "a" * 5000,
]


@pytest.mark.parametrize(("path", "names"), READ)
def test_made_up_addresses_break_nothing(path: str, names: list[str], stage: Stage) -> None:
    alice = Actor("alice", stage)
    alice.ask("POST", "/cart/add/", {"listing": stage.vase.pk, "quantity": "1"})
    for value in MADE_UP:
        for address in [f"{path}?{name}={value}" for name in names] or [path.format(value)]:
            answer = alice.ask("GET", address)
            assert answer.status_code in {200, 301, 302, 400, 404, 405}, f"{address[:80]}: {answer.status_code}"


@pytest.mark.parametrize("cookie", ["sessionid", "csrftoken", "messages", "visitor"])
def test_made_up_cookies_break_nothing(cookie: str, stage: Stage) -> None:
    for value in ("x", HUGE, '"\\000aaaaaaaaaaaaaaaa"', '"a\\000aaaaaaaaaaaaaa"', "[]", "null", "a" * 4000, ODD[2:9]):
        client = Client(raise_request_exception=False, headers={"Cookie": f"{cookie}={value}"})
        for path in ("/", "/cart/", "/account/", "/api/v1/basket/", "/admin/"):
            status = client.get(path).status_code
            assert status in {200, 302, 400, 401}, f"{path} with {cookie}={value[:30]}: {status}"
        assert client.post("/cart/add/", {"listing": stage.scarf.pk, "quantity": 1}).status_code in {302, 400}
