"""Whatever is sent, the answer is a problem that names what is wrong, and nothing has changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework import serializers
from rest_framework.throttling import SimpleRateThrottle

from fx.rest import AmountField
from listings.models import Listing
from orders.models import Cart
from tests.api.caller import PROBLEM, Caller, name_of
from tests.doubles import StripeDouble
from tests.orders.world import World, paid_order

pytestmark = pytest.mark.django_db

AMOUNTS = [
    "-1",
    "-0.00",
    "+1",
    "NaN",
    "Infinity",
    "1e5",
    "1_000",
    " 1 ",
    "1,00",
    ".5",
    "0x10",
    "١٠",
    "１０",
    "10.005",
    "",
    "9" * 40,
    10,
    True,
    None,
    [],
    {},
]


@pytest.mark.parametrize("amount", AMOUNTS, ids=repr)
def test_an_amount_is_refused_unless_it_is_digits_and_a_point(world: World, as_alice: Caller, amount: Any) -> None:
    problem = as_alice.post("shop/listings/", listing(price={"amount": amount, "currency": "INR"}), 400)
    assert list(problem["errors"]) == ["price"]
    assert Listing.objects.count() == 2


@pytest.mark.parametrize(
    "money",
    [
        "10.00",
        10,
        ["10.00", "INR"],
        {"amount": "10.00"},
        {"amount": "10.00", "currency": "XXX"},
        {"amount": "10.00", "currency": "inr"},
        {"amount": "10.00", "currency": ["INR"]},
        {"amount": "10.00", "currency": "INR", "rate": "1"},
    ],
    ids=repr,
)
def test_money_is_an_amount_and_a_currency(money: Any) -> None:
    with pytest.raises(serializers.ValidationError):
        AmountField().run_validation(money)


@pytest.mark.parametrize("number", ["10.5", "1e5", "1E400", "-0.0"])
def test_a_number_with_a_fraction_never_gets_in(world: World, as_alice: Caller, number: str) -> None:
    for text in (f'{{"stock": {number}}}', f'{{"price": {{"amount": {number}, "currency": "INR"}}}}'):
        assert name_of(as_alice.post("shop/listings/", text, 400)) == "parse_error"


def test_a_price_out_of_bounds_is_refused_by_the_service(world: World, as_alice: Caller) -> None:
    for amount in ("0", "0.01", "999999999999.00"):
        refused = as_alice.post("shop/listings/", listing(price={"amount": amount, "currency": "INR"}), 409)
        assert name_of(refused) == "listing_error"
    assert Listing.objects.count() == 2


def listing(**changes: Any) -> dict[str, Any]:
    good = {
        "title": "Napkin",
        "description": "Cotton.",
        "price": {"amount": "450.50", "currency": "INR"},
        "hs_code": "630251",
        "origin": "IN",
        "weight_g": 60,
    }
    return good | changes


BODIES = {
    "nothing": b"",
    "text": b"hello",
    "truncated": b'{"listing": 1',
    "not utf-8": b'{"listing": "\xff"}',
    "utf-16": '{"listing": 1}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"listing": 1, "quantity": 1}',
    "NaN": b'{"listing": NaN, "quantity": 1}',
    "Infinity": b'{"listing": -Infinity, "quantity": 1}',
    "a NUL": b'{"listing": "\\u0000", "quantity": 1}',
    "a NUL in a key": b'{"\\u0000": 1}',
    "half a surrogate pair": b'{"listing": "\\ud800", "quantity": 1}',
    "half a pair in a key": b'{"\\udfff": 1}',
    "the same key twice": b'{"listing": 1, "quantity": 1, "quantity": 99}',
    "deep lists": b"[" * 5000 + b"]" * 5000,
    "very deep": b'{"a":' * 40_000 + b"1" + b"}" * 40_000,
    "deeper than allowed": b'{"a":' * 40 + b"1" + b"}" * 40,
    "a list": b"[]",
    "null": b"null",
    "a number": b"1",
    "5,000 digits": b'{"listing": ' + b"9" * 5000 + b', "quantity": 1}',
    "1,000 digits": b'{"listing": ' + b"9" * 1000 + b', "quantity": 1}',
    "beyond bigint": b'{"listing": 9223372036854775808, "quantity": 1}',
    "zero": b'{"listing": 0, "quantity": 1}',
    "a text for a number": b'{"listing": "1", "quantity": 1}',
    "true for a number": b'{"listing": true, "quantity": true}',
    "a negative quantity": b'{"listing": 1, "quantity": -1}',
    "an unknown field": b'{"listing": 1, "quantity": 1, "price": 1}',
    "no fields": b"{}",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_that_cannot_be_is_a_400(as_bob: Caller, body: bytes) -> None:
    as_bob.put("basket/", body, 400)
    assert not Cart.objects.exists()


def test_an_unknown_field_is_named(world: World, as_bob: Caller) -> None:
    problem = as_bob.put("basket/", {"listing": world.scarf.pk, "quantity": 1, "price_minor": 1}, 400)
    assert problem["errors"] == {"price_minor": ["There is no such field here."]}


def test_brackets_in_a_text_are_only_a_text(world: World, stripe_double: StripeDouble, as_bob: Caller) -> None:
    order = paid_order(world, stripe_double)
    reason = "[" * 500 + "]" * 400
    assert as_bob.post(f"orders/{order.number}/dispute/", {"reason": reason})["dispute"]["reason"] == reason


def test_a_huge_body_is_refused_without_being_read_to_its_end(as_bob: Caller) -> None:
    answer = as_bob.send("PUT", "basket/", b'{"a": "' + b"x" * 3_000_000 + b'"}')
    assert (answer.status_code, name_of(answer.json())) == (413, "too_large")


@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x", "text/xml", "x"],
)
def test_only_json_is_read(as_bob: Caller, kind: str) -> None:
    answer = as_bob.send("PUT", "basket/", b"listing=1&quantity=1", kind=kind)
    assert (answer.status_code, answer["Content-Type"]) == (415, PROBLEM)


def test_only_json_is_spoken(as_bob: Caller) -> None:
    answer = as_bob.client.get("/api/v1/basket/", headers={**as_bob.headers, "Accept": "text/html"})
    assert (answer.status_code, answer["Content-Type"], name_of(answer.json())) == (406, PROBLEM, "not_acceptable")


@pytest.mark.parametrize(
    "path",
    ["nothing/", "basket", "orders/..%2f", "listings/%00/", "checkouts/%00/", "orders/%00/", "sales/a\x00b/", "%ff/"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_address_is_a_problem(as_bob: Caller, path: str, method: str) -> None:
    answer = as_bob.send(method, path)
    assert (answer.status_code, answer["Content-Type"], name_of(answer.json())) == (404, PROBLEM, "not_found")


@pytest.mark.parametrize("path", ["/api/", "/api/v2/orders/", "/api/v1/a%0Ab/", "/api/x"])
def test_an_address_beside_the_api_is_a_problem(client: Client, path: str) -> None:
    answer = client.post(path, {}, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)


def test_a_wrong_method_is_a_problem_and_takes_no_key(as_bob: Caller) -> None:
    for method in ("POST", "PATCH", "DELETE"):
        answer = as_bob.send(method, "basket/", key="a")
        assert (answer.status_code, name_of(answer.json())) == (405, "method_not_allowed")
    as_bob.put("basket/", {"listing": 1, "quantity": 0}, key="a")


@pytest.mark.parametrize(
    "query",
    [
        {"country": "XX"},
        {"country": "de"},
        {"currency": "BTC"},
        {"currency": "<b>"},
        {"q": "x" * 101},
        {"q": "a\x00b"},
        {"shop": "a\x00b"},
        {"country": "", "q": ""},
    ],
    ids=repr,
)
def test_a_wrong_filter_is_named(world: World, as_guest: Caller, query: dict[str, str]) -> None:
    assert list(as_guest.get("listings/", query, status=400)["errors"]) == list(query)


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 40, "1e5"])
def test_a_page_that_is_not_there_is_a_404(world: World, as_guest: Caller, page: str) -> None:
    as_guest.get("listings/", {"page": page}, status=404)


@pytest.mark.parametrize("q", ["' OR 1=1", "a & !b", "((", "%", "\\", ":*", "{{7*7}}", "🧣" * 40, "ﷺ", "\u202e"])
def test_any_words_can_be_searched(world: World, as_guest: Caller, q: str) -> None:
    as_guest.get("listings/", {"q": q})


# --- other people, other states, too often ---------------------------------------------------------------


def test_nobody_reaches_anothers_order(
    world: World, stripe_double: StripeDouble, as_bob: Caller, as_alice: Caller, as_guest: Caller
) -> None:
    number = paid_order(world, stripe_double).number
    for path in (f"orders/{number}/", f"orders/{number}/confirm/", f"orders/{number}/dispute/"):
        body = {"reason": "mine"} if "dispute" in path else {}
        assert as_alice.send("GET" if path.count("/") == 2 else "POST", path, body).status_code == 404
        assert as_guest.send("GET" if path.count("/") == 2 else "POST", path, body).status_code == 401
    for path in (f"sales/{number}/ship/", f"sales/{number}/answer/"):
        body = {"carrier": "Post"} if "ship" in path else {"answer": "No."}
        as_bob.post(path, body, 404)
    assert as_alice.get("orders/")["count"] == as_bob.get("sales/")["count"] == 0
    as_bob.get("balance/", status=404)


def test_what_the_state_forbids_is_refused_by_name(world: World, stripe_double: StripeDouble, as_bob: Caller) -> None:
    number = paid_order(world, stripe_double).number
    assert name_of(as_bob.post(f"orders/{number}/confirm/", status=409)) == "wrong_state"
    assert name_of(as_bob.post(f"orders/{number}/delivered/", status=409)) == "wrong_state"


def test_too_many_calls_are_told_when_to_come_again(
    world: World, as_guest: Caller, as_bob: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": "3/min", "user": "5/min"})
    for _ in range(3):
        as_guest.get("rates/")
    for forwarded in ("", "1.2.3.4", "5.6.7.8"):
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        answer = as_guest.client.get("/api/v1/rates/", headers=headers)
        assert (answer.status_code, name_of(answer.json())) == (429, "throttled")
        assert 1 <= int(answer["Retry-After"]) <= 60
    for _ in range(5):
        as_bob.get("rates/")
    as_bob.get("rates/", status=429)


def test_a_lost_cache_stops_nobody(
    world: World, as_guest: Caller, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": "1/min", "user": "1/min"})
    location = "redis://127.0.0.1:1/0"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": location}}
    for _ in range(3):
        as_guest.get("rates/")
