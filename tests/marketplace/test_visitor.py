"""Country, currency and language: chosen once, shown everywhere, kept."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.test import Client

from marketplace.lib.places import countries, country_name, currency_of
from marketplace.lib.visitor import Visitor
from marketplace.models import User
from tests.conftest import ClientFor

pytestmark = pytest.mark.django_db
CHOICE = {"country": "CH", "currency": "EUR", "language": "de", "next": "/legal/terms/"}


def visitor(client: Client, **headers: str) -> Visitor:
    request: HttpRequest = client.get("/legal/privacy/", headers=headers).wsgi_request
    found: Visitor = request.visitor  # type: ignore[attr-defined]
    return found


def test_without_a_choice_the_operator_s_country_is_taken(client: Client) -> None:
    assert visitor(client) == Visitor("DE", "EUR", "en")


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        ("de-AT,de;q=0.9", Visitor("AT", "EUR", "de")),
        ("en-IN,en;q=0.9", Visitor("IN", "INR", "en")),
        ("en-US,en;q=0.9", Visitor("DE", "EUR", "en")),  # what software speaks that nobody asked
        ("es-US,es;q=0.9", Visitor("US", "USD", "en")),
        ("vi-VN", Visitor("VN", "USD", "en")),  # no rate is published for the dong
        ("xx-ZZ,'\"<>", Visitor("DE", "EUR", "en")),
    ],
)
def test_the_browser_s_languages_say_where_from(client: Client, languages: str, expected: Visitor) -> None:
    assert visitor(client, accept_language=languages) == expected


def test_a_guest_s_choice_is_kept_without_a_session(client: Client) -> None:
    answer = client.post("/settings/visitor/", CHOICE)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/legal/terms/"
    assert visitor(client) == Visitor("CH", "EUR", "de")
    assert settings.SESSION_COOKIE_NAME not in client.cookies
    assert Session.objects.count() == 0
    assert "Schweiz · EUR" in client.get("/legal/terms/").content.decode()


def test_an_account_s_choice_follows_it_to_another_browser(bob: User, client_for: ClientFor) -> None:
    client_for(bob).post("/settings/visitor/", CHOICE)
    assert visitor(client_for(bob)) == Visitor("CH", "EUR", "de")


def test_what_is_usual_there_is_the_country_s_own_money(client: Client) -> None:
    client.post("/settings/visitor/", {**CHOICE, "currency": "usual"})
    assert visitor(client) == Visitor("CH", "CHF", "de")


@pytest.mark.parametrize(
    "wrong", [{"country": "ZZ"}, {"country": ""}, {"currency": "DOGE"}, {"currency": "eur"}, {"language": "tlh"}]
)
def test_a_wrong_choice_is_refused_and_nothing_is_kept(client: Client, wrong: dict[str, str]) -> None:
    assert client.post("/settings/visitor/", {**CHOICE, **wrong}).status_code == 422
    assert "visitor" not in client.cookies


@pytest.mark.parametrize("cookie", ["", "x", "WyJVUyJd:1abcde:forged", "[]", "\x00"])
def test_a_forged_cookie_is_nobody_s_choice(client: Client, cookie: str) -> None:
    client.cookies["visitor"] = cookie
    assert visitor(client) == Visitor("DE", "EUR", "en")


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"])
def test_nobody_is_sent_to_another_site(client: Client, url: str) -> None:
    assert client.post("/settings/visitor/", {**CHOICE, "next": url}).headers["Location"] == "/"


def test_countries_are_named_in_the_reader_s_language_and_order() -> None:
    german = countries("de")
    assert ("DE", "Deutschland") in german
    assert [name for _code, name in german][:3] == ["Afghanistan", "Ägypten", "Ålandinseln"]
    assert country_name("MX", "en") == "Mexico"
    assert len(german) > 240


@pytest.mark.parametrize(
    ("country", "currency"), [("BG", "EUR"), ("HR", "EUR"), ("GB", "GBP"), ("IN", "INR"), ("KE", "USD")]
)
def test_prices_are_shown_in_the_country_s_money_where_it_is_quoted(country: str, currency: str) -> None:
    assert currency_of(country) == currency
