"""What a body names is looked at as closely as an address: other people's ids, fields that nobody asked for."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction
from django.test import Client

from listings.models import Listing, Shop
from listings.services import add_photo
from marketplace.models import User
from orders.models import Checkout, Order
from payments.models import Payment, Payout, PayoutMethod
from payments.templatetags.card import token_for
from tests.conftest import logged_in
from tests.orders.world import BERLIN, quotes
from tests.security.actors import ACTORS, Actor
from tests.security.bodies import body
from tests.security.digest import changed_by, digest
from tests.security.expectations import TABLE, expected
from tests.security.routes import address, routes
from tests.security.stage import ACCOUNT, Stage, picture

pytestmark = pytest.mark.django_db
ROUTES = {route.name: route for route in routes() if route.name in TABLE}

# --- other people's ids -----------------------------------------------------------------------------


def unchanged(act: Callable[[], object]) -> None:
    assert changed_by(act, digest()) == set()


def order_by_api(client: Client, quote: object, **more: Any) -> Any:
    sent = {"quote": str(quote), "email": "guest@example.com", "address": BERLIN, "accept_terms": True, **more}
    key = {"Idempotency-Key": uuid.uuid4().hex}
    return client.post("/api/v1/checkouts/", sent, content_type="application/json", headers=key)


@pytest.mark.parametrize("who", ["anon", "charlie", "carmen", "alice", "admin"])
def test_a_quote_is_only_its_owners(who: str, stage: Stage) -> None:
    quote = quotes(stage.people["bob"], stage.scarf)["stripe"].quote_id
    client = Actor(who, stage).client

    def ask() -> None:
        answer = order_by_api(client, quote)
        assert (answer.status_code, answer.json()["type"]) == (409, "/api/v1/docs/#quote_not_found")

    unchanged(ask)


def test_a_guests_quote_is_not_another_guests(stage: Stage) -> None:
    one, other = Client(), Client()
    for guest in (one, other):
        guest.post("/cart/add/", {"listing": stage.scarf.pk, "quantity": 1})
    key = {"Idempotency-Key": "q"}
    asked = {"country": "DE", "currency": "EUR"}
    [quote, *_rest] = one.post("/api/v1/quotes/", asked, content_type="application/json", headers=key).json()
    unchanged(lambda: order_by_api(other, quote["quote"]).status_code == 409 or pytest.fail("it was taken"))
    assert order_by_api(one, quote["quote"]).status_code == 201


def test_the_page_pays_its_own_quote_whatever_else_is_sent(stage: Stage) -> None:
    """Carmen cannot put Bob's quote, or a price of her own, into the form of her checkout."""
    bobs = quotes(stage.people["bob"], stage.scarf)["stripe"]
    charlie = logged_in(stage.people["charlie"])
    charlie.post("/cart/add/", {"listing": stage.vase.pk, "quantity": 1})
    street = {"name": "Charlie", "street_address": "1 Main St", "city": "Boston", "country_area": "MA"}
    charlie.post("/checkout/", street | {"postal_code": "02108", "country": "US"})
    lies = {"quote": str(bobs.quote_id), "quote_id": str(bobs.quote_id), "amount": "0.01", "currency": "INR"}
    answer = charlie.post("/checkout/pay/", {"rail": "stripe", "accept": "on", **lies})
    assert answer["Location"].startswith("/pay/")
    placed = Checkout.objects.latest("pk")
    assert placed.buyer == stage.people["charlie"]
    assert placed.quote_id != bobs.quote_id
    assert placed.amount == placed.quote.amount
    bobs.quote.refresh_from_db()
    assert bobs.quote.used_at is None


@pytest.mark.parametrize("kind", ["draft", "waiting"])
def test_what_is_not_for_sale_goes_into_no_basket(kind: str, stage: Stage) -> None:
    listing: Listing = getattr(stage, kind)
    for who in ("anon", "bob", "alice"):
        client = Actor(who, stage).client
        answer = client.post("/cart/add/", {"listing": listing.pk, "quantity": 1}, follow=True)
        assert b"not for sale any more" in answer.content
        key = {"Idempotency-Key": uuid.uuid4().hex}
        line = {"listing": listing.pk, "quantity": 1}
        assert client.put("/api/v1/basket/", line, content_type="application/json", headers=key).status_code == 409
        assert client.get("/api/v1/basket/").json()["lines"] == []


def test_a_photo_is_changed_only_through_its_own_listing(stage: Stage) -> None:
    vases = add_photo(stage.vase, by=stage.people["carmen"], upload=picture())
    alice, carmen = logged_in(stage.people["alice"]), logged_in(stage.people["carmen"])

    def ask() -> None:
        for client, listing, photo in (
            (alice, stage.draft, vases),  # her listing, Carmen's photo
            (alice, stage.waiting, stage.photo),  # both hers, but not together
            (alice, stage.vase, vases),
            (carmen, stage.vase, stage.photo),
            (carmen, stage.draft, stage.photo),
        ):
            for verb in ("remove", "first", "describe"):
                path = f"/sell/listings/{listing.pk}/photos/{photo.pk}/"
                assert client.post(path, {"action": verb, "alt": "mine"}).status_code == 404

    unchanged(ask)


def test_a_payment_form_is_for_its_own_payment(stage: Stage) -> None:
    mine, other = stage.checkouts["placed"].payment, stage.checkouts["paid"].payment
    client = Client(raise_request_exception=False)

    def ask() -> None:
        for token in (token_for(other.pk), token_for(uuid.uuid4()), token_for(mine.pk)[:-1], "", "[]", "\x00"):
            for page in ("test", "page"):
                sent = {"token": token, "card": "pm_card_de"}
                assert client.post(f"/pay/card/{mine.pk}/{page}/", sent).status_code == 403

    unchanged(ask)
    assert client.post(f"/pay/card/{mine.pk}/test/", {"token": token_for(mine.pk), "card": "x"}).status_code == 302


def test_nobody_is_paid_from_anothers_money(stage: Stage) -> None:
    """Carmen names Alice, her currency and her account: there is nothing of Carmen's in rupees."""
    carmen, alices = logged_in(stage.people["carmen"]), PayoutMethod.objects.get(account=ACCOUNT)
    lies = {"currency": "INR", "seller": stage.people["alice"].pk, "method": alices.pk, "amount": "1.00"}
    key = {"Idempotency-Key": "p"}

    def ask() -> None:
        assert carmen.post("/sell/money/payout/", lies).status_code == 302
        sent = {"currency": "INR"}
        answer = carmen.post("/api/v1/payouts/", sent, content_type="application/json", headers=key)
        assert answer.status_code == 409

    unchanged(ask)


def test_a_seller_cannot_buy_from_themselves(stage: Stage) -> None:
    alice = stage.people["alice"]
    quote, client = quotes(alice, stage.scarf)["stripe"].quote_id, logged_in(alice)

    def ask() -> None:
        answer = order_by_api(client, quote)
        assert (answer.status_code, "your own shop" in answer.json()["detail"]) == (409, True)

    unchanged(ask)


# --- fields that nobody asked for -------------------------------------------------------------------

EXTRA = {
    "is_staff": "1", "is_superuser": "1", "is_active": "1", "groups": "1", "user_permissions": "1", "password": "x",
    "email": "evil@example.com", "owner": "1", "owner_id": "1", "user": "1", "user_id": "1", "seller": "1",
    "seller_id": "1", "buyer": "1", "by": "1", "shop": "1", "shop_id": "1", "id": "1", "pk": "1", "slug": "mine",
    "status": "live", "state": "captured", "live_at": "2020-01-01", "paid_at": "2020-01-01", "suspended_at": "",
    "currency": "JPY", "price_minor": "1", "amount_minor": "1", "goods_minor": "1", "commission_minor": "0",
    "processing_minor": "0", "stock": "99999", "quote": "1", "rate": "1", "fee": "0", "amount": "0.01",
    "captured": "1", "tracked": "0", "held_until": "2020-01-01", "due_at": "2020-01-01", "outcome": "buyer",
    "method": "1", "approved_by": "1", "destination": "bc1q", "review_note": "", "hs_code": "000000",
}  # fmt: skip
# What decides about people, goods and money; not what tells times or is drawn by lot.
DECISIVE: dict[type[Any], list[str]] = {
    User: ["email", "is_staff", "is_superuser", "is_active", "suspended_at", "groups", "user_permissions"],
    Shop: ["owner", "name", "country", "city", "currency", "handling_days", "suspended_at"],
    Listing: ["shop", "title", "status", "price_minor", "currency", "stock", "hs_code", "origin", "weight_g"],
    Order: ["shop", "status", "currency", "goods_minor", "shipping_minor", "commission_minor", "processing_minor",
            "buyer_currency", "buyer_minor", "tracked"],
    Payment: ["user", "processor", "state", "amount_minor", "received_minor"],
    Payout: ["seller", "method__account", "method__iban", "currency", "amount_minor", "state", "approved_by"],
    PayoutMethod: ["seller", "currency", "holder", "country", "iban", "account", "clearing_code"],
}  # fmt: skip
DONE = [
    (name, next(who for who in ACTORS if expected(row[1])[1][who] == "done" and who != "anon"))
    for name, row in TABLE.items()
    if "done" in row[1]
]


def decided() -> dict[str, list[str]]:
    return {
        model.__name__: sorted(str(row) for row in model._default_manager.values_list(*columns))
        for model, columns in DECISIVE.items()
    }


@pytest.mark.parametrize(("name", "who"), [pair for pair in DONE if not pair[0].startswith("api:")])
def test_a_page_ignores_fields_that_it_has_not(name: str, who: str, stage: Stage) -> None:
    actor, path = Actor(who, stage), address(ROUTES[name], stage)
    outcomes = []
    for extra in (False, True):
        point = transaction.savepoint()
        sent = body(name, stage)
        answer = actor.ask("POST", path, {**(EXTRA if extra else {}), **_of_the_form(name), **sent})
        assert answer.status_code < 400
        outcomes.append(decided())
        transaction.savepoint_rollback(point)
    assert outcomes[0] == outcomes[1]


def _of_the_form(name: str) -> dict[str, str]:
    """Fields that the form does have, although the test leaves them out."""
    return {"stock": "0"} if name == "listings:new" else {}


@pytest.mark.parametrize(("name", "who"), [pair for pair in DONE if pair[0].startswith("api:")])
def test_the_api_names_a_field_that_it_has_not(name: str, who: str, stage: Stage) -> None:
    actor, path = Actor(who, stage), address(ROUTES[name], stage)
    sent, method = body(name, stage), expected(TABLE[name][1])[0]

    def ask() -> None:
        for field in ("is_staff", "status", "amount_minor", "seller"):
            answer = actor.ask(method, path, sent | {field: "1"})
            assert answer.status_code == 400
            assert field in answer.json()["errors"]  # type: ignore[attr-defined]

    unchanged(ask)


def test_signing_up_makes_nobody_staff(stage: Stage) -> None:
    person = {
        "name": "Eve",
        "email": "eve@example.com",
        "password1": "a-long-enough-one",
        "country": "DE",
        "terms": "on",
    }
    assert Client().post("/account/signup/", {**EXTRA, **person}).status_code == 302
    eve = User.objects.get(email="eve@example.com")
    assert (eve.is_staff, eve.is_superuser, eve.groups.count(), eve.user_permissions.count()) == (False, False, 0, 0)
    assert not EmailAddress.objects.get(user=eve).verified
