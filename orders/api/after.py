"""What a buyer can do about an order besides taking it: cancel, another address, ask for a return and carry it out."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.rest.fields import Input, Nothing, Text
from marketplace.rest.views import valid
from orders import rerouting
from orders.access import live_return
from orders.api.bought import BuyerOperation
from orders.api.checkouts import AddressIn
from orders.api.fields import Pieces, TrackingNumber
from orders.api.shapes import OrderOut
from orders.models import Order
from orders.returns import cancellation
from orders.returns import life as returns


class CallOffView(BuyerOperation):
    """You changed your mind before it is shipped: all that you paid goes back the way it came."""

    @extend_schema(operation_id="orders_cancel", request=Nothing, responses=OrderOut)
    def post(self, request: Request, **named: str) -> Response:
        valid(request, Nothing)
        order, by = self.order(request, **named)
        return Response(OrderOut(cancellation.cancel_purchase(order.number, by=by)).data)


class AskedAddressView(BuyerOperation):
    """Ask for another address in the same country before it is shipped. Silence of the seller changes nothing."""

    @extend_schema(operation_id="orders_address", request=AddressIn, responses=OrderOut)
    def post(self, request: Request, **named: str) -> Response:
        data = valid(request, AddressIn)
        order, by = self.order(request, **named)
        rerouting.ask(order.number, by=by, address=dict(data))
        return again(order)


class ReturnIn(Input):
    pieces = Pieces(min_length=1)
    reason = Text(max_length=2000)


class ReturnsView(BuyerOperation):
    """Ask to send something back. The seller has five days, and may say no; a withdrawal needs no consent."""

    @extend_schema(
        operation_id="orders_return",
        request=ReturnIn,
        responses=OrderOut,
        examples=[
            OpenApiExample(
                "one piece",
                {"pieces": [{"line": 41, "quantity": 1}], "reason": "The wrong blue."},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, **named: str) -> Response:
        data = valid(request, ReturnIn)
        order, by = self.order(request, **named)
        returns.ask(order.number, by=by, items=data["pieces"], reason=data["reason"])
        return again(order)


class SentIn(Input):
    carrier = Text(max_length=60)
    tracking_number = TrackingNumber(help_text="On the receipt: it proves that you sent it.")


class ReturnSentView(BuyerOperation):
    """It is with the carrier. The seller has two weeks to receive it; then you are refunded."""

    @extend_schema(operation_id="orders_return_sent", request=SentIn, responses=OrderOut)
    def post(self, request: Request, **named: str) -> Response:
        data = valid(request, SentIn)
        order, by = self.order(request, **named)
        returns.send(live_return(order), by=by, **data)
        return again(order)


class KeepView(BuyerOperation):
    """You keep it after all, before you sent it. The order goes on as it was."""

    @extend_schema(operation_id="orders_return_keep", request=Nothing, responses=OrderOut)
    def post(self, request: Request, **named: str) -> Response:
        valid(request, Nothing)
        order, by = self.order(request, **named)
        returns.give_up(live_return(order), by=by)
        return again(order)


def again(order: Order) -> Response:
    return Response(OrderOut(Order.objects.get(pk=order.pk)).data)
