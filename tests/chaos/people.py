"""Who talks to the site: programs by the API, staff by the pages of the admin. Both ask until they are answered."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.chaos.wire import FAILED, ask, send

PATIENCE = 240.0  # seconds for one call or one state; a machine may be busy with other things
PAUSE = 0.2
ACKNOWLEDGED = "acknowledged"  # in a count of answers: intents whose success somebody was told of
BOUNDARY = "between-the-parts"
CSRF = "c" * 32  # the cookie and the header only have to be the same


@dataclass(frozen=True)
class Told:
    """Something that the site answered is done: `what` happened to `about`, so often by now."""

    about: str
    what: str
    times: int = 1


class Person:
    """One account by its token. `answers` counts what came back."""

    def __init__(self, port: int, token: str, answers: Counter[str]) -> None:
        self.port, self.token, self.answers = port, token, answers

    def call(self, method: str, path: str, body: Any, *wanted: int, another_key: bool = False) -> tuple[int, Any]:
        """The answer to one intent, asked again with its key until there is one.

        `another_key`: where a call whose process died keeps its key for minutes, the same is asked with another,
        because it happens only once by itself. All else stands or falls with its key.
        """
        key, end = uuid.uuid4().hex, time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = self._try(method, path, body, key)
            if found is not None:
                status, answer, name = found
                if name == "still_running":
                    key = uuid.uuid4().hex if another_key else key
                elif status < 500 and status != 429:
                    assert status in wanted, (method, path, status, answer)
                    self.answers[ACKNOWLEDGED] += method != "GET" and status < 300
                    return status, answer
            time.sleep(PAUSE)
        raise AssertionError(f"{method} {path} was never answered.")

    def get(self, path: str) -> Any:
        return self.call("GET", path, None, 200)[1]

    def _try(self, method: str, path: str, body: Any, key: str) -> tuple[int, Any, str] | None:
        """(status, answer, the problem's name), or none when there was no answer."""
        headers = {"Authorization": f"Token {self.token}", "Idempotency-Key": key}
        try:
            status, answer = ask(self.port, method, f"/api/v1/{path}", body, headers)
        except FAILED as error:
            self.answers[type(error).__name__] += 1
            return None
        name = str(answer["type"]).rpartition("#")[2] if status >= 400 else ""
        self.answers[f"{status} {name}".strip()] += 1
        return status, answer, name


@dataclass
class Clerk:
    """Somebody in a browser, by the cookie of a session; that of staff showed its second factor."""

    port: int
    session: str
    answers: Counter[str] = field(default_factory=Counter)

    def open(self, path: str) -> bytes:
        """A page, or a file to download."""
        return self._until_answered("GET", path, None)[1]

    def submit(self, path: str, **form: str) -> bool:
        """Whether the page took the form: it then leads to another one."""
        return self._until_answered("POST", path, urlencode(form))[0] == 302

    def upload(self, path: str, file: bytes) -> bool:
        """Whether the page took the file."""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="file.xml"\r\n\r\n'
        body = head.encode() + file + f"\r\n--{BOUNDARY}--\r\n".encode()
        return self._until_answered("POST", path, body, f"multipart/form-data; boundary={BOUNDARY}")[0] == 302

    def _until_answered(
        self, method: str, path: str, body: str | bytes | None, kind: str = "application/x-www-form-urlencoded"
    ) -> tuple[int, bytes]:
        headers = {
            "Cookie": f"sessionid={self.session}; csrftoken={CSRF}",
            "X-CSRFToken": CSRF,
            "Content-Type": kind,
        }
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                status, data = send(self.port, method, path, body, headers)
            except FAILED as error:
                self.answers[type(error).__name__] += 1
            else:
                self.answers[str(status)] += 1
                if status < 500 and status != 429:
                    assert status in {200, 302}, (method, path, status, data[:500])
                    return status, data
            time.sleep(PAUSE)
        raise AssertionError(f"{method} {path} was never answered.")
