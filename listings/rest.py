"""Shapes that answers about listings and orders share: a shop, a photo, a landed cost with its reasons."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from fx.rest import MoneyField
from listings.customs.result import Certainty, Kind, LandedCost, Payer
from listings.models import Photo, Shop


class ShopOut(serializers.ModelSerializer[Shop]):
    class Meta:
        model = Shop
        fields = ("slug", "name", "country", "city", "currency")


class PhotoOut(serializers.ModelSerializer[Photo]):
    src = serializers.CharField()
    large = serializers.CharField()

    class Meta:
        model = Photo
        fields = ("src", "large", "alt", "width", "height")


class ComponentOut(serializers.Serializer[Any]):
    """One line of the bill at the door. `amount` is null exactly when nobody knows it."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in Kind])
    label = serializers.CharField()  # type: ignore[assignment]  # a declared field leaves the class
    amount = MoneyField(allow_null=True)
    why = serializers.CharField()
    certainty = serializers.ChoiceField(choices=[certainty.value for certainty in Certainty])
    payer = serializers.ChoiceField(choices=[payer.value for payer in Payer])
    source = serializers.CharField()  # type: ignore[assignment]


class LandedOut(serializers.Serializer[Any]):
    """The explained bill at the buyer's door. Unless `complete`, the total reads "at least"."""

    on = serializers.DateField()
    incoterm = serializers.CharField()
    total = MoneyField()
    due_now = MoneyField()
    complete = serializers.BooleanField()
    components = ComponentOut(many=True)
    notices = serializers.ListField(child=serializers.CharField())

    def to_representation(self, instance: LandedCost) -> Any:
        return super().to_representation(_flat(instance))


def _flat(landed: LandedCost) -> dict[str, Any]:
    return {
        "on": landed.on,
        "incoterm": landed.incoterm,
        "total": landed.total(),
        "due_now": landed.due_now,
        "complete": landed.complete,
        "components": landed.components,
        "notices": landed.notices,
    }
