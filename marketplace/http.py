"""Request types for the type checker: what the middleware and `login_required` promise."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from marketplace.lib.visitor import Visitor
from marketplace.models import User


class VisitorRequest(HttpRequest):
    """Any request behind `VisitorMiddleware`: `visitor` says where to, in which money and language."""

    visitor: Visitor


class UserRequest(VisitorRequest):
    """A request of somebody who is logged in."""

    user: User


def private_pdf(data: bytes, filename: str) -> HttpResponse:
    """A paper for this reader alone: no cache keeps it."""
    return private_file(data, filename, "application/pdf")


def private_file(data: bytes, filename: str, content_type: str) -> HttpResponse:
    """A file for this reader alone: no cache keeps it."""
    response = HttpResponse(data, content_type=content_type)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Disposition"] = f'inline; filename="{filename}"'
    return response
