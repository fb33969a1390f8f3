"""Your money as a seller: the money page as data."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from fx.rest import MoneyField
from listings.models import Shop
from marketplace.rest.views import me
from orders.api.operation import OrderOperation
from orders.models import Order
from orders.money.debts import Movement
from orders.money.page import money_page
from payments.models import Reserve

SUMS = ("payable", "held", "under_way", "reserved", "contested", "debt", "paid")


class SumOut(serializers.Serializer[Any]):
    name = serializers.ChoiceField(choices=SUMS)
    words = serializers.CharField()
    amount = MoneyField()


class HeldOut(serializers.Serializer[Order]):
    """`due_at`: when it is released, or goes back, if nobody acts."""

    order = serializers.CharField(source="number")
    status = serializers.CharField()
    held = MoneyField()
    due_at = serializers.DateTimeField(allow_null=True)


class ReserveOut(serializers.Serializer[Reserve]):
    """What was kept of a sale, payable at `until`."""

    order = serializers.CharField(source="ref")
    amount = MoneyField()
    until = serializers.DateTimeField()


class MovementOut(serializers.Serializer[Movement]):
    """`order`: of which order, where it is about one. Of a debt: positive where you owe more since."""

    at = serializers.DateTimeField()
    why = serializers.CharField()
    amount = MoneyField()
    order = serializers.CharField(source="number")


class BalanceOut(serializers.Serializer[Any]):
    """The latest fifty of each list. `pays_out`: what a payout brings now, after what is owed. Not below `minimum`."""

    currency = serializers.CharField()
    sums = SumOut(many=True)
    pays_out = MoneyField()
    minimum = MoneyField()
    held_orders = HeldOut(many=True)
    reserves = ReserveOut(many=True)
    debts = MovementOut(many=True)
    spent = MovementOut(many=True)


class BalanceView(OrderOperation):
    """Your money as a seller: payable, held until when, in reserve until when, owed and why, on its way, paid out."""

    @extend_schema(operation_id="balance_read", responses=BalanceOut)
    def get(self, request: Request) -> Response:
        shop = Shop.objects.of(me(request))
        if shop is None:
            raise NotFound(_("You have no shop yet. Open one on /sell/shop/."), "no_shop")
        page = money_page(shop)
        sums = [{"name": name, "words": words, "amount": page[name]} for name, words in _words().items()]
        return Response(BalanceOut(page | {"currency": shop.currency, "sums": sums}).data)


def _words() -> dict[str, str]:
    return {
        "payable": _("Payable to you now"),
        "held": _("Held until the buyers are content"),
        "under_way": _("Payouts under way"),
        "reserved": _("Kept in reserve for a while"),
        "contested": _("Asked for by buyers’ banks"),
        "debt": _("You owe; taken from the next sales"),
        "paid": _("Paid out so far"),
    }
