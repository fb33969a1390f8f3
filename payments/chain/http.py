"""One HTTP exchange with a chain's server: time-outs, a size limit, no redirects, no proxies from the environment."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from payments.processors.base import Refused, Unavailable

MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


def split(url: str, setting: str) -> SplitResult:
    """The parts of a server's URL; Refused when it is none. The message never repeats a password."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refused(f"{setting} is not a URL like http://user:password@127.0.0.1:8332.")
    return parts


def exchange(
    server: SplitResult,
    path: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 10,
) -> Answer:
    """Ask once. Unavailable when no whole answer came in time."""
    kind = http.client.HTTPSConnection if server.scheme == "https" else http.client.HTTPConnection
    connection = kind(str(server.hostname), server.port, timeout=timeout)
    try:
        target = server.path.rstrip("/") + path + (f"?{server.query}" if server.query else "")
        connection.request(method, target, body, dict(headers or {}))
        response = connection.getresponse()
        content = response.read(MAX_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise Unavailable(
            f"{server.hostname}:{server.port} did not answer: {error!r}. It will be asked again."
        ) from error
    finally:
        connection.close()
    if len(content) > MAX_BYTES:
        raise Unavailable(f"{server.hostname}:{server.port} answered with more than {MAX_BYTES} bytes.")
    return Answer(response.status, content)
