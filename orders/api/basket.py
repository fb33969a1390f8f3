"""The basket, of an account or of a guest's session."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from fx.rest import MoneyField
from marketplace.rest.fields import Input, Whole
from marketplace.rest.views import valid
from marketplace.visitors import owner_key
from orders.api.operation import OpenOperation
from orders.checkout import carts
from orders.models import CartLine


class BasketLineOut(serializers.Serializer[CartLine]):
    listing = serializers.IntegerField(source="listing_id")
    slug = serializers.CharField(source="listing.slug")
    title = serializers.CharField(source="listing.title")
    quantity = serializers.IntegerField()
    price = MoneyField(source="listing.price")
    on_sale = serializers.BooleanField(source="listing.is_on_sale")


class BasketOut(serializers.Serializer[Any]):
    lines = BasketLineOut(many=True)


class BasketLineIn(Input):
    listing = Whole(min_value=1, max_value=2**63 - 1)
    quantity = Whole(min_value=0, max_value=carts.MAX_QUANTITY, help_text="0 removes the line.")


class BasketView(OpenOperation):
    """The basket, across shops and currencies."""

    @extend_schema(operation_id="basket_read", responses=BasketOut)
    def get(self, request: Request) -> Response:
        """What is in the basket, from any shop, in any currency."""
        return Response(BasketOut({"lines": lines_of(request)}).data)

    @extend_schema(operation_id="basket_set", request=BasketLineIn, responses=BasketOut)
    def put(self, request: Request) -> Response:
        """Set how many of a listing are in the basket."""
        data = valid(request, BasketLineIn)
        owner = owner_key(request._request, create=True)
        carts.put(owner=owner, listing_id=data["listing"], quantity=data["quantity"])
        return self.get(request)


def lines_of(request: Request) -> list[CartLine]:
    return carts.lines_of(owner_key(request._request))
