"""Messages about an order and the offers that may end its dispute, for buyer, guest and seller."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from fx.money import Money
from fx.rest import AmountField
from marketplace.rest.fields import Input, Text, Whole, YesNo
from marketplace.rest.parsers import PicturesParser
from marketplace.rest.views import me, valid
from orders import access
from orders.api.bought import BuyerOperation
from orders.api.operation import OrderOperation
from orders.api.pictures import developed, pictures_field
from orders.api.shapes import OrderOut, SettlementOfferOut
from orders.disputes import life as disputing
from orders.disputes import messages
from orders.disputes.showing import shown
from orders.errors import OrderRefused
from orders.models import Message, Order

Role = Message.Role


class PictureOut(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="Read it at pictures/{id}/ of the same order.")
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class MessageOut(serializers.Serializer[Any]):
    who = serializers.CharField(source="role", help_text="buyer, seller or staff")
    text = serializers.CharField()
    at = serializers.DateTimeField()
    is_evidence = serializers.SerializerMethodField()
    pictures = PictureOut(many=True)

    def get_is_evidence(self, message: Message) -> bool:
        """Whether it is part of a dispute: then it is kept as it is."""
        return message.dispute_id is not None


class MessageIn(Input):
    text = Text(max_length=2000)
    pictures = pictures_field()


class MessagesView(BuyerOperation):
    """All that was said about an order, oldest first; and one message more."""

    parser_classes = [PicturesParser]

    @extend_schema(operation_id="orders_messages", responses=MessageOut(many=True))
    def get(self, request: Request, **named: str) -> Response:
        return Response(MessageOut(messages.of_order(self.order(request, **named)[0]), many=True).data)

    @extend_schema(operation_id="orders_say", request=MessageIn, responses=MessageOut(many=True))
    def post(self, request: Request, **named: str) -> Response:
        data = valid(request, MessageIn)
        order, by = self.order(request, **named)
        return _said(order, messages.send(order.number, role=Role.BUYER, by=by, shots=developed(data), **data))


class SaleMessagesView(OrderOperation):
    """All that was said about a sale, oldest first; and one message more."""

    parser_classes = [PicturesParser]

    @extend_schema(operation_id="sales_messages", responses=MessageOut(many=True))
    def get(self, request: Request, number: str) -> Response:
        return Response(MessageOut(messages.of_order(access.sold(number, me(request))), many=True).data)

    @extend_schema(operation_id="sales_say", request=MessageIn, responses=MessageOut(many=True))
    def post(self, request: Request, number: str) -> Response:
        user, data = me(request), valid(request, MessageIn)
        order = access.sold(number, user)
        return _said(order, messages.send(number, role=Role.SELLER, by=user, shots=developed(data), **data))


def _said(order: Order, _message: Message) -> Response:
    return Response(MessageOut(messages.of_order(order), many=True).data)


class PictureView(BuyerOperation):
    """A picture of the order's messages, as WebP."""

    @extend_schema(operation_id="orders_picture", responses={(200, "image/webp"): OpenApiTypes.BINARY})
    def get(self, request: Request, picture: UUID, **named: str) -> HttpResponse:
        return shown(messages.picture(self.order(request, **named)[0], picture))


class SalePictureView(OrderOperation):
    """A picture of the sale's messages, as WebP."""

    @extend_schema(operation_id="sales_picture", responses={(200, "image/webp"): OpenApiTypes.BINARY})
    def get(self, request: Request, number: str, picture: UUID) -> HttpResponse:
        return shown(messages.picture(access.sold(number, me(request)), picture))


class OfferIn(Input):
    """Everything, or an amount of what is held."""

    everything = YesNo(default=False)
    back = AmountField(required=False, help_text="In the shop's currency.")
    text = Text(max_length=2000, required=False, allow_blank=True, default="")


class OfferView(OrderOperation):
    """Offer the buyer to settle an open dispute. It replaces an earlier one and stands until the dispute is decided."""

    @extend_schema(operation_id="sales_offer", request=OfferIn, responses=SettlementOfferOut)
    def post(self, request: Request, number: str) -> Response:
        user, data = me(request), valid(request, OfferIn)
        order, back = access.sold(number, user), _back(data)
        if back is not None and back.currency != order.currency:
            raise OrderRefused(
                _("%(money)s is not in the shop's currency, %(currency)s.")
                % {"money": back, "currency": order.currency}
            )
        return Response(SettlementOfferOut(disputing.offer(number, by=user, back=back, text=data["text"])).data)


def _back(data: dict[str, Any]) -> Money | None:
    back: Money | None = data.get("back")
    if data["everything"] == (back is not None):
        raise OrderRefused(_("Offer everything or an amount."))
    return back


class OfferAnswerIn(Input):
    offer = Whole(min_value=1, max_value=2**63 - 1, help_text="The `id` of the standing offer.")
    accept = YesNo(help_text="true ends the dispute at once.")


class OfferAnswerView(BuyerOperation):
    """Accept the seller's offer, which ends the dispute, or decline it."""

    @extend_schema(operation_id="orders_answer_offer", request=OfferAnswerIn, responses=OrderOut)
    def post(self, request: Request, **named: str) -> Response:
        data = valid(request, OfferAnswerIn)
        order, by = self.order(request, **named)
        answered = disputing.answer_offer(order.number, by=by, offer_id=data["offer"], accepted=data["accept"])
        return Response(OrderOut(answered).data)
