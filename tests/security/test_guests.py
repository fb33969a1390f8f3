"""A guest comes by 128 random bits: nothing but exactly those opens the door."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.test import Client

from orders.models import Checkout
from tests.security.digest import changed_by, digest
from tests.security.stage import Stage

pytestmark = pytest.mark.django_db
Wrong = Callable[[str], str]

# What somebody might send in place of the token; each takes the right one.
WRONG: dict[str, Wrong] = {
    "nothing": lambda token: "",
    "a blank": lambda token: "%20",
    "blanks": lambda token: "%20" * 32,
    "null": lambda token: "null",
    "none": lambda token: "None",
    "undefined": lambda token: "undefined",
    "brackets": lambda token: "[]",
    "an object": lambda token: "{}",
    "true": lambda token: "true",
    "nought": lambda token: "0",
    "noughts": lambda token: "0" * 32,
    "all f": lambda token: "f" * 32,
    "minus one": lambda token: "-1",
    "too large": lambda token: str(2**63),
    "a star": lambda token: "*",
    "a percent": lambda token: "%25",
    "an underline for each digit": lambda token: "_" * 32,
    "a pattern": lambda token: "[0-9a-f]%7B32%7D",
    "capitals": lambda token: token.upper() if token.upper() != token else "A" * 32,
    "backwards": lambda token: token[::-1],
    "its beginning": lambda token: token[:16],
    "all but its end": lambda token: token[:-1],
    "all but its beginning": lambda token: token[1:],
    "one more digit": lambda token: token + "0",
    "one before": lambda token: "0" + token,
    "twice": lambda token: token * 2,
    "its first digit changed": lambda token: _next(token[0]) + token[1:],
    "its last digit changed": lambda token: token[:-1] + _next(token[-1]),
    "a blank after": lambda token: token + "%20",
    "a blank before": lambda token: "%20" + token,
    "a line after": lambda token: token + "%0A",
    "a return after": lambda token: token + "%0D",
    "a tab after": lambda token: token + "%09",
    "a NUL after": lambda token: token + "%00",
    "a NUL before": lambda token: "%00" + token,
    "only a NUL": lambda token: "%00",
    "half a surrogate pair": lambda token: "%ED%A0%80" + token[1:],
    "no UTF-8": lambda token: "%FF" + token[1:],
    "an overlong slash": lambda token: "%C0%AF" + token,
    "a zero-width blank": lambda token: token + "%E2%80%8B",
    "Arabic digits": lambda token: quote(token.translate({ord(str(n)): 0x660 + n for n in range(10)} | {97: 0x430})),
    "full-width digits": lambda token: quote(token.translate({n: n + 0xFEE0 for n in range(0x30, 0x67)})),
    "a way up": lambda token: "..%2F" + token,
    "two ways up": lambda token: "%2E%2E%2F%2E%2E%2Fadmin",
    "a quote": lambda token: token + "'",
    "a query": lambda token: quote("' OR '1'='1"),
    "a comment": lambda token: token + "--",
    "dashes, as a UUID has": lambda token: str(uuid.UUID(token)),
    "hexadecimal": lambda token: "0x" + token[2:],
    "100 kB": lambda token: "a" * 100_000,
}
PLACES = [
    "/pay/{token}/",
    "/pay/{token}/status/",
    "/o/{token}/{number}/",
    "/api/v1/checkouts/{token}/",
    "/api/v1/checkouts/{token}/orders/{number}/",
    "/api/v1/checkouts/{token}/orders/{number}/withdrawal/",
]
VERBS = [
    "/pay/{token}/cancel/",
    "/pay/{token}/refund-address/",
    "/o/{token}/{number}/confirm/",
    "/api/v1/checkouts/{token}/cancel/",
    "/api/v1/checkouts/{token}/orders/{number}/confirm/",
    "/api/v1/checkouts/{token}/orders/{number}/cancel/",
    "/api/v1/checkouts/{token}/orders/{number}/return/keep/",
]


def _next(digit: str) -> str:
    return f"{(int(digit, 16) + 1) % 16:x}"


@pytest.fixture
def guest() -> Client:
    return Client(raise_request_exception=False)


def _refused(guest: Client, verb: str, path: str) -> bool:
    cache.key_prefix = uuid.uuid4().hex  # this is no test of rates
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    answer = getattr(guest, verb)(path, content_type="application/json", headers=headers)
    if answer.status_code == 301:  # to the same without a blank or with a slash: follow it once
        answer = getattr(guest, verb)(answer["Location"], content_type="application/json", headers=headers)
    return bool(answer.status_code == 404)


def test_there_are_fifty_ways_to_be_wrong() -> None:
    assert len(WRONG) == 50


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_token_finds_nothing(wrong: Wrong, stage: Stage, guest: Client) -> None:
    checkout = stage.checkouts["delivered"]
    named = {"token": wrong(checkout.token), "number": stage.orders["delivered"].number}
    for place in PLACES:
        assert _refused(guest, "get", place.format(**named)), place
    for verb in VERBS:
        assert _refused(guest, "post", verb.format(**named)), verb


def test_another_orders_token_does_not_open_this_one(stage: Stage, guest: Client) -> None:
    named = {"token": stage.checkouts["shipped"].token, "number": stage.orders["delivered"].number}

    def ask() -> None:
        for place in [*PLACES, *VERBS]:
            if "{number}" in place:
                assert _refused(guest, "post" if place in VERBS else "get", place.format(**named)), place

    assert changed_by(ask, digest()) == set()


def test_tokens_are_128_bits_and_not_alike(stage: Stage) -> None:
    tokens = [checkout.token for checkout in Checkout.objects.all()]
    assert {len(bytes.fromhex(token)) for token in tokens} == {16}
    assert len({token[:8] for token in tokens}) == len(tokens)
