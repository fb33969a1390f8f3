"""The OpenAPI schema says what really happens: problem answers and the Idempotency-Key header."""

from __future__ import annotations

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from marketplace.rest.idempotency import HEADER, IdempotentView
from marketplace.rest.problems import MEDIA_TYPE

PROBLEM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": True},
    },
    "required": ["type", "title", "status", "detail"],
}
ALWAYS = {
    "400": "The request cannot be read or a field is wrong.",
    "401": "Not logged in.",
    "403": "Not yours to do.",
    "404": "There is no such thing, or it is not yours.",
    "406": "Only application/json is spoken.",
    "429": "Too many calls; see Retry-After.",
}
UNSAFE = {
    "409": "Cannot be done in this state; nothing was changed.",
    "415": "Send application/json.",
    "422": "The Idempotency-Key was used for another request.",
}


class Schema(AutoSchema):
    def get_override_parameters(self) -> list[Any]:
        parameters = list(super().get_override_parameters())
        if self._is_keyed():
            about = "Names this one intent, 1 to 255 printable ASCII characters. A repeated call gets the first answer."
            parameters.append(
                OpenApiParameter(
                    HEADER,
                    OpenApiTypes.STR,
                    OpenApiParameter.HEADER,
                    required=True,
                    description=about,
                )
            )
        return parameters

    def _is_keyed(self) -> bool:
        return self.method != "GET" and isinstance(self.view, IdempotentView)

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        for code, about in (ALWAYS | (UNSAFE if self._is_keyed() else {})).items():
            responses.setdefault(code, {"description": about, "content": {MEDIA_TYPE: {"schema": PROBLEM}}})
        return responses
