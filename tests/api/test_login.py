"""Who is calling: a token, a session with its CSRF token, or nobody; never a password."""

from __future__ import annotations

import base64

import pytest
from django.test import Client
from rest_framework.authtoken.models import Token

from marketplace.models import User
from marketplace.suspension import suspend
from tests.api.caller import Caller, by_token, name_of
from tests.conftest import PASSWORD, ClientFor
from tests.orders.world import World

pytestmark = pytest.mark.django_db


def test_a_token_made_on_the_account_page_calls_as_its_owner(bob: User) -> None:
    browser = Client()
    browser.force_login(bob)
    asked = browser.post("/account/token/").headers["Location"]
    page = browser.post(asked, {"password": PASSWORD}, follow=True)
    key = Token.objects.get(user=bob).key
    assert key in page.content.decode()
    assert Caller(key).get("account/")["email"] == bob.email
    browser.post("/account/token/revoke/")
    assert name_of(Caller(key).get("account/", status=401)) == "authentication_failed"


@pytest.mark.parametrize("key", ["", "x", "0" * 40, "a b", "ü", "'", "a\x00b", "x" * 9000])
def test_a_wrong_token_is_a_401(bob: User, key: str) -> None:
    answer = Client().get("/api/v1/account/", headers={"Authorization": f"Token {key}"})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")


def test_a_password_opens_nothing_here(bob: User, as_guest: Caller) -> None:
    login = {"username": bob.email, "email": bob.email, "password": PASSWORD}
    for path in ("tokens/", "token/", "login/", "api-token-auth/"):
        as_guest.post(path, login, 404)
    basic = "Basic " + base64.b64encode(f"{bob.email}:{PASSWORD}".encode()).decode()
    assert Client().get("/api/v1/account/", headers={"Authorization": basic}).status_code == 401


def test_a_suspended_account_is_out_at_once(bob: User, moderator: User) -> None:
    caller = by_token(bob)
    caller.get("account/")
    suspend(bob, by=moderator, reason="fraud")
    caller.get("account/", status=401)


def test_a_session_needs_its_csrf_token(world: World, bob: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(bob)
    caller = Caller(client=browser)
    assert caller.get("account/")["email"] == bob.email
    body = {"listing": world.scarf.pk, "quantity": 1}
    assert name_of(caller.put("basket/", body, 403)) == "permission_denied"
    browser.get("/account/")
    caller.headers = {"X-CSRFToken": browser.cookies["csrftoken"].value}
    assert len(caller.put("basket/", body)["lines"]) == 1


def test_a_token_needs_no_csrf_token(world: World, bob: User) -> None:
    caller = by_token(bob)
    caller.client = Client(enforce_csrf_checks=True)
    caller.put("basket/", {"listing": world.scarf.pk, "quantity": 1})


def test_a_token_and_the_pages_share_one_basket(world: World, bob: User, client_for: ClientFor) -> None:
    by_token(bob).put("basket/", {"listing": world.scarf.pk, "quantity": 1})
    assert world.scarf.title in client_for(bob).get("/cart/").content.decode()


def test_answers_are_kept_by_no_cache(as_bob: Caller) -> None:
    answer = as_bob.client.get("/api/v1/account/", headers=as_bob.headers)
    assert answer["Cache-Control"] == "private, no-store"
