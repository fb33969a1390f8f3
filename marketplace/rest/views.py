"""What the operations of the API are made of: one class each, its input and output beside it."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.models import User
from marketplace.rest.idempotency import IdempotentView
from marketplace.rest.problems import refusal


class Operation(IdempotentView):
    """`refusals`: the errors of services whose message is for the caller; they are answered with 409."""

    refusals: ClassVar[tuple[type[Exception], ...]] = ()

    def handle_exception(self, exc: Exception) -> Response:
        return super().handle_exception(refusal(exc) if isinstance(exc, self.refusals) else exc)


def valid(request: Request, shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The body as `shape` reads it; ValidationError names the fields that are wrong."""
    bound = shape(data=request.data)
    bound.is_valid(raise_exception=True)
    return cast(dict[str, Any], bound.validated_data)


def me(request: Request) -> User:
    """The caller of an operation that asks for a login."""
    return cast(User, request.user)


def is_schema(view: Any) -> bool:
    """Whether `view` only sits for its description: there is no caller and no row."""
    return bool(getattr(view, "swagger_fake_view", False))
