"""Money in the API: `{"amount": "10.00", "currency": "EUR"}`, texts, never floats."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from fx.money import Money, MoneyError

SCHEMA = {
    "type": "object",
    "properties": {
        "amount": {"type": "string", "pattern": r"^-?\d{1,15}(\.\d{1,8})?$", "example": "10.00"},
        "currency": {"type": "string", "pattern": "^[A-Z]{3,4}$", "example": "EUR"},
    },
    "required": ["amount", "currency"],
}


@extend_schema_field(SCHEMA)
class MoneyField(serializers.Field[Money, Any, dict[str, str], Any]):
    """Reads and writes Money; refuses numbers, signs, exponents, too many decimals and unknown currencies."""

    def to_representation(self, value: Money) -> dict[str, str]:
        return value.json()

    def to_internal_value(self, data: Any) -> Money:
        if (
            not isinstance(data, dict)
            or set(data) != {"amount", "currency"}
            or not all(isinstance(v, str) for v in data.values())
        ):
            raise serializers.ValidationError('Send money as {"amount": "10.00", "currency": "EUR"}, both texts.')
        try:
            return Money.parse(data["amount"], data["currency"])
        except MoneyError as error:
            raise serializers.ValidationError(str(error)) from None
