"""What a payout pays, as data."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from fx.rest import MoneyField
from marketplace.rest.views import me
from orders.api.operation import OrderOperation
from orders.api.shapes import FeeLineOut
from orders.money.payoutsheet import payout_sheet


class PaidOrderOut(serializers.Serializer[Any]):
    """`released`: what the order made payable; the lines sum to what its buyer paid."""

    number = serializers.CharField(source="order.number")
    released = MoneyField()
    paid_in = serializers.CharField(help_text="The currency of the payment; another than the payout's: exchanged.")
    fee_sheet = FeeLineOut(many=True, source="sheet.lines")


class PayoutSheetOut(serializers.Serializer[Any]):
    """`released` of all `count` orders and `rest` are the payout's `amount`; the latest 200 orders are listed."""

    id = serializers.UUIDField(source="payout.pk")
    state = serializers.CharField(source="payout.state")
    amount = MoneyField(source="payout.amount")
    matched = MoneyField(source="payout.matched", allow_null=True, help_text="What of it came in as its currency.")
    exchanged = MoneyField(source="payout.exchanged", allow_null=True, help_text="Exchanged, or from a sales balance.")
    count = serializers.IntegerField()
    released = MoneyField()
    rest = MoneyField(help_text="Left from before, reserves, debts and purchases; may be negative.")
    orders = PaidOrderOut(many=True)


class PayoutSheetView(OrderOperation):
    """The orders that a payout of yours pays, each with the sheet of who took what."""

    @extend_schema(operation_id="payouts_retrieve", responses=PayoutSheetOut)
    def get(self, request: Request, pk: UUID) -> Response:
        sheet = payout_sheet(me(request), pk)
        if sheet is None:
            raise NotFound(_("You have no such payout."), "no_payout")
        return Response(PayoutSheetOut(sheet).data)
