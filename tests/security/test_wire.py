"""What every answer carries, and what no request can do: headers, cross-site posts, redirects, hosts, methods."""

from __future__ import annotations

import re
import uuid
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.test import Client, override_settings

from marketplace.models import Letter
from tests.conftest import PASSWORD, logged_in
from tests.security.actors import Actor
from tests.security.bodies import body
from tests.security.digest import changed_by, digest
from tests.security.expectations import TABLE, expected
from tests.security.routes import address, routes
from tests.security.stage import Stage

pytestmark = pytest.mark.django_db
ROUTES = {route.name: route for route in routes() if route.name in TABLE}
# Whose answer may be kept by a shared cache: the same for everybody, and nobody's session in it.
SAME_FOR_ALL = ("/static/", "/media/")


def _safe(answer: Any, path: str, *, personal: bool) -> None:
    headers = answer.headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'", path
    assert "unsafe" not in headers["Content-Security-Policy"], path
    if "sandbox" not in policy:
        assert (policy["base-uri"], policy["frame-ancestors"]) == ("'none'", "'none'"), path
        assert policy["form-action"] == "'self'" or path.startswith("/pay/"), path  # on to the processor's page
    assert headers["X-Content-Type-Options"] == "nosniff", path
    assert headers["X-Frame-Options"] == "DENY", path
    assert headers["Referrer-Policy"] == "same-origin", path
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin", path
    assert "camera=()" in headers["Permissions-Policy"], path
    assert "Server" not in headers, path
    assert "X-Powered-By" not in headers, path
    if personal and not path.startswith(SAME_FOR_ALL):
        assert headers["Cache-Control"] == "private, no-store", path


@pytest.mark.parametrize("who", ["anon", "bob"])
def test_every_answer_carries_the_headers(who: str, stage: Stage) -> None:
    actor = Actor(who, stage)
    for name, route in ROUTES.items():
        path, method = address(route, stage), expected(TABLE[name][1])[0]
        for verb in ("GET", method):
            _safe(actor.ask(verb, path, {}), path, personal=who == "bob")


@pytest.mark.urls("tests.security.broken_urls")
@pytest.mark.parametrize(
    ("path", "status"),
    [("/nowhere/", 404), ("/api/v1/nowhere/", 404), ("/admin/nowhere/", 403), ("/design/", 403), ("/broken/", 500)],
)
def test_an_error_carries_them_too(path: str, status: int, stage: Stage) -> None:
    answer = Actor("bob", stage).ask("GET", path)
    assert answer.status_code == status
    _safe(answer, path, personal=True)


@override_settings(WHITENOISE_USE_FINDERS=True, WHITENOISE_AUTOREFRESH=True)
def test_files_carry_them_too(stage: Stage) -> None:
    client = logged_in(stage.people["bob"])
    for path in ("/static/css/site.css", "/static/js/stripe-pay.js", "/static/nowhere.css", stage.photo.thumb):
        answer = client.get(path)
        assert (answer.status_code == 404) is ("nowhere" in path)
        _safe(answer, path, personal=False)
        assert "Set-Cookie" not in answer.headers


def test_a_visitor_without_a_session_is_given_none_by_looking(stage: Stage) -> None:
    for path in ("/", "/browse/?q=scarf", f"/l/{stage.scarf.slug}/", "/rates/", "/cart/", "/legal/terms/", "/nowhere/"):
        client = Client()
        client.get(path)
        assert "sessionid" not in client.cookies, path


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(stage: Stage) -> None:
    client = Client()
    client.post("/account/login/", {"login": stage.people["charlie"].email, "password": PASSWORD})
    client.post("/settings/visitor/", {"country": "FR", "currency": "EUR", "language": "en"})
    for name in ("sessionid", "visitor"):
        assert (client.cookies[name]["httponly"], client.cookies[name]["samesite"]) == (True, "Lax")


def test_a_login_makes_a_new_session(stage: Stage) -> None:
    client = Client()
    client.post("/cart/add/", {"listing": stage.scarf.pk, "quantity": 1})
    before = client.cookies["sessionid"].value
    client.post("/account/login/", {"login": stage.people["charlie"].email, "password": PASSWORD})
    assert client.get("/account/").status_code == 200
    assert client.cookies["sessionid"].value != before


# --- other sites -----------------------------------------------------------------------------------


def test_only_webhooks_and_the_api_are_excused_from_the_token() -> None:
    """The API asks for the token itself, when it is a session that comes."""
    excused = {name for name, route in ROUTES.items() if getattr(route.view, "csrf_exempt", False)}
    assert {name for name in excused if not name.startswith("api:")} == {"payments:hook"}


@pytest.mark.parametrize("who", ["anon", "bob", "alice", "admin"])
def test_a_post_from_another_site_is_refused_everywhere(who: str, stage: Stage) -> None:
    actor = Actor(who, stage)
    actor.client.handler.enforce_csrf_checks = True
    before, asked = digest(), 0
    for name, route in ROUTES.items():
        method, verdicts = expected(TABLE[name][1])
        if (
            name == "payments:hook"
            or verdicts[who] in {"401", "404", "405"}
            or (who == "anon" and name.startswith("api:"))
        ):
            continue
        verdict, answer = actor.try_out(method, address(route, stage), body(name, stage), before)
        assert verdict in {"403", "login", "2fa", "405"}, f"{name}: {verdict}"
        asked += 1
    assert asked > 30


def test_a_form_of_another_site_cannot_speak_to_the_api(stage: Stage) -> None:
    """What a browser sends across sites without asking is a form or plain text, and without our header."""
    client = Client()
    client.post("/cart/add/", {"listing": stage.vase.pk, "quantity": 1})
    line = f'{{"listing": {stage.vase.pk}, "quantity": 9}}'

    def ask() -> None:
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            for verb in (client.put, client.post):
                assert verb("/api/v1/basket/", line, content_type=kind).status_code in {400, 405, 415}
        assert client.put("/api/v1/basket/", line, content_type="application/json").status_code == 400  # no key

    assert changed_by(ask, digest()) == set()


def test_no_answer_lets_another_site_read_it(stage: Stage) -> None:
    client = logged_in(stage.people["bob"])
    for path in ("/", "/orders/", "/api/v1/orders/", "/api/v1/listings/"):
        for answer in (
            client.get(path, headers={"Origin": "https://evil.example"}),
            client.options(path, headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT"}),
        ):
            assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


# --- redirects -------------------------------------------------------------------------------------

ELSEWHERE = [
    "https://evil.example/",
    "http://evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    " //evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http:\\\\evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "http://evil.example#testserver",
    "http://[::1]:80@evil.example/",
    "//testserver@evil.example",
    "http://evil.example\\@testserver/",
    "\x00//evil.example",
    "%2F%2Fevil.example",
    "/%09/evil.example",
]


def _stays(answer: Any) -> bool:
    to = answer.headers.get("Location", "/")
    plain = re.sub(r"[\t\r\n]", "", to.strip()).replace("\\", "/")
    target = urlsplit(plain)
    return target.netloc in {"", "testserver"} and target.scheme in {"", "http"} and not plain.startswith("//")


@pytest.mark.parametrize("to", ELSEWHERE)
def test_nobody_is_sent_to_another_site(to: str, stage: Stage) -> None:
    cache.key_prefix = uuid.uuid4().hex
    charlie = {"login": stage.people["charlie"].email, "password": PASSWORD}
    coins = stage.checkouts["coins"].payment_id
    bob = logged_in(stage.people["bob"])
    visitor = {"country": "FR", "currency": "EUR", "language": "en"}
    answers = [
        Client().post("/account/login/", charlie | {"next": to}),
        Client().post("/settings/visitor/", visitor | {"next": to}),
        Client().post(f"/demo/coins/{coins}/", {"next": to}),
        bob.post("/account/reauthenticate/", {"password": PASSWORD, "next": to}),
        bob.get("/account/login/", {"next": to}),
        bob.get("/account/signup/", {"next": to}),
        bob.post("/account/logout/", {"next": to}),
    ]
    for answer in answers:
        assert answer.status_code in {200, 302}
        assert _stays(answer), answer.headers["Location"]


@pytest.mark.parametrize("path", ["//evil.example", "/%2F/evil.example", "//evil.example/%2e%2e", "/\\evil.example"])
def test_a_missing_slash_sends_nobody_away(path: str, stage: Stage) -> None:
    answer = Client().generic("GET", "/", PATH_INFO=path)
    assert answer.status_code in {404, 301}
    assert _stays(answer)


# --- hosts and methods ------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver:80@evil.example", "[::1", ""])
def test_another_host_is_refused(host: str, stage: Stage) -> None:
    answer = Client(raise_request_exception=False).get("/account/password/reset/", headers={"Host": host})
    assert answer.status_code == 400
    assert b"evil" not in answer.content


def test_the_link_in_a_letter_is_to_this_site_whatever_the_request_says(stage: Stage) -> None:
    lies = {"X-Forwarded-Host": "evil.example", "X-Host": "evil.example", "Forwarded": "host=evil.example"}
    Client().post("/account/password/reset/", {"email": stage.people["bob"].email}, headers=lies)
    letter = Letter.objects.get(key__startswith="account:")
    assert "/account/password/reset/key/" in letter.body
    assert "evil" not in letter.body + letter.subject


def test_metrics_are_for_this_machine_or_whoever_has_the_token(stage: Stage) -> None:
    assert Client().get("/metrics").status_code == 200
    assert Client(REMOTE_ADDR="203.0.113.9").get("/metrics").status_code == 404
    assert Client().get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
    with override_settings(METRICS_TOKEN="long-enough"):
        for given, status in (("", 404), ("Bearer ", 404), ("Bearer long", 404), ("Bearer long-enough", 200)):
            assert Client().get("/metrics", headers={"Authorization": given}).status_code == status


@pytest.mark.parametrize("who", ["anon", "bob"])
def test_head_is_a_get_without_a_body(who: str, stage: Stage) -> None:
    actor = Actor(who, stage)
    for name, route in ROUTES.items():
        path = address(route, stage)
        read, head = actor.ask("GET", path), actor.ask("HEAD", path)
        assert head.status_code == read.status_code, name
        assert head.streaming or head.content == b"", name
        assert head.headers.get("Location") == read.headers.get("Location"), name


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PATCH", "DELETE", "PROPFIND"])
def test_an_odd_method_does_nothing(method: str, stage: Stage) -> None:
    bob, before = Actor("bob", stage), digest()
    bob.client.handler.enforce_csrf_checks = True

    def ask() -> None:
        for name, route in ROUTES.items():
            status = bob.client.generic(method, address(route, stage)).status_code
            assert status < 500, f"{method} {name}: {status}"

    assert changed_by(ask, before) == set()
