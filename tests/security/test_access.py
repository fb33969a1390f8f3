"""Every address of the site, asked by every kind of account, against the table in expectations.py."""

from __future__ import annotations

import re

import pytest
from django.contrib import admin
from django.http import HttpResponse

from tests.security.actors import ACTORS, STRANGERS, Actor
from tests.security.bodies import body
from tests.security.digest import Digest, digest
from tests.security.expectations import ADMIN_ACTIONS, ADMIN_TABLES, TABLE, expected
from tests.security.routes import ADMIN, address, can_be_missing, routes
from tests.security.stage import Stage

pytestmark = pytest.mark.django_db
ROUTES = {route.name: route for route in routes()}
OBJECT_SHORTCUT = re.compile(r"admin/\w+/\w+/<path:object_id>/$")  # only sends on to …/change/
ROWS = [name for name in ROUTES if name in TABLE]
TABLES = [name for name in ROUTES if (match := ADMIN.fullmatch(name)) and f"{match[1]}_{match[2]}" in ADMIN_TABLES]
ROLES = ("moderator", "finance", "admin")
ADMIN_ACTORS = ("bob", "bare", *ROLES)  # the first two are stopped before any page: once per table is enough

FEW = ("anon", "alice", "bob", "admin")  # for a method that nobody has: the answer comes before anybody is looked at


@pytest.fixture(scope="package")
def actors(_built: Stage) -> dict[str, Actor]:
    return {name: Actor(name, _built) for name in ACTORS}


@pytest.fixture(scope="package")
def before(_built: Stage, actors: dict[str, Actor]) -> Digest:
    return digest()


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    named = {name for name in ROUTES if not OBJECT_SHORTCUT.fullmatch(name)}
    assert named - set(ROWS) - set(TABLES) == set(), "add a row to tests/security/expectations.py"
    assert set(TABLE) - named == set()
    tables = {"_".join(match.groups()[:2]) for name in TABLES if (match := ADMIN.fullmatch(name))}
    assert set(ADMIN_TABLES) == tables


@pytest.mark.parametrize("name", ROWS)
def test_each_account_gets_what_the_table_says(
    name: str, stage: Stage, actors: dict[str, Actor], before: Digest
) -> None:
    route, (reading, changing) = ROUTES[name], TABLE[name]
    path, (method, changes) = address(route, stage), expected(changing)
    reads, got = expected(reading)[1], {}
    for verb, verdicts in (("GET", reads), (method, changes)):
        for who in FEW if set(verdicts.values()) == {"405"} else ACTORS:
            sent = None if verb == "GET" else body(name, stage)
            got[verb, who], answer = actors[who].try_out(verb, path, sent, before)
            if who in STRANGERS and "token" not in route.parameters:
                _shows_no_secret(answer, who, stage)
    asked = {"GET": reads, method: changes}
    assert got == {(verb, who): asked[verb][who] for verb, who in got}


@pytest.mark.parametrize("name", [name for name in ROWS if can_be_missing(ROUTES[name])])
def test_what_does_not_exist_looks_like_what_is_anothers(
    name: str, stage: Stage, actors: dict[str, Actor], before: Digest
) -> None:
    path, (method, _changes) = address(ROUTES[name], stage, there=False), expected(TABLE[name][1])
    for who in ("anon", "bob", "alice", "charlie"):
        for verb in ("GET", method):
            found = actors[who].try_out(verb, path, body(name, stage), before)[0]
            assert found in {"404", "405", "login", "401", "403"}, f"{verb} by {who}: {found}"


@pytest.mark.parametrize("name", TABLES)
def test_each_role_gets_its_tables_of_the_admin(
    name: str, stage: Stage, actors: dict[str, Actor], before: Digest
) -> None:
    match = ADMIN.fullmatch(name)
    assert match
    table, page = f"{match[1]}_{match[2]}", match[3]
    path = address(ROUTES[name], stage)
    for who in ADMIN_ACTORS if page == "changelist" else ROLES:
        assert _got(actors[who].try_out("GET", path, None, before)[0]) == _admin_get(table, page, who), f"GET by {who}"
        if page in {"change", "add", "delete"}:
            found = _got(actors[who].try_out("POST", path, None, before)[0])
            assert found == _admin_post(table, page, who), f"POST by {who}"


def _got(verdict: str) -> str:
    """A page, or the list that what is not there sends back to."""
    return "shown" if verdict in {"200", "302"} else verdict


def _admin_get(table: str, page: str, who: str) -> str:
    right = {"add": "add", "delete": "delete"}.get(page, "look")
    return _allowed(table, right, who)


def _admin_post(table: str, page: str, who: str) -> str:
    return _allowed(table, {"add": "add", "delete": "delete", "change": "edit"}[page], who)


def _allowed(table: str, right: str, who: str) -> str:
    if who == "bare":
        return "2fa"
    return "shown" if who in ADMIN_TABLES[table].get(right, "").split(",") else "403"


def test_each_role_is_offered_its_actions_of_the_admin(stage: Stage, actors: dict[str, Actor]) -> None:
    offered: dict[str, set[str]] = {}
    for table in ADMIN_TABLES:
        for who in ROLES:
            page = actors[who].ask("GET", f"/admin/{table.replace('_', '/', 1)}/")
            for action in re.findall(r'<option value="(\w+)"', page.content.decode()):
                if action in _own_actions(table):
                    offered.setdefault(f"{table} {action}", set()).add(who)
    assert offered == {action: set(who.split(",")) for action, who in ADMIN_ACTIONS.items()}


def _own_actions(table: str) -> set[str]:
    site_admin = next(
        found
        for model, found in admin.site._registry.items()
        if model._meta.db_table == table or f"{model._meta.app_label}_{model._meta.model_name}" == table
    )
    return {action if isinstance(action, str) else action.__name__ for action in site_admin.actions or ()}


@pytest.mark.parametrize("who", ["bob", "moderator", "finance"])
def test_an_action_that_is_not_offered_does_nothing(
    who: str, stage: Stage, actors: dict[str, Actor], before: Digest
) -> None:
    for named, allowed in ADMIN_ACTIONS.items():
        if who in allowed.split(","):
            continue
        table, action = named.split()
        sent = {"action": action, "_selected_action": "1", "reason": "Because", "select_across": "1"}
        found = actors[who].try_out("POST", f"/admin/{table.replace('_', '/', 1)}/", sent, before)[0]
        assert found in {"403", "200", "302"}, f"{named}: {found}"


def test_the_api_takes_no_method_without_a_row() -> None:
    for name, route in ROUTES.items():
        if name.startswith("api:") and (view := getattr(route.view, "cls", None)):
            takes = {verb.upper() for verb in view.http_method_names if hasattr(view, verb)}
            method, _who = expected(TABLE[name][1])
            assert takes <= {"GET", "HEAD", "OPTIONS", method}, name


def _shows_no_secret(answer: HttpResponse, who: str, stage: Stage) -> None:
    """Nothing of Alice's and Bob's in what a stranger gets, headers and cookies too."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    text = content.decode("utf-8", "replace") + str(answer.headers) + str(answer.cookies)
    found = {word.lower() for word in re.findall(r"canary-(\w+)", text, re.IGNORECASE)} - {who}
    assert not found, f"{who} read what is {found}'s"
    for secret, readers in stage.secrets().items():
        assert who in readers or secret not in text, f"{who} read {secret}"
