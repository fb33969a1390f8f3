"""Receipts of what you bought: the data and the PDF, both as they were issued."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from fx.rest import MoneyField
from orders.api.bought import BuyerOperation
from orders.receipts import issuing, showing
from orders.receipts.body import read
from payments.models import Paper


class ReceiptOut(serializers.Serializer[Any]):
    number = serializers.CharField(help_text="In its series, without gaps.")
    version = serializers.IntegerField(help_text="The highest counts; it replaces those before it.")
    issued_at = serializers.DateTimeField()
    sha256 = serializers.CharField(help_text="Of the PDF.")
    price = MoneyField(help_text="In the order's currency.")
    paid = MoneyField(help_text="In the currency paid.")
    refunded = MoneyField(help_text="What came back of it until then.")


class ReceiptsView(BuyerOperation):
    """The receipts of the checkout that the order belongs to, the one that counts first."""

    @extend_schema(operation_id="orders_receipts", responses=ReceiptOut(many=True))
    def get(self, request: Request, **named: str) -> Response:
        order, _by = self.order(request, **named)
        return Response(ReceiptOut([_shape(paper) for paper in issuing.of_checkout(order.checkout)], many=True).data)


class ReceiptPaperView(BuyerOperation):
    """A receipt as PDF, the bytes that were issued."""

    @extend_schema(operation_id="orders_receipt_paper", responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, version: str, **named: str) -> HttpResponse:
        return showing.paper(self.order(request, **named)[0], int(version))


@extend_schema_view(get=extend_schema(operation_id="checkout_orders_receipts"))
class GuestReceiptsView(ReceiptsView):
    permission_classes = [AllowAny]


@extend_schema_view(get=extend_schema(operation_id="checkout_orders_receipt_paper"))
class GuestReceiptPaperView(ReceiptPaperView):
    permission_classes = [AllowAny]


def _shape(paper: Paper) -> dict[str, Any]:
    sums = {name: read(paper.body[name]) for name in ("price", "paid", "refunded")}
    return {name: getattr(paper, name) for name in ("number", "version", "issued_at", "sha256")} | sums
