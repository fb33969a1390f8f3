"""What the API reads: exactly the type that the schema says, and no field that it does not know.

REST framework's own fields also take numbers for texts, "yes" for true, Arabic digits and `1_000` for numbers.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.lib.places import is_country

MOST_NAMED = 5  # unknown fields that an answer names


class Input(serializers.Serializer[Any]):
    """The body of an unsafe call. A field that it does not have is an error, never ignored."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(data) - set(self.fields))[:MOST_NAMED] if isinstance(data, dict) else []
        if unknown:
            raise serializers.ValidationError({name[:60]: [_("There is no such field here.")] for name in unknown})
        return super().to_internal_value(data)


class Nothing(Input):
    """No fields: send {}."""


class Text(serializers.CharField):
    """A JSON text; surrounding blanks are cut."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class Email(serializers.EmailField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class Whole(serializers.IntegerField):
    """A JSON number without a fraction; no text, no true."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return data


class YesNo(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=str(data)[:40])
        return data


class Identifier(serializers.UUIDField):
    """A UUID with dashes, as answers write it."""

    def to_internal_value(self, data: Any) -> uuid.UUID:
        if not isinstance(data, str) or len(data) != 36:
            self.fail("invalid", value=str(data)[:40])
        return uuid.UUID(str(super().to_internal_value(data)))


@extend_schema_field({"type": "string", "pattern": "^[A-Z]{2}$", "example": "DE"})
class Country(serializers.CharField):
    """An ISO 3166-1 alpha-2 code of a country that has an address."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or not is_country(data):
            raise serializers.ValidationError(_("This is no country. Send an ISO 3166-1 code like DE."))
        return data
