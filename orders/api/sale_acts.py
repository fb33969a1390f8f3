"""What a seller can do about a sale besides shipping it: cancel, another parcel, a return, another address."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.models import User
from marketplace.rest.fields import Input, Text, YesNo
from marketplace.rest.views import me, valid
from orders import access, parcels, rerouting
from orders.access import live_return
from orders.api.operation import OrderOperation
from orders.api.sales import SaleOut, ShipIn
from orders.models import Order, Return
from orders.returns import cancellation
from orders.returns import life as returns

HOME = "Chaya Prints, 12 Johari Bazaar, Jaipur 302003, India. Mark it “returned goods”."


class SellerOperation(OrderOperation):
    """Finds the order that the caller sold; anybody else's is a 404."""

    def sale(self, request: Request, number: str) -> tuple[Order, User]:
        return access.sold(number, me(request)), me(request)


class WhyIn(Input):
    why = Text(max_length=2000, help_text="Both of you read it.")


class CancelSaleIn(WhyIn):
    restocked = YesNo(default=False, help_text="The pieces are on sale again.")


class CancelSaleView(SellerOperation):
    """You cannot send it: the buyer gets everything back. What the card network keeps of it you owe."""

    @extend_schema(operation_id="sales_cancel", request=CancelSaleIn, responses=SaleOut)
    def post(self, request: Request, number: str) -> Response:
        data = valid(request, CancelSaleIn)
        order, by = self.sale(request, number)
        return Response(SaleOut(cancellation.cancel_sale(order.number, by=by, **data)).data)


class CameBackIn(CancelSaleIn):
    keep_shipping = YesNo(default=False, help_text="It was the buyer's doing, so the postage stays yours.")


class CameBackView(SellerOperation):
    """The parcel came back to you undelivered: the buyer is refunded."""

    @extend_schema(operation_id="sales_came_back", request=CameBackIn, responses=SaleOut)
    def post(self, request: Request, number: str) -> Response:
        data = valid(request, CameBackIn)
        order, by = self.sale(request, number)
        return Response(SaleOut(cancellation.returned_to_sender(order.number, by=by, **data)).data)


class ParcelView(SellerOperation):
    """Another parcel of an order that is on its way. The buyer is told, and has until its expected day as well."""

    @extend_schema(operation_id="sales_parcel", request=ShipIn, responses=SaleOut)
    def post(self, request: Request, number: str) -> Response:
        data = valid(request, ShipIn)
        order, by = self.sale(request, number)
        parcels.add(order.number, by=by, **data)
        return again(order)


class AddressAnswerIn(Input):
    accept = YesNo(help_text="Whether you send it to `asked_address`.")


class AddressAnswerView(SellerOperation):
    """Say whether you send it to the other address that the buyer asks for."""

    @extend_schema(operation_id="sales_address", request=AddressAnswerIn, responses=SaleOut)
    def post(self, request: Request, number: str) -> Response:
        data = valid(request, AddressAnswerIn)
        order, by = self.sale(request, number)
        rerouting.answer(access.open_change(order), by=by, **data)
        return again(order)


class AuthorizeIn(Input):
    send_to = Text(max_length=500, help_text="The address, and what to write on it. If you pay: how.")
    payer = serializers.ChoiceField(
        choices=Return.Payer.choices,
        default=Return.Payer.BUYER,
        help_text="Of the way back. Nobody is asked to advance what you pay: send a label, or have it fetched.",
    )


class AuthorizeView(SellerOperation):
    """Say where to send what comes back, and who pays. The buyer has two weeks to send it."""

    @extend_schema(
        operation_id="sales_return_authorize",
        request=AuthorizeIn,
        responses=SaleOut,
        examples=[OpenApiExample("the buyer pays", {"send_to": HOME, "payer": "buyer"}, request_only=True)],
    )
    def post(self, request: Request, number: str) -> Response:
        data = valid(request, AuthorizeIn)
        order, by = self.sale(request, number)
        returns.authorize(live_return(order), by=by, **data)
        return again(order)


class RefuseView(SellerOperation):
    """No to a return that was asked for. A withdrawal cannot be refused."""

    @extend_schema(operation_id="sales_return_refuse", request=WhyIn, responses=SaleOut)
    def post(self, request: Request, number: str) -> Response:
        data = valid(request, WhyIn)
        order, by = self.sale(request, number)
        returns.refuse(live_return(order), by=by, **data)
        return again(order)


class ReceivedIn(Input):
    restocked = YesNo(default=False, help_text="The pieces are on sale again.")


class ReceivedView(SellerOperation):
    """It is back: the buyer is refunded."""

    @extend_schema(operation_id="sales_return_received", request=ReceivedIn, responses=SaleOut)
    def post(self, request: Request, number: str) -> Response:
        data = valid(request, ReceivedIn)
        order, by = self.sale(request, number)
        returns.receive(live_return(order), by=by, **data)
        return again(order)


class ContestView(SellerOperation):
    """What came back is not what left, or worn: a moderator decides within seven days how much goes back."""

    @extend_schema(operation_id="sales_return_contest", request=WhyIn, responses=SaleOut)
    def post(self, request: Request, number: str) -> Response:
        data = valid(request, WhyIn)
        order, by = self.sale(request, number)
        returns.contest(live_return(order), by=by, **data)
        return again(order)


def again(order: Order) -> Response:
    return Response(SaleOut(Order.objects.get(pk=order.pk)).data)
