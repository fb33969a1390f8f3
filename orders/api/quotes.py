"""Prices of the basket to a country, locked until they expire: one quote per way to pay."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from fx.money import Money
from fx.rest import MoneyField
from fx.services import current_rates
from listings.customs.result import LandedCost
from listings.models import Shop
from listings.rest import LandedOut
from marketplace.lib.places import DISPLAY_CURRENCIES
from marketplace.rest.fields import Country, Input
from marketplace.rest.views import valid
from marketplace.visitors import owner_key
from orders.api.basket import lines_of
from orders.api.operation import OpenOperation
from orders.api.shapes import FeeLineOut, MarkupOut
from orders.checkout.comparing import Cost, cost_of, sentence
from orders.checkout.feesheet import FeeSheet
from orders.checkout.pricing import price
from orders.checkout.quoting import quote_basket
from orders.checkout.review import with_money
from orders.errors import OrderRefused
from orders.models import QuotedBasket
from payments.processors.registry import get


class ShippingOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    price = MoneyField()
    tracked = serializers.BooleanField()
    min_days = serializers.IntegerField()
    max_days = serializers.IntegerField()


class ParcelLineOut(serializers.Serializer[Any]):
    listing = serializers.IntegerField()
    title = serializers.CharField()
    quantity = serializers.IntegerField()
    unit = MoneyField(help_text="What the seller is owed for a piece.")
    asked = MoneyField(
        allow_null=True, help_text="What you pay for a piece, where that is set in your currency and not converted."
    )
    how = serializers.ChoiceField(
        choices=["", "fixed", "ending"],
        help_text="Set by the seller, or to end like the seller's price.",
    )


class ParcelOut(serializers.Serializer[Any]):
    """What becomes one order: `goods` and `shipping` in the shop's money, `due` in the buyer's."""

    number = serializers.CharField()
    shop = serializers.CharField()
    lines = ParcelLineOut(many=True)
    goods = MoneyField(help_text="Less the discount.")
    discount = MoneyField(help_text="What the shop gives for this way to pay.")
    shipping = ShippingOut()
    due = MoneyField()
    landed = LandedOut()
    fee_sheet = FeeLineOut(many=True)


class QuoteOut(serializers.Serializer[Any]):
    """Only a quote can be paid. `amount` is the price, `pay` the same in the money that the rail moves."""

    quote = serializers.UUIDField(source="quote_id")
    rail = serializers.CharField(source="processor")
    amount = MoneyField(source="quote.amount")
    pay = MoneyField(source="quote.pay")
    expires_at = serializers.DateTimeField(source="quote.expires_at")
    cost = MoneyField(allow_null=True, help_text="What this way to pay costs the sellers; null where it is not known.")
    cost_for_seller = MoneyField(
        allow_null=True, help_text="The same in their money, where that is one other currency."
    )
    discount = MoneyField(help_text="What the sellers' discounts for this way to pay take off the price of the goods.")
    sentence = serializers.CharField(help_text="How it compares with the dearest way, in words; may be empty.")
    markups = MarkupOut(many=True, source="quote.markups")
    parcels = ParcelOut(many=True)

    def to_representation(self, instance: QuotedBasket) -> Any:
        costs: list[Cost] = self.context["costs"]
        return super().to_representation(_with_money(instance, costs))


class QuotesIn(Input):
    country = Country(help_text="Where the parcels go.")
    currency = serializers.ChoiceField(choices=sorted(DISPLAY_CURRENCIES), help_text="What you pay in.")


class QuotesView(OpenOperation):
    """Price the basket to a country. The answer has a quote per way to pay, cheapest for the seller first."""

    @extend_schema(operation_id="quotes_create", request=QuotesIn, responses={201: QuoteOut(many=True)}, filters=False)
    def post(self, request: Request) -> Response:
        data, rates = valid(request, QuotesIn), current_rates()
        basket = price(lines_of(request), rates=rates, **data)
        quotes = quote_basket(basket, owner=owner_key(request._request, create=True), rates=rates)
        if not quotes:
            raise OrderRefused(" ".join(basket.problems) or _("The basket is empty, or no way to pay can carry it."))
        costs = [cost_of(quoted, _(get(quoted.processor).label)) for quoted in quotes]
        return Response(QuoteOut(quotes, many=True, context={"costs": costs}).data, 201)


def _with_money(quoted: QuotedBasket, costs: list[Cost]) -> dict[str, Any]:
    mine = next(cost for cost in costs if cost.quoted.pk == quoted.pk)
    shops = Shop.objects.in_bulk([parcel["shop"] for parcel in quoted.parcels])
    return {
        "quote_id": quoted.quote_id,
        "processor": quoted.processor,
        "quote": quoted.quote,
        "cost": mine.money if mine.known else None,
        "cost_for_seller": mine.theirs if mine.known else None,
        "discount": mine.given,
        "sentence": sentence(mine, costs, get_language() or "en"),
        "parcels": [_parcel(parcel, shops, quoted.quote.currency) for parcel in quoted.parcels],
    }


def _parcel(kept: dict[str, Any], shops: dict[int, Shop], currency: str) -> dict[str, Any]:
    """A kept parcel with money for its minor units."""
    own = kept["currency"]
    return {
        "number": kept["number"],
        "shop": shops[kept["shop"]].slug,
        "lines": [with_money(line, own, currency) for line in kept["lines"]],
        "goods": Money(kept["goods"], own),
        "discount": Money(kept.get("discount", 0), own),
        "shipping": kept["shipping"] | {"price": Money(kept["shipping"]["price"], own)},
        "due": Money(kept["due"], currency),
        "landed": LandedCost.from_json(kept["landed"]),
        "fee_sheet": FeeSheet.from_json(kept["fee_sheet"], currency).lines,
    }
