"""A program that calls the API: JSON in, JSON out, a new Idempotency-Key for each unsafe call."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.test import Client
from rest_framework.authtoken.models import Token

from marketplace.models import User

ROOT = "/api/v1/"
PROBLEM = "application/problem+json"


class Caller:
    """`token`: of an account; without one, or with a client that is logged in, the session counts."""

    def __init__(self, token: str = "", client: Client | None = None) -> None:
        self.client = client or Client()
        self.headers = {"Authorization": f"Token {token}"} if token else {}

    def get(self, path: str, query: dict[str, str] | None = None, *, status: int = 200) -> Any:
        return self._checked(self.client.get(ROOT + path, query, headers=self.headers), status)

    def post(self, path: str, body: Any = None, status: int = 200, *, key: str = "") -> Any:
        return self._checked(self.send("POST", path, body, key=key), status)

    def put(self, path: str, body: Any = None, status: int = 200, *, key: str = "") -> Any:
        return self._checked(self.send("PUT", path, body, key=key), status)

    def send(self, method: str, path: str, body: Any = None, *, key: str = "", kind: str = "application/json") -> Any:
        """The whole answer. `body` is made JSON unless it is text or bytes."""
        data = body if isinstance(body, str | bytes) else json.dumps({} if body is None else body)
        headers = {**self.headers, "Idempotency-Key": key or uuid.uuid4().hex}
        return self.client.generic(method, ROOT + path, data, content_type=kind, headers=headers)

    def _checked(self, answer: Any, status: int) -> Any:
        assert answer.status_code == status, (answer.status_code, answer.content[:1000])
        assert answer["Content-Type"] == ("application/json" if status < 400 else PROBLEM)
        data = json.loads(answer.content)
        if status >= 400:
            assert (data["status"], set(data) >= {"type", "title", "detail"}) == (status, True)
        return data


def by_token(user: User) -> Caller:
    return Caller(Token.objects.get_or_create(user=user)[0].key)


def name_of(problem: dict[str, Any]) -> str:
    """What a program reads of a problem: the end of its type."""
    return str(problem["type"]).rpartition("#")[2]
