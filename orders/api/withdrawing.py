"""Withdrawing over the API, in two steps: what would come back and by when, then the statement itself."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from fx.rest import MoneyField
from marketplace.rest.fields import Input, Text
from marketplace.rest.views import valid
from orders import life
from orders.api.bought import BuyerOperation
from orders.api.fields import Pieces
from orders.api.shapes import OrderOut
from orders.models import OrderLine
from orders.returns import withdrawal

PIECES = [{"line": 41, "quantity": 1}]


class WithdrawnIn(Input):
    pieces = Pieces(min_length=1)


class StatementIn(WithdrawnIn):
    name = Text(max_length=120, help_text="Yours, as on the order: it stands in the statement and its receipt.")


class FreeOut(serializers.Serializer[Any]):
    """Pieces that can be withdrawn from now."""

    line = serializers.IntegerField()
    title = serializers.CharField()
    quantity = serializers.IntegerField(help_text="At most.")
    only_sealed = serializers.BooleanField(help_text="Only while its seal is whole.")


class ExceptedOut(serializers.Serializer[OrderLine]):
    line = serializers.IntegerField(source="pk")
    title = serializers.CharField()
    why = serializers.SerializerMethodField(help_text="As the page of the listing said.")

    @extend_schema_field(serializers.CharField())
    def get_why(self, line: OrderLine) -> str:
        return line.no_withdrawal_in_words


class WithdrawalOut(serializers.Serializer[Any]):
    """`until`: the last moment; none before it was shipped, for the days have not begun."""

    until = serializers.DateTimeField(allow_null=True)
    pieces = FreeOut(many=True)
    excepted = ExceptedOut(many=True)


class BringsOut(serializers.Serializer[Any]):
    """What goes back, in the money that was paid, and when.

    `at_once`: nothing was shipped. Else the seller says by `address_by` where to send it, or you are refunded and keep
    it; you have `days_to_send`; you are refunded on receipt, `days_to_refund` after the proof of sending at the latest.
    """

    back = MoneyField()
    at_once = serializers.BooleanField()
    address_by = serializers.DateTimeField(allow_null=True)
    days_to_send = serializers.IntegerField()
    days_to_refund = serializers.IntegerField()


class WithdrawalView(BuyerOperation):
    """Withdraw from the contract, within fourteen days after delivery, without a reason."""

    @extend_schema(operation_id="orders_withdrawal_read", responses=WithdrawalOut)
    def get(self, request: Request, **named: str) -> Response:
        """What you can withdraw from now, and until when."""
        order, _by = self.order(request, **named)
        free = [
            {"line": line.pk, "title": line.title, "quantity": count, "only_sealed": bool(line.no_withdrawal)}
            for line, count in withdrawal.lines(order)
        ]
        excepted = [line for line in order.lines.order_by("pk") if line.is_excepted]
        answer = {"until": withdrawal.until(order), "pieces": free, "excepted": excepted}
        return Response(WithdrawalOut(answer).data)

    @extend_schema(
        operation_id="orders_withdraw",
        request=StatementIn,
        responses=OrderOut,
        examples=[OpenApiExample("all of a line", {"pieces": PIECES, "name": "Bob Becker"}, request_only=True)],
    )
    def post(self, request: Request, **named: str) -> Response:
        """The second step: “I withdraw from the contract”. A receipt goes to the order's e-mail address at once.

        What is not shipped yet goes back at once. Else it becomes a return that the seller cannot refuse.
        """
        data = valid(request, StatementIn)
        order, by = self.order(request, **named)
        done = withdrawal.withdraw(order.number, by=by, items=data["pieces"], name=data["name"])
        return Response(OrderOut(done).data)


class WithdrawalPreviewView(BuyerOperation):
    """The first step: what would come back, and by when. Changes nothing, and refuses what the second would."""

    @extend_schema(
        operation_id="orders_withdrawal_preview",
        request=WithdrawnIn,
        responses=BringsOut,
        examples=[OpenApiExample("all of a line", {"pieces": PIECES}, request_only=True)],
    )
    def post(self, request: Request, **named: str) -> Response:
        data = valid(request, WithdrawnIn)
        order, _by = self.order(request, **named)
        brings = withdrawal.preview(order, data["pieces"])
        answer = {
            "back": brings.back,
            "at_once": brings.address_by is None,
            "address_by": brings.address_by,
            "days_to_send": life.TO_SEND_BACK.days,
            "days_to_refund": life.TO_RECEIVE_BACK.days,
        }
        return Response(BringsOut(answer).data)
