"""Exchange rates over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from fx.services import rates_page
from marketplace.rest.views import Operation


class RateOut(serializers.Serializer[Any]):
    currency = serializers.CharField()
    per_eur = serializers.DecimalField(max_digits=36, decimal_places=18, help_text="Units for one euro, mid-market.")
    source = serializers.CharField()  # type: ignore[assignment]  # a declared field leaves the class
    as_of = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=["open", "demo", "stale", "disputed"], help_text="Only open is quoted.")


class RatesOut(serializers.Serializer[Any]):
    rates = RateOut(many=True, source="rows")
    spread_percent = serializers.CharField(source="spread", help_text="What is added between ordinary currencies.")
    coin_spread_percent = serializers.CharField(source="coin_spread", help_text="What is added to pay in a coin.")


class RatesView(Operation):
    """The mid-market rates that prices are converted with, their source and age."""

    permission_classes = [AllowAny]

    @extend_schema(operation_id="rates_list", responses=RatesOut)
    def get(self, request: Request) -> Response:
        return Response(RatesOut(rates_page()).data)
