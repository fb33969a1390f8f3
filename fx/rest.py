"""Money in the API: `{"amount": "10.00", "currency": "EUR"}`, texts, never floats."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from fx.money import Money, MoneyError


def _shape(amount: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "amount": {"type": "string", "pattern": amount, "example": "10.00"},
            "currency": {"type": "string", "pattern": "^[A-Z]{3,4}$", "example": "EUR"},
        },
        "required": ["amount", "currency"],
        "additionalProperties": False,
    }


@extend_schema_field(_shape(r"^-?[0-9]{1,19}(\.[0-9]{1,8})?$"), component_name="Money")
class MoneyField(serializers.Field[Money, Any, dict[str, str], Any]):
    """Money in an answer: as many decimals as its currency has."""

    def to_representation(self, value: Money) -> dict[str, str]:
        return value.json()


@extend_schema_field(_shape(r"^[0-9]{1,15}(\.[0-9]{1,8})?$"), component_name="Amount")
class AmountField(MoneyField):
    """Money in a body; refuses numbers, signs, exponents, other digits, too many decimals and unknown currencies."""

    def to_internal_value(self, data: Any) -> Money:
        if not isinstance(data, dict) or set(data) != {"amount", "currency"}:
            raise serializers.ValidationError(_('Send money as {"amount": "10.00", "currency": "EUR"}.'))
        if not all(isinstance(part, str) for part in data.values()):
            raise serializers.ValidationError(_('Amount and currency are texts, like {"amount": "10.00", ...}.'))
        try:
            return Money.parse(data["amount"], data["currency"])
        except MoneyError as error:
            raise serializers.ValidationError(str(error)) from None
