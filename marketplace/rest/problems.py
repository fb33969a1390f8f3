"""Every error answer is a problem (RFC 9457): type, title, status, detail, and the fields that are wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

MEDIA_TYPE = "application/problem+json"
DOCS = "/api/v1/docs/"


class Refused(exceptions.APIException):
    """The request was understood and cannot be done; `detail` says why and the way out. 409."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "refused"


def refusal(error: Exception) -> Refused:
    """What a service refused, in its own words; QuoteExpired is the problem `quote_expired`."""
    return Refused(str(error), name_of(type(error)))


def name_of(error: type[Exception]) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", error.__name__).lower()


# What Django and the database say when a check let something through: never a 500.
LET_THROUGH: dict[type[Exception], tuple[int, str, StrPromise]] = {
    RequestDataTooBig: (413, "too_large", _("The body is too long. Send less at a time.")),
    SuspiciousOperation: (400, "bad_request", _("The request cannot be read.")),
    BadRequest: (400, "bad_request", _("The request cannot be read.")),
    UnreadablePostError: (400, "bad_request", _("The body ended too early.")),
    DataError: (400, "database", _("A value is outside what can be stored. Send a smaller or plainer one.")),
    IntegrityError: (409, "database", _("This clashes with what is there already. Read it again and retry.")),
    InterfaceError: (503, "busy", _("The database is not there. Try again in a few seconds.")),
    OperationalError: (503, "busy", _("The database is busy. Try again in a few seconds.")),
}
BUSY_SECONDS = "2"


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    for kind, (code, name, detail) in LET_THROUGH.items():
        if isinstance(error, kind):
            set_rollback()
            headers = {"Retry-After": BUSY_SECONDS} if code == 503 else None
            return Response(problem(code, name, str(detail)), code, headers=headers, content_type=MEDIA_TYPE)
    response = exception_handler(error, context)
    if response is None:
        return None
    response.data = _body(error, response)
    response.content_type = MEDIA_TYPE
    return response


def _body(error: Exception, response: Response) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        detail = str(_("Some fields are wrong. Nothing was changed."))
        errors = response.data if isinstance(response.data, dict) else {"body": response.data}
        return problem(400, "invalid", detail) | {"errors": errors}
    if isinstance(error, Http404):
        return problem(404, "not_found", str(_("There is no such thing, or it is not yours.")))
    if isinstance(error, PermissionDenied):
        return problem(403, "permission_denied", str(_("This is not yours to do.")))
    assert isinstance(error, exceptions.APIException)
    codes = error.get_codes()
    return problem(response.status_code, codes if isinstance(codes, str) else "error", str(error.detail))


def problem(code: int, name: str, detail: str) -> dict[str, Any]:
    return {
        "type": f"{DOCS}#{name}",
        "title": name.replace("_", " "),
        "status": code,
        "detail": detail,
    }
