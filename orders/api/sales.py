"""What you sold: paid orders of your shop, shipping them, giving back, answering a complaint."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from fx.money import Money
from fx.rest import AmountField, MoneyField
from marketplace.rest.fields import Input, Text, YesNo
from marketplace.rest.parsers import PicturesParser
from marketplace.rest.views import is_schema, me, valid
from orders import access, options, services
from orders.api.fields import Pieces, TrackingNumber
from orders.api.operation import OrderOperation
from orders.api.pictures import developed, pictures_field
from orders.api.shapes import OrderOut, with_all
from orders.errors import OrderRefused
from orders.models import Order
from orders.returns.giving_back import Part, refund_part


class SaleOut(OrderOut):
    """What a seller sees: where the parcel goes, and what will be theirs."""

    may = options.of_seller
    net = MoneyField(help_text="What you get of it, after commission and processing.")
    address = serializers.DictField(child=serializers.CharField())


class SalesView(ListAPIView[Order]):
    """Paid orders of your shop, newest first."""

    serializer_class = SaleOut
    filterset_fields = ("status",)

    def get_queryset(self) -> Any:
        return Order.objects.none() if is_schema(self) else with_all(Order.objects.sold_by(me(self.request)))


class SaleView(OrderOperation):
    """One order of your shop."""

    @extend_schema(operation_id="sales_read", responses=SaleOut)
    def get(self, request: Request, number: str) -> Response:
        return Response(SaleOut(access.sold(number, me(request))).data)


class ShipIn(Input):
    carrier = Text(max_length=60, help_text="A `carrier_key` or a name; one that we know has a page with its parcels.")
    tracking_number = TrackingNumber(
        required=False,
        allow_blank=True,
        default="",
        help_text="5 to 40 letters and digits; needed when the buyer paid for a tracked service.",
    )


class ShipView(OrderOperation):
    """The parcel is with the carrier; the buyer is told."""

    @extend_schema(operation_id="sales_ship", request=ShipIn, responses=SaleOut)
    def post(self, request: Request, number: str) -> Response:
        user, data = me(request), valid(request, ShipIn)
        access.sold(number, user)
        return Response(SaleOut(services.mark_shipped(number, by=user, **data)).data)


class RefundIn(Input):
    """Everything that is left, or pieces, or an amount of the goods; with pieces or an amount also some shipping."""

    everything = YesNo(default=False)
    pieces = Pieces(required=False)
    goods = AmountField(required=False, help_text="In the shop's currency.")
    shipping = AmountField(required=False, help_text="In the shop's currency.")
    restocked = YesNo(default=False, help_text="The pieces are on sale again.")
    why = Text(max_length=200, help_text="Buyer and seller read it.")


class RefundView(OrderOperation):
    """Give the buyer money back, in the money that was paid, at the rate of that day.

    Duty and tax go back in proportion. After release it is taken from your next sales.
    """

    @extend_schema(operation_id="sales_refund", request=RefundIn, responses=SaleOut)
    def post(self, request: Request, number: str) -> Response:
        user, data = me(request), valid(request, RefundIn)
        order = access.sold(number, user)
        part = Part(
            everything=data["everything"],
            items=data.get("pieces", {}),
            goods=_of_shop(order, data.get("goods")),
            shipping=_of_shop(order, data.get("shipping")),
            restocked=data["restocked"],
        )
        return Response(SaleOut(refund_part(number, part, by=user, why=data["why"])).data)


def _of_shop(order: Order, money: Money | None) -> Money | None:
    if money is not None and money.currency != order.currency:
        raise OrderRefused(
            _("%(money)s is not in the shop's currency, %(currency)s.") % {"money": money, "currency": order.currency}
        )
    return money


class AnswerIn(Input):
    answer = Text(max_length=2000)
    pictures = pictures_field()


class AnswerView(OrderOperation):
    """Your side of a complaint; then a moderator has seven days."""

    parser_classes = [PicturesParser]

    @extend_schema(operation_id="sales_answer", request=AnswerIn, responses=SaleOut)
    def post(self, request: Request, number: str) -> Response:
        user, data = me(request), valid(request, AnswerIn)
        access.sold(number, user)
        return Response(SaleOut(services.answer_dispute(number, by=user, shots=developed(data), **data)).data)
