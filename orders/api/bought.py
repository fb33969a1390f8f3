"""What you bought. An account comes by the order's number, a guest by the checkout's token as well."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.models import User
from marketplace.rest.fields import Input, Nothing, Text
from marketplace.rest.parsers import PicturesParser
from marketplace.rest.views import is_schema, me, valid
from orders import access, services
from orders.api.operation import OrderOperation
from orders.api.pictures import developed, pictures_field
from orders.api.shapes import OrderOut, with_all
from orders.models import Dispute, Order


class OrdersView(ListAPIView[Order]):
    """Your orders as a buyer, newest first."""

    serializer_class = OrderOut
    filterset_fields = ("status",)

    def get_queryset(self) -> Any:
        return Order.objects.none() if is_schema(self) else with_all(Order.objects.bought_by(me(self.request)))


class BuyerOperation(OrderOperation):
    """Finds the order that the caller bought; anybody else's is a 404."""

    def order(self, request: Request, number: str, token: str = "") -> tuple[Order, User | None]:
        if token:
            return access.by_token(token, number), None
        return access.bought(number, me(request)), me(request)


class OrderView(BuyerOperation):
    """One order: its state, whose turn it is, what was taken by whom, where the parcel is."""

    @extend_schema(operation_id="orders_read", responses=OrderOut)
    def get(self, request: Request, **named: str) -> Response:
        return Response(OrderOut(self.order(request, **named)[0]).data)


class ConfirmView(BuyerOperation):
    """You have the goods and are content: the held money becomes the seller's."""

    @extend_schema(operation_id="orders_confirm", request=Nothing, responses=OrderOut)
    def post(self, request: Request, **named: str) -> Response:
        valid(request, Nothing)
        order, by = self.order(request, **named)
        return Response(OrderOut(services.confirm(order.number, by=by)).data)


class DeliveredView(BuyerOperation):
    """The parcel is here. You have sixteen days to say if something is wrong."""

    @extend_schema(operation_id="orders_delivered", request=Nothing, responses=OrderOut)
    def post(self, request: Request, **named: str) -> Response:
        valid(request, Nothing)
        order, by = self.order(request, **named)
        return Response(OrderOut(services.mark_delivered(order.number, by=by, why=_("The buyer says so."))).data)


class ComplaintIn(Input):
    kind = serializers.ChoiceField(choices=Dispute.Kind.choices, default=Dispute.Kind.OTHER)
    reason = Text(max_length=2000)
    pictures = pictures_field()


class DisputeView(BuyerOperation):
    """Something is wrong. The seller has five days to answer; the money stays held until it is settled."""

    parser_classes = [PicturesParser]

    @extend_schema(operation_id="orders_dispute", request=ComplaintIn, responses=OrderOut)
    def post(self, request: Request, **named: str) -> Response:
        data = valid(request, ComplaintIn)
        order, by = self.order(request, **named)
        return Response(OrderOut(services.open_dispute(order.number, by=by, shots=developed(data), **data)).data)
