"""One careful GET: a time-out for the whole body, a size limit, no redirects."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO

from fx.providers.base import BadRates
from marketplace.lib.clock import now

SECONDS = 8.0
MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Page:
    body: bytes
    sent_at: datetime  # by the server's Date header, never later than now


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A rate feed that moved must be configured anew, not followed to wherever it points."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


def get(url: str, *, seconds: float | None = None, headers: Mapping[str, str] | None = None) -> Page:
    """The page at an http(s) `url`; BadRates for anything but a whole 200 in time."""
    if not url.startswith(("https://", "http://")):
        raise BadRates(f"{url[:60]!r} is not an http address")
    seconds = SECONDS if seconds is None else seconds
    deadline = time.monotonic() + seconds
    said = {"User-Agent": "entrepot", "Accept": "*/*", **(headers or {})}
    request = urllib.request.Request(url, headers=said)  # noqa: S310 - checked above
    try:
        with _opener.open(request, timeout=seconds) as reply:
            if reply.status != 200:
                raise BadRates(f"answered {reply.status}")
            return Page(_read(reply, deadline), _sent_at(reply.headers))
    except urllib.error.HTTPError as error:
        raise BadRates(f"answered {error.code}", wait=_retry_after(error)) from None
    except (OSError, HTTPException) as error:  # URLError and time-outs are OSErrors
        raise BadRates(f"could not be read: {str(error)[:200]}") from None


def _read(reply: HTTPResponse, deadline: float) -> bytes:
    body = b""
    while chunk := reply.read1(16384):
        body += chunk
        if len(body) > MAX_BYTES:
            raise BadRates(f"sent more than {MAX_BYTES} bytes")
        if time.monotonic() > deadline:
            raise BadRates("took too long")
    if reply.length:  # bytes that were promised
        raise BadRates("was cut off")
    return body


def _retry_after(error: urllib.error.HTTPError) -> timedelta | None:
    """What a 429 or 503 asks for: seconds, or a moment (RFC 9110, 10.2.3); none when it says no such thing."""
    said = (error.headers.get("Retry-After") or "").strip()
    if error.code not in {429, 503} or not said:
        return None
    if said.isascii() and said.isdigit():
        return timedelta(seconds=min(int(said[:9]), 10**8))
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(until - now(), timedelta(0))


def _sent_at(headers: HTTPMessage) -> datetime:
    try:
        sent = parsedate_to_datetime(headers.get("Date", ""))
    except ValueError:
        return now()
    return min(now(), sent if sent.tzinfo else sent.replace(tzinfo=UTC))
