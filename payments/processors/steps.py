"""What the buyer does next, for the pay page that all plug-ins share: `Update(..., client=Redirect(url).client)`.

A step is checked when it is made, by `Refused`: an address that a browser must not open never reaches a page.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlsplit

from payments.processors.base import Refused

KEY = "step"
LONGEST_URL = 2000
LONGEST_TEXT = 2000
MOST = 30  # rows, or fields of a form
LONGEST_QR = 1200  # bytes: more is too fine for a phone's camera
_CONTROL = re.compile(r"[\x00-\x1f\x7f\s]")


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go to the provider's page at `url`, by a link, and come back to `return_url`."""

    kind: ClassVar[str] = "redirect"
    url: str

    def __post_init__(self) -> None:
        _address(self.url)

    @property
    def client(self) -> dict[str, Any]:
        return {KEY: {"kind": self.kind, "url": self.url}}


@dataclass(frozen=True, slots=True)
class Form:
    """Post `fields` to the provider's page at `url`. The content policy allows its host by itself."""

    kind: ClassVar[str] = "form"
    url: str
    fields: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _address(self.url)
        _texts([*self.fields, *self.fields.values()], 2 * MOST)

    @property
    def client(self) -> dict[str, Any]:
        return {KEY: {"kind": self.kind, "url": self.url, "fields": dict(self.fields)}}


@dataclass(frozen=True, slots=True)
class Show:
    """What to type into an app or say at a counter: `rows` of a word and its value, `qr` what a code holds."""

    kind: ClassVar[str] = "show"
    rows: Sequence[tuple[str, str]] = ()
    text: str = ""
    qr: str = ""

    def __post_init__(self) -> None:
        _texts([self.text, *(cell for row in self.rows for cell in row)], 2 * MOST + 1)
        if len(self.qr.encode()) > LONGEST_QR:
            raise Refused(f"A QR code of {len(self.qr.encode())} bytes is too fine to read; {LONGEST_QR} are the most.")

    @property
    def client(self) -> dict[str, Any]:
        rows = [[word, value] for word, value in self.rows]
        return {KEY: {"kind": self.kind, "rows": rows, "text": self.text, "qr": self.qr}}


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing more to do here: `text` says what happens elsewhere, such as in the buyer's app."""

    kind: ClassVar[str] = "wait"
    text: str = ""

    def __post_init__(self) -> None:
        _texts([self.text], 1)

    @property
    def client(self) -> dict[str, Any]:
        return {KEY: {"kind": self.kind, "text": self.text}}


Step = Redirect | Form | Show | Wait
_READ: dict[str, Callable[[Mapping[str, Any]], Step]] = {
    "redirect": lambda kept: Redirect(kept["url"]),
    "form": lambda kept: Form(kept["url"], kept["fields"]),
    "show": lambda kept: Show(tuple((word, value) for word, value in kept["rows"]), kept["text"], kept["qr"]),
    "wait": lambda kept: Wait(kept["text"]),
}


def step_of(client: Mapping[str, Any]) -> Step:
    """The step that a payment's `client` keeps. Waiting, where it keeps none."""
    kept = client.get(KEY)
    return _READ[kept["kind"]](kept) if kept else Wait()


def host_of(step: Step) -> str:
    """Where a form of this step is sent, as the content policy writes it; empty for all other steps."""
    if not isinstance(step, Form):
        return ""
    parts = urlsplit(step.url)
    return f"{parts.scheme}://{parts.netloc}"


def _address(url: str) -> None:
    """https, or http on this machine for doubles; no password, no blank, no quote in it."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except (ValueError, AttributeError) as error:
        raise Refused(f"{str(url)[:80]!r} is no address: {error}.") from error
    safe = parts.scheme == "https" or (parts.scheme == "http" and _is_here(host))
    if not host or not safe or "@" in parts.netloc or _CONTROL.search(url) or len(url) > LONGEST_URL:
        raise Refused(f"{url[:80]!r} is no address that a buyer is sent to: it has to begin with https://.")
    if not re.fullmatch(r"[\w.\-:\[\]]+", parts.netloc, re.ASCII):
        raise Refused(f"{parts.netloc[:80]!r} is no host. Write international names in their xn-- form.")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _texts(texts: Sequence[object], most: int) -> None:
    if len(texts) > most or any(not isinstance(text, str) or len(text) > LONGEST_TEXT for text in texts):
        raise Refused(f"A step has at most {MOST} rows of texts of {LONGEST_TEXT} signs.")
