"""The answers that are not a success, as Stripe words them on the wire."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """Ends a request with `status` and an error object of `type`: invalid_request_error, card_error, api_error..."""

    def __init__(self, status: int, kind: str, message: str, *, code: str = "", param: str = "", **more: Any) -> None:
        super().__init__(message)
        self.status = status
        error = {"type": kind, "message": message, "code": code, "param": param, **more}
        self.body = {"error": {name: value for name, value in error.items() if value != ""}}


def invalid(message: str, *, code: str = "", param: str = "", **more: Any) -> ApiError:
    return ApiError(400, "invalid_request_error", message, code=code, param=param, **more)


def missing(kind: str, name: str) -> ApiError:
    return ApiError(
        404,
        "invalid_request_error",
        f"No such {kind.replace('.', ' ')}: '{name}'",
        code="resource_missing",
        param="id",
    )
