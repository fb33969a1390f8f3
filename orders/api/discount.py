"""A shop's discount for cheaper ways to pay."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from fx.rest import MoneyField
from listings.api.desk import SellerOperation, own_shop
from listings.models import Shop
from listings.services import share_savings
from marketplace.rest.fields import Input, Whole
from marketplace.rest.views import me, valid
from orders.money.discounts import Given, given_by


class DiscountIn(Input):
    percent = Whole(min_value=0, max_value=100, help_text="Of what a cheaper way to pay saves you; 0 shares nothing.")


class GivenOut(serializers.Serializer[Given]):
    """By one way to pay, over orders that were paid and not refunded."""

    rail = serializers.CharField()
    orders = serializers.IntegerField()
    given = MoneyField()
    saved = MoneyField(help_text="What the way to pay saved you against the dearest one that was offered.")


class DiscountOut(serializers.Serializer[Any]):
    percent = serializers.IntegerField()
    given = GivenOut(many=True)


class DiscountView(SellerOperation):
    """How much of a cheaper way's saving your buyers get, and what that has cost you so far."""

    @extend_schema(operation_id="shop_discount_read", responses=DiscountOut)
    def get(self, request: Request) -> Response:
        return Response(_told(own_shop(me(request))))

    @extend_schema(operation_id="shop_discount_change", request=DiscountIn, responses=DiscountOut)
    def put(self, request: Request) -> Response:
        """It counts from the next quote on; what was quoted stays."""
        shop, data = own_shop(me(request)), valid(request, DiscountIn)
        return Response(_told(share_savings(shop, by=me(request), **data)))


def _told(shop: Shop) -> Any:
    return DiscountOut({"percent": shop.saving_share, "given": given_by(shop)}).data
