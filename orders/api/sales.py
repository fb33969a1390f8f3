"""What you sold: paid orders of your shop, shipping them, answering a complaint, and your balance."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from fx.money import Money
from fx.rest import AmountField, MoneyField
from listings.models import Shop
from marketplace.rest.fields import Input, Text, Whole, YesNo
from marketplace.rest.parsers import PicturesParser
from marketplace.rest.views import is_schema, me, valid
from orders import access, services
from orders.api.operation import OrderOperation
from orders.api.pictures import developed, pictures_field
from orders.api.shapes import OrderOut, with_all
from orders.errors import OrderRefused
from orders.giving_back import Part, refund_part
from orders.models import Order
from orders.money import money_page


class SaleOut(OrderOut):
    """What a seller sees: where the parcel goes, and what will be theirs."""

    actions = ("ship", "refund")
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
    carrier = Text(max_length=60)
    tracking_number = Text(
        required=False,
        allow_blank=True,
        default="",
        max_length=40,
        help_text="5 to 40 letters and digits; needed when the buyer paid for a tracked service.",
    )

    def validate_tracking_number(self, value: str) -> str:
        number = value.replace(" ", "").upper()
        if number and not (number.isascii() and number.replace("-", "").isalnum() and len(number) >= 5):
            raise serializers.ValidationError(_("5 to 40 letters and digits, as on the receipt of the post office."))
        return number


class ShipView(OrderOperation):
    """The parcel is with the carrier; the buyer is told."""

    @extend_schema(operation_id="sales_ship", request=ShipIn, responses=SaleOut)
    def post(self, request: Request, number: str) -> Response:
        user, data = me(request), valid(request, ShipIn)
        access.sold(number, user)
        return Response(SaleOut(services.mark_shipped(number, by=user, **data)).data)


class PiecesIn(Input):
    line = Whole(min_value=1, max_value=2**63 - 1, help_text="The `id` of a line of the order.")
    quantity = Whole(min_value=1, max_value=100_000)


class RefundIn(Input):
    """Everything that is left, or pieces, or an amount of the goods; with pieces or an amount also some shipping."""

    everything = YesNo(default=False)
    pieces = serializers.ListField(child=PiecesIn(), required=False, max_length=100)
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
            items={one["line"]: one["quantity"] for one in data.get("pieces", [])},
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


class SumOut(serializers.Serializer[Any]):
    name = serializers.ChoiceField(choices=["payable", "held", "under_way", "reserved", "debt", "paid"])
    words = serializers.CharField()
    amount = MoneyField()


class HeldOut(serializers.Serializer[Order]):
    order = serializers.CharField(source="number")
    status = serializers.CharField()
    held = MoneyField()
    due_at = serializers.DateTimeField(allow_null=True)


class BalanceOut(serializers.Serializer[Any]):
    currency = serializers.CharField()
    sums = SumOut(many=True)
    held_orders = HeldOut(many=True)


class BalanceView(OrderOperation):
    """Your money as a seller: payable, held, on its way, owed, paid out."""

    @extend_schema(operation_id="balance_read", responses=BalanceOut)
    def get(self, request: Request) -> Response:
        shop = Shop.objects.of(me(request))
        if shop is None:
            raise NotFound(_("You have no shop yet. Open one on /sell/shop/."), "no_shop")
        page = money_page(shop)
        sums = [{"name": name, "words": words, "amount": page[name]} for name, words in _words().items()]
        answer = {"currency": shop.currency, "sums": sums, "held_orders": page["held_orders"]}
        return Response(BalanceOut(answer).data)


def _words() -> dict[str, str]:
    return {
        "payable": _("Payable to you now"),
        "held": _("Held until the buyers are content"),
        "under_way": _("Payouts under way"),
        "reserved": _("Kept in reserve for a while"),
        "debt": _("You owe; taken from the next sales"),
        "paid": _("Paid out so far"),
    }
