"""Every kind of account as a browser, and what an answer to it means in one word."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from functools import partial
from http.cookies import SimpleCookie
from typing import Any, cast

from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from tests.conftest import logged_in
from tests.security.digest import Digest, changed_by
from tests.security.stage import Stage

# anon: nobody. bare: a superuser without a second factor. sam: a seller who was suspended.
ACTORS = ("anon", "alice", "bob", "carmen", "charlie", "sam", "moderator", "finance", "admin", "bare")
STRANGERS = ("anon", "carmen", "charlie", "sam")
STAFF = ("moderator", "finance", "admin")


class Plain(Client):
    """Keeps no record of the templates of each answer, which takes as long as the answer."""

    def request(self, **request: Any) -> Any:
        response: Any = self.handler(self._base_environ(**request))  # type: ignore[attr-defined]
        response.client, response.request = self, request
        response.json = partial(self._parse_json, response)  # type: ignore[attr-defined]
        if response.cookies:
            self.cookies.update(response.cookies)
        return response


class Actor:
    """A browser that is logged in as `name`; each request starts with the same cookies."""

    def __init__(self, name: str, stage: Stage) -> None:
        self.name = name
        self.client = Plain()
        if name != "anon":
            self.client.cookies = self._login(name, stage).cookies
        self.client.raise_request_exception = False
        self.cookies = self.client.cookies.output(header="", sep=";")

    @staticmethod
    def _login(name: str, stage: Stage) -> Client:
        user = stage.people[name]
        if user.is_active:
            return logged_in(user)
        return _session_from_before(stage, name)

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, **more: Any) -> HttpResponse:
        self.client.cookies = SimpleCookie(self.cookies)
        cache.key_prefix = uuid.uuid4().hex  # no test of rates, this
        if path.startswith("/api/"):
            more |= {"content_type": "application/json", "headers": {"Idempotency-Key": f"{time.time()}"}}
        verb = getattr(self.client, method.lower())
        answer: HttpResponse = verb(path, **more) if method == "GET" else verb(path, body or {}, **more)
        return answer

    def post_bytes(self, path: str, body: bytes, kind: str) -> HttpResponse:
        self.client.cookies = SimpleCookie(self.cookies)
        cache.key_prefix = uuid.uuid4().hex
        answer = self.client.generic("POST", path, body, content_type=kind)
        return cast(HttpResponse, answer)

    def keep(self) -> None:
        """Go on with the cookies of now."""
        self.cookies = self.client.cookies.output(header="", sep=";")

    def try_out(
        self, method: str, path: str, body: Mapping[str, Any] | None, before: Digest
    ) -> tuple[str, HttpResponse]:
        """The verdict on a request whose effects are taken back."""
        answers: list[HttpResponse] = []
        point = transaction.savepoint()
        try:
            changed = changed_by(lambda: answers.append(self.ask(method, path, body)), before)
        finally:
            transaction.savepoint_rollback(point)
        return verdict(answers[0], changed), answers[0]


def _session_from_before(stage: Stage, name: str) -> Client:
    """The browser of somebody who was logged in when they were suspended."""
    user = stage.people[name]
    type(user).objects.filter(pk=user.pk).update(is_active=True)
    user.is_active = True
    client = logged_in(user)
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    user.is_active = False
    return client


def verdict(answer: HttpResponse, changed: set[str]) -> str:
    """`done`: allowed, and it changed something. login, 2fa: sent there first. Else the status."""
    code, to = answer.status_code, answer.headers.get("Location", "")
    if changed:
        return "done" if code < 400 else f"{code} but changed {', '.join(sorted(changed))}"
    if code == 302 and to.startswith("/account/login/"):
        return "login"
    if code == 302 and to.startswith("/account/2fa/"):
        return "2fa"
    return str(code)
