"""Request types for the type checker: what the middleware and `login_required` promise."""

from __future__ import annotations

from django.http import HttpRequest

from marketplace.lib.visitor import Visitor
from marketplace.models import User


class VisitorRequest(HttpRequest):
    """Any request behind `VisitorMiddleware`: `visitor` says where to, in which money and language."""

    visitor: Visitor


class UserRequest(VisitorRequest):
    """A request of somebody who is logged in."""

    user: User
