"""The seller's numbers over the API."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from listings import services
from listings.api.desk import SellerOperation, own_shop
from listings.models import ShopNumber
from marketplace.rest.fields import Country, Input, Nothing, Text
from marketplace.rest.views import me, valid


class NumberOut(serializers.ModelSerializer[ShopNumber]):
    class Meta:
        model = ShopNumber
        fields = ("id", "kind", "country", "number", "at", "checked_at")


class NumberIn(Input):
    kind = serializers.ChoiceField(choices=ShopNumber.Kind.values)
    country = Country()
    number = Text(max_length=40)


class NumbersView(SellerOperation):
    """Your numbers for customs, tax and packaging. `checked_at` is null until a person compared it with a register."""

    @extend_schema(operation_id="shop_registrations_list", responses=NumberOut(many=True))
    def get(self, request: Request) -> Response:
        return Response(NumberOut(own_shop(me(request)).numbers.all(), many=True).data)

    @extend_schema(operation_id="shop_registrations_set", request=NumberIn, responses=NumberOut)
    def put(self, request: Request) -> Response:
        """Keep the one of that kind and country; another number takes its place and is not checked."""
        user, data = me(request), valid(request, NumberIn)
        return Response(NumberOut(services.set_number(own_shop(user), by=user, **data)).data)


class NumberView(SellerOperation):
    """One of your numbers."""

    @extend_schema(operation_id="shop_registrations_remove", request=None, responses={200: NumberOut(many=True)})
    def delete(self, request: Request, pk: int) -> Response:
        """Take it off your shop; the answer is what stays."""
        valid(request, Nothing)
        row = get_object_or_404(ShopNumber.objects.select_related("shop"), pk=pk, shop__owner=me(request))
        services.remove_number(row, by=me(request))
        return Response(NumberOut(row.shop.numbers.all(), many=True).data)
