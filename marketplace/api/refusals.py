"""Every kind of problem by the name in its `type`, for the page that explains the API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fx.errors import FxError
from listings.errors import ListingError
from marketplace.rest.problems import name_of
from orders.errors import OrderRefused
from payments.errors import PaymentError

GENERAL = (
    (400, "parse_error", "The body is not plain JSON in UTF-8, or has what JSON lets through and books do not."),
    (400, "invalid", "Fields are wrong; `errors` names each."),
    (400, "idempotency_key_missing", "An unsafe call needs the Idempotency-Key header."),
    (401, "not_authenticated", "Log in, or send `Authorization: Token …`."),
    (401, "authentication_failed", "The token is wrong or was revoked."),
    (403, "permission_denied", "Not yours to do; of a session: send the CSRF token."),
    (404, "not_found", "There is no such thing, or it is not yours."),
    (404, "no_shop", "You have no shop yet."),
    (405, "method_not_allowed", "Not with this method."),
    (406, "not_acceptable", "Only application/json is spoken."),
    (409, "still_running", "The first call with this Idempotency-Key has not ended."),
    (413, "too_large", "The body is too long."),
    (415, "unsupported_media_type", "Send application/json."),
    (422, "idempotency_key_reused", "This Idempotency-Key belongs to another request."),
    (429, "throttled", "Too many calls; Retry-After says how long to wait."),
    (503, "busy", "The database is busy; Retry-After says how long to wait."),
)
BASES: tuple[type[Exception], ...] = (OrderRefused, FxError, ListingError, PaymentError)


@dataclass(frozen=True, slots=True)
class Problem:
    status: int
    name: str
    about: str


def problems() -> list[Problem]:
    """The general ones by status, then what services refuse."""
    general = [Problem(*row) for row in GENERAL]
    refused = [Problem(409, name_of(kind), _about(kind)) for base in BASES for kind in _family(base)]
    return sorted(general + refused, key=lambda problem: problem.status)


def _family(base: type[Exception]) -> Iterator[type[Exception]]:
    yield base
    for kind in base.__subclasses__():
        yield from _family(kind)


def _about(kind: type[Exception]) -> str:
    own = kind.__doc__ if "__doc__" in vars(kind) and kind.__doc__ else ""
    return " ".join(own.split()) or "`detail` says why, and the way out."
