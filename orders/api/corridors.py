"""The corridor board as data."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from fx.rest import MoneyField
from orders.api.operation import OpenOperation
from orders.corridors.page import board


class CorridorOut(serializers.Serializer[Any]):
    """Basis points of what the buyer paid. All figures are null with fewer than three orders."""

    seller_country = serializers.CharField(source="cost.seller_country")
    buyer_country = serializers.CharField(source="cost.buyer_country")
    rail = serializers.CharField(source="cost.rail")
    orders = serializers.IntegerField(source="cost.orders", allow_null=True)
    median_bps = serializers.IntegerField(source="cost.median_bps", allow_null=True)
    p90_bps = serializers.IntegerField(source="cost.p90_bps", allow_null=True)
    processor_bps = serializers.IntegerField(source="cost.processor_bps", allow_null=True, help_text="Median.")
    exchange_bps = serializers.IntegerField(source="cost.exchange_bps", allow_null=True, help_text="Median.")
    platform_bps = serializers.IntegerField(source="cost.platform_bps", allow_null=True, help_text="Median.")
    netting_bps = serializers.IntegerField(
        source="cost.netting_bps",
        allow_null=True,
        help_text="What netting saved, median; null below three orders in windows.",
    )
    netting_live = serializers.BooleanField(
        source="cost.netting_live", allow_null=True, help_text="Whether it was booked; else it would have been saved."
    )


class PublishedOut(serializers.Serializer[Any]):
    """What another way to sell publishes for one order of this size."""

    name = serializers.CharField()
    order = MoneyField()
    bps = serializers.IntegerField()
    made_of = serializers.CharField()
    as_of = serializers.DateField()
    source = serializers.CharField()  # type: ignore[assignment]  # a declared field leaves the class
    confidence = serializers.CharField()


class BoardOut(serializers.Serializer[Any]):
    corridors = CorridorOut(many=True, source="cells")
    published = PublishedOut(many=True)
    measured_at = serializers.DateTimeField(allow_null=True)
    empty = serializers.CharField(help_text="Why there are no corridors, in words.")


class CorridorsView(OpenOperation):
    """What selling from one country to another cost in the last year, by rail, measured from the books."""

    @extend_schema(
        operation_id="corridors_list",
        responses=BoardOut,
        parameters=[
            OpenApiParameter("from", str, description="The seller's country, like IN."),
            OpenApiParameter("to", str, description="The buyer's country, like DE."),
        ],
    )
    def get(self, request: Request) -> Response:
        asked = request.query_params
        shown = board(seller=asked.get("from", ""), buyer=asked.get("to", ""), language=get_language() or "en")
        return Response(BoardOut(shown).data)
