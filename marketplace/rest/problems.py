"""Every error answer is a problem (RFC 9457): type, title, status, detail, and the fields that are wrong."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

MEDIA_TYPE = "application/problem+json"


class Refused(exceptions.APIException):
    """The request was understood and cannot be done; `detail` says why and the way out. 409."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "refused"


# What the database says when a check let something through: never a 500.
DATABASE: dict[type[Exception], tuple[int, str]] = {
    DataError: (400, "A value is outside what can be stored. Send a smaller or plainer one."),
    IntegrityError: (409, "This clashes with what is there already. Read it again and retry."),
    OperationalError: (503, "The database is busy. Try again in a few seconds."),
}


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    for kind, (code, detail) in DATABASE.items():
        if isinstance(error, kind):
            set_rollback()
            headers = {"Retry-After": "2"} if code == 503 else None
            return Response(problem(code, "database", detail), code, headers=headers, content_type=MEDIA_TYPE)
    response = exception_handler(error, context)
    if response is None:
        return None
    response.data = _body(error, response)
    response.content_type = MEDIA_TYPE
    return response


def _body(error: Exception, response: Response) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        detail = "Some fields are wrong. Nothing was changed."
        return problem(response.status_code, "invalid", detail) | {"errors": response.data}
    if isinstance(error, Http404):
        return problem(404, "not_found", "There is no such thing, or it is not yours.")
    if isinstance(error, PermissionDenied):
        return problem(403, "permission_denied", "This is not yours to do.")
    assert isinstance(error, exceptions.APIException)
    codes = error.get_codes()
    return problem(response.status_code, codes if isinstance(codes, str) else "error", str(error.detail))


def problem(code: int, name: str, detail: str) -> dict[str, Any]:
    return {
        "type": f"/api/problems/{name}",
        "title": name.replace("_", " "),
        "status": code,
        "detail": detail,
    }
