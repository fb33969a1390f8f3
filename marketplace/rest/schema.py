"""The OpenAPI schema says what really happens: problem answers, the Idempotency-Key header, no unknown fields."""

from __future__ import annotations

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
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
        "errors": {"type": "object", "additionalProperties": {}},
    },
    "required": ["type", "title", "status", "detail"],
}
PROBLEM_REF = {"$ref": "#/components/schemas/Problem"}
KEY = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}
KEY_ABOUT = "Names this one intent: 1 to 255 printable ASCII characters. A repeated call gets the first one's answer."
READING = {
    "400": "The request cannot be read, or a parameter is wrong.",
    "401": "Not logged in, or the token is wrong.",
    "404": "There is no such thing, or it is not yours.",
    "405": "Not with this method.",
    "406": "Only application/json is spoken.",
    "429": "Too many calls; see Retry-After.",
    "503": "The database is busy; see Retry-After.",
}
WRITING = {
    "400": "The body cannot be read, a field is wrong, or the Idempotency-Key is missing.",
    "403": "Not yours to do, or the CSRF token of a session is missing.",
    "409": "Cannot be done now; nothing was changed. `type` says which reason.",
    "413": "The body is too long.",
    "415": "Send application/json.",
    "422": "The Idempotency-Key was used for another request.",
}


class Schema(AutoSchema):
    def get_override_parameters(self) -> list[Any]:
        parameters = list(super().get_override_parameters())
        if self._is_keyed():
            parameters.append(
                OpenApiParameter(HEADER, KEY, OpenApiParameter.HEADER, required=True, description=KEY_ABOUT)
            )
        return parameters

    def _is_keyed(self) -> bool:
        return self.method != "GET" and isinstance(self.view, IdempotentView)

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        for code, about in (READING | (WRITING if self._is_keyed() else {})).items():
            responses.setdefault(code, {"description": about, "content": {MEDIA_TYPE: {"schema": PROBLEM_REF}}})
        return dict(sorted(responses.items()))


def finish(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Bodies have the fields that are named and no others, see `fields.Input`; and the shape of every problem."""
    schemas = result["components"]["schemas"]
    for name, schema in schemas.items():
        if name.endswith("Request"):
            schema["additionalProperties"] = False
    schemas["Problem"] = PROBLEM
    return result
