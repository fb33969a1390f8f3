"""The basket, of an account or of a guest's session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from fx.errors import RateMissing
from fx.money import Money
from fx.rates import Rates
from fx.rest import MoneyField
from fx.services import current_rates
from listings.api.shelf import Place, place_of
from listings.asking import Asked, piece_price
from listings.models import Listing
from marketplace.lib.places import DISPLAY_CURRENCIES
from marketplace.rest.fields import Input, Whole
from marketplace.rest.views import valid
from marketplace.visitors import owner_key
from orders.api.operation import OpenOperation
from orders.checkout import carts
from orders.models import CartLine


@dataclass(frozen=True, slots=True)
class Row:
    """A line for a buyer who pays in another currency; without a rate nothing is `asked`, and nothing costs `here`."""

    line: CartLine
    asked: Asked | None = None
    here: Money | None = None

    @property
    def theirs(self) -> Money | None:
        return self.asked.theirs if self.asked else None

    @property
    def how(self) -> str:
        return self.asked.how if self.asked else ""


class BasketLineOut(serializers.Serializer[Row]):
    listing = serializers.IntegerField(source="line.listing_id")
    slug = serializers.CharField(source="line.listing.slug")
    title = serializers.CharField(source="line.listing.title")
    quantity = serializers.IntegerField(source="line.quantity")
    price = MoneyField(source="line.listing.price", help_text="The seller's own price, in the shop's currency.")
    here = MoneyField(
        allow_null=True,
        help_text="What one piece costs in `currency`: as set, or converted today. What is converted is converted once "
        "for all pieces of a parcel, by the quote. Null without an exchange rate.",
    )
    asked = MoneyField(
        source="theirs",
        allow_null=True,
        help_text="The price of a piece where it is set in `currency` itself; null where `price` is converted.",
    )
    how = serializers.ChoiceField(
        choices=["", "fixed", "ending"], help_text="`asked` is fixed by the seller, or ends like `price`."
    )
    unit = MoneyField(
        source="asked.own",
        allow_null=True,
        default=None,
        help_text="What the seller is owed for a piece; null without an exchange rate.",
    )
    on_sale = serializers.BooleanField(source="line.listing.is_on_sale")


class BasketOut(serializers.Serializer[Any]):
    currency = serializers.CharField(help_text="What `here` and `asked` are in.")
    lines = BasketLineOut(many=True)


CURRENCY = OpenApiParameter("currency", str, enum=DISPLAY_CURRENCIES, description="Else the caller's currency.")


class BasketLineIn(Input):
    listing = Whole(min_value=1, max_value=2**63 - 1)
    quantity = Whole(min_value=0, max_value=carts.MAX_QUANTITY, help_text="0 removes the line.")


class BasketView(OpenOperation):
    """The basket, across shops and currencies."""

    @extend_schema(operation_id="basket_read", responses=BasketOut, parameters=[CURRENCY])
    def get(self, request: Request) -> Response:
        """What is in the basket, from any shop, in any currency, each with its price in yours."""
        currency, rates = _currency(request), current_rates()
        rows = [_row(line, currency, rates) for line in lines_of(request)]
        return Response(BasketOut({"currency": currency, "lines": rows}).data)

    @extend_schema(operation_id="basket_set", request=BasketLineIn, responses=BasketOut, parameters=[CURRENCY])
    def put(self, request: Request) -> Response:
        """Set how many of a listing are in the basket."""
        data = valid(request, BasketLineIn)
        _currency(request)
        owner = owner_key(request._request, create=True)
        carts.put(owner=owner, listing_id=data["listing"], quantity=data["quantity"])
        return self.get(request)


def lines_of(request: Request) -> list[CartLine]:
    return carts.lines_of(owner_key(request._request))


def _row(line: CartLine, currency: str, rates: Rates) -> Row:
    try:
        return Row(line, *piece_price(line.listing, currency, rates))
    except RateMissing:
        return Row(line)


def _currency(request: Request) -> str:
    """What the caller asks for, of their account, or of their browser; an unknown one is refused."""
    place = Place(request.query_params, Listing.objects.none())
    if not place.is_valid():
        raise serializers.ValidationError(place.errors)
    return place_of(request)[1]
