"""One HTTP exchange with Zwin, and which of the four errors its failure is.

What decides is whether Zwin may have done it. Before the request has left, and for 429 and 503, by which Zwin promises
that nothing was done, it is `Unavailable`. After that, for anything but a clear answer, it is `Unknown`: Entrepôt then
looks by the key before it asks again. Reading changes nothing, so a failed read is always `Unavailable`.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from payments.processors import Declined, Refused, Unavailable, Unknown

LONGEST = 4 * 1024 * 1024  # bytes of an answer
NOTHING_DONE = {429, 503}


class Client:
    """`url` is https, or http on this machine; `seconds` for each wait on the wire."""

    def __init__(self, url: str, api_key: str, *, seconds: float) -> None:
        parts = urlsplit(url)
        if not parts.hostname or (parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}):
            raise ValueError(f"{url!r} is no address of Zwin's API: it has to begin with https://.")
        self.server, self.api_key, self.seconds = parts, api_key, seconds

    def post(self, path: str, asked: Mapping[str, Any], *, key: str) -> dict[str, Any]:
        """Do it once per `key`. Raises any of the four errors."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        status, body = self._exchange("POST", path, json.dumps(asked).encode(), headers)
        if status in NOTHING_DONE:
            raise Unavailable(f"Zwin is busy ({status}) for {path}. It will be asked again.")
        if status == 402:
            raise Declined(_reason(body))
        if 400 <= status < 500:
            raise Refused(f"Zwin refuses {path} ({status}): {_reason(body)}")
        answer = _json(body)
        if not 200 <= status < 300 or answer is None:
            raise Unknown(f"Zwin answered {path} with {status} and nothing clear. It will be looked up by {key}.")
        return answer

    def get(self, path: str) -> dict[str, Any] | None:
        """None where Zwin has no such thing."""
        try:
            status, body = self._exchange("GET", path, None, {})
        except Unknown as error:
            raise Unavailable(str(error)) from error
        if status == 404:
            return None
        if 400 <= status < 500 and status not in NOTHING_DONE:
            raise Refused(f"Zwin refuses to show {path} ({status}): {_reason(body)}")
        answer = _json(body)
        if status != 200 or answer is None:
            raise Unavailable(f"Zwin answered {path} with {status} and nothing clear. It will be asked again.")
        return answer

    def _exchange(self, verb: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        kind = http.client.HTTPSConnection if self.server.scheme == "https" else http.client.HTTPConnection
        line = kind(str(self.server.hostname), self.server.port, timeout=self.seconds)
        try:
            try:
                line.connect()
            except (OSError, ssl.SSLError) as error:
                raise Unavailable(f"Zwin cannot be reached: {error}. It will be asked again.") from error
            target = self.server.path.rstrip("/") + path
            line.request(verb, target, body, {"Authorization": f"Bearer {self.api_key}", **headers})
            answer = line.getresponse()
            content = answer.read(LONGEST + 1)
        except (OSError, http.client.HTTPException) as error:
            raise Unknown(f"Zwin's answer to {path} was lost: {error!r}.") from error
        finally:
            line.close()
        if len(content) > LONGEST:
            raise Unknown(f"Zwin's answer to {path} has more than {LONGEST} bytes.")
        return answer.status, content


def _json(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _reason(body: bytes) -> str:
    return str((_json(body) or {}).get("error", "no reason given"))[:200]
