"""What is between Alice and Bob stays there: in pages and API for each other, in letters, in errors."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.apps import apps
from django.db.models import CharField, JSONField, TextField

from marketplace.models import Letter
from orders.models import Checkout
from tests.security.actors import Actor
from tests.security.routes import address, routes
from tests.security.stage import ACCOUNT, Stage

pytestmark = pytest.mark.django_db
CANARY = re.compile(r"canary-(\w+)", re.IGNORECASE)
# Addresses that name a checkout's token are open to whoever has it: see test_guests.py.
OPEN = ("token",)

# Texts of the private tables that are words of ours, codes or public: everything else must be a canary on the stage.
OURS = {
    "orders.checkout": {"public_id", "token", "owner", "language", "currency"},
    "orders.order": {
        "number",
        "status",
        "currency",
        "buyer_currency",
        "landed",
        "fee_sheet",
        "shipping_name",
        "new_address",
    },
    "orders.orderline": {
        "title",
        "photo",
        "currency",
        "hs_code",
        "origin",
        "no_withdrawal",
        "how",
    },  # as the public listing
    "orders.orderevent": {"from_status", "to_status"},
    "orders.shipment": {"carrier_key"},
    "orders.message": {"role"},
    "orders.disputeoffer": {"currency"},
    "orders.dispute": {"kind", "outcome", "decision_reason"},  # not decided on the stage
    "orders.return": {"kind", "state", "payer", "decision"},
    "payments.payoutmethod": {  # digits: Stage.secrets()
        "kind",
        "currency",
        "country",
        "home",
        "iban",
        "account",
        "clearing_code",
        "destination",
    },  # fmt: skip
    "listings.photo": set(),
}


def test_every_private_text_on_the_stage_is_a_canary(stage: Stage) -> None:
    for label, ours in OURS.items():
        model = apps.get_model(label)
        for column in model._meta.get_fields():
            if isinstance(column, CharField | TextField | JSONField) and column.name not in ours:
                values = model._default_manager.values_list(column.name, flat=True)
                assert any(CANARY.search(str(value)) for value in values), f"{label}.{column.name}"


def test_buyer_and_seller_read_of_each_other_only_what_is_between_them(stage: Stage) -> None:
    for who, other in (("alice", "bob"), ("bob", "alice")):
        actor = Actor(who, stage)
        for route in routes():
            if not route.name.startswith("admin") and not set(OPEN) & set(route.parameters):
                text = _text(actor.ask("GET", address(route, stage)))
                assert other not in {word.lower() for word in CANARY.findall(text)}, f"{route.name} to {who}"
                if who == "bob":
                    assert ACCOUNT not in text, route.name


def test_the_seller_reads_where_to_send_the_parcel_and_the_buyer_where_it_is(stage: Stage) -> None:
    number = stage.orders["disputed"].number
    sale = _text(Actor("alice", stage).ask("GET", f"/sell/orders/{number}/"))
    bought = _text(Actor("bob", stage).ask("GET", f"/orders/{number}/"))
    for seen in ("canary-both-recipient", "canary-both-street", "canary-both-complaint"):
        assert seen in sale, seen
    for seen in ("canary-both-carrier", "CANARY-BOTH-1", "canary-both-complaint"):
        assert seen in bought, seen


def test_a_seller_sees_no_basket_that_was_never_paid(stage: Stage) -> None:
    alice = Actor("alice", stage)
    for name in ("placed", "coins"):
        number = stage.orders[name].number
        for path in (f"/sell/orders/{number}/", f"/api/v1/sales/{number}/"):
            assert alice.ask("GET", path).status_code == 404
        for path in ("/sell/", "/sell/orders/", "/api/v1/sales/"):
            assert number not in _text(alice.ask("GET", path))


def test_letters_tell_each_only_what_is_theirs(stage: Stage) -> None:
    names = {user.email: name for name, user in stage.people.items()}
    letters = list(Letter.objects.all())
    assert {names[letter.to] for letter in letters} >= {"alice", "bob", "carmen", "sam"}
    for letter in letters:
        who, text = names[letter.to], f"{letter.subject}\n{letter.body}"
        told = {word.lower() for word in CANARY.findall(text.replace(letter.to, ""))} - {who}
        assert told <= ({"both"} if who in {"alice", "bob"} else set()), f"{letter.key} to {who} tells {told}"
        assert who == "bob" or not _tokens_in(text), f"{letter.key} gives {who} the buyer's link"


def _tokens_in(text: str) -> list[str]:
    return [token for token in Checkout.objects.values_list("token", flat=True) if token in text]


def test_staff_read_no_letter_that_logs_in(stage: Stage) -> None:
    Actor("anon", stage).ask("POST", "/account/password/reset/", {"email": stage.people["bob"].email})
    letter = Letter.objects.get(key__startswith="account:")
    [link] = re.findall(r"\S+/account/password/reset/key/(\S+)", letter.body)
    for who in ("moderator", "admin"):
        assert link not in _text(Actor(who, stage).ask("GET", f"/admin/marketplace/letter/{letter.pk}/change/"))


def test_a_key_to_the_api_is_shown_to_nobody_again(stage: Stage) -> None:
    for who, user in stage.people.items():
        if user.is_active:
            assert user.auth_token.key not in _text(Actor(who, stage).ask("GET", "/account/"))


def test_a_suspended_account_is_out_at_once(stage: Stage) -> None:
    sam = stage.people["sam"]
    assert not hasattr(type(sam).objects.get(pk=sam.pk), "auth_token")
    actor = Actor("sam", stage)  # with the session from before
    assert actor.ask("GET", "/sell/")["Location"].startswith("/account/login/")
    assert actor.ask("GET", "/api/v1/account/").status_code == 401
    assert actor.ask("GET", "/s/sams-shop/").status_code == 404


@pytest.mark.urls("tests.security.broken_urls")
def test_an_error_of_ours_tells_nothing_of_the_inside(stage: Stage) -> None:
    bob = Actor("bob", stage)
    for path in ("/broken/", "/api/v1/broken/"):
        answer = bob.ask("GET", path)
        assert answer.status_code == 500
        assert not re.search(r"canary|secret|Traceback|RuntimeError|duplicate", _text(answer))
        assert "our side" in _text(answer)


def _text(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(content.decode("utf-8", "replace")) + str(answer.headers)
