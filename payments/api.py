"""The seller's way to their money: where it should go, and asking for it."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from fx.rest import MoneyField
from marketplace.rest.fields import Country, Input, Text
from marketplace.rest.views import Operation, is_schema, me, valid
from payments import payouts
from payments.errors import PaymentError
from payments.models import Payout, PayoutMethod


class PayoutOut(serializers.ModelSerializer[Payout]):
    amount = MoneyField()
    to = serializers.CharField(source="method.masked", help_text="The account's last four characters.")

    class Meta:
        model = Payout
        fields = ("id", "amount", "state", "to", "requested_at", "paid_at", "bank_reference", "problem")


class MethodOut(serializers.ModelSerializer[PayoutMethod]):
    account = serializers.CharField(source="masked", help_text="Its last four characters.")

    class Meta:
        model = PayoutMethod
        fields = ("currency", "holder", "country", "account", "created_at")


class PayoutIn(Input):
    currency = Text(max_length=8)


class MethodIn(Input):
    """Either an IBAN, or an account number with its clearing code."""

    currency = Text(max_length=8)
    holder = Text(max_length=70)
    country = Country(help_text="Country of the bank.")
    iban = Text(max_length=42, required=False, allow_blank=True)
    account = Text(max_length=34, required=False, allow_blank=True)
    clearing_code = Text(max_length=20, required=False, allow_blank=True)


class MoneyOperation(Operation):
    refusals: ClassVar[tuple[type[Exception], ...]] = (PaymentError,)


class PayoutsView(ListAPIView[Payout], MoneyOperation):
    """Your payouts, newest first."""

    serializer_class = PayoutOut
    filterset_fields = ("state",)

    def get_queryset(self) -> Any:
        if is_schema(self):
            return Payout.objects.none()
        return Payout.objects.filter(seller=me(self.request)).select_related("method").order_by("-requested_at")

    @extend_schema(operation_id="payouts_request", request=PayoutIn, responses={201: PayoutOut})
    def post(self, request: Request) -> Response:
        """Ask for all that is payable to you in a currency."""
        user, data = me(request), valid(request, PayoutIn)
        return Response(PayoutOut(payouts.request_payout(seller=user, by=user, **data)).data, 201)


class MethodsView(MoneyOperation):
    """Where your money goes: one bank account per currency."""

    @extend_schema(operation_id="payout_methods_list", responses=MethodOut(many=True), filters=False)
    def get(self, request: Request) -> Response:
        current = PayoutMethod.objects.filter(seller=me(request), replaced_at=None).order_by("currency")
        return Response(MethodOut(current, many=True).data)

    @extend_schema(operation_id="payout_methods_set", request=MethodIn, responses=MethodOut)
    def put(self, request: Request) -> Response:
        """Say where the money of a currency goes; it replaces the account before."""
        user, data = me(request), valid(request, MethodIn)
        return Response(MethodOut(payouts.set_payout_method(seller=user, by=user, **data)).data)
