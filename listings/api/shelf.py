"""What everybody sees: the shelf, a listing with its bill at the door, a shop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from fx.money import Money
from fx.rest import MoneyField
from fx.services import current_rates
from listings import cards
from listings.customs.door import DoorPrice
from listings.models import Listing, Shop
from listings.querysets import ListingQuerySet
from listings.rest import LandedOut, PhotoOut, ShopOut
from listings.search import LONGEST, search
from marketplace.lib.places import DISPLAY_CURRENCIES, is_country
from marketplace.models import User
from marketplace.rest.views import Operation
from marketplace.visitors import visitor_of


@dataclass(frozen=True, slots=True)
class Offer:
    """A listing at the door of somebody in `country` who thinks in `currency`; `price` or the reason for none."""

    listing: Listing
    country: str
    currency: str
    price: DoorPrice | None
    why: str

    @property
    def certainty(self) -> str:
        if self.price is None:
            return "none"
        if not self.price.complete:
            return "at_least"
        return "estimate" if self.price.landed.estimated else "exact"

    @property
    def days(self) -> list[int]:
        if self.price is None:
            return []
        handling, way = self.listing.shop.handling_days, self.price.shipping
        return [handling + way.min_days, handling + way.max_days]

    @property
    def asked(self) -> Money | None:
        """What the buyer pays for a piece, where it is set in their currency."""
        return self.price.landed.shipment.lines[0].asked if self.price else None


class DoorOut(serializers.Serializer[Offer]):
    """What one piece costs at the door, in one parcel, before the payment costs anything."""

    country = serializers.CharField()
    currency = serializers.CharField()
    certainty = serializers.ChoiceField(
        choices=["exact", "estimate", "at_least", "none"],
        help_text="at_least: something is unknown. none: `why` says why there is no price.",
    )
    total = MoneyField(source="price.total", allow_null=True, default=None)
    days = serializers.ListField(child=serializers.IntegerField(), help_text="Business days, from and to.")
    why = serializers.CharField()


class OfferOut(serializers.Serializer[Offer]):
    id = serializers.IntegerField(source="listing.pk")
    slug = serializers.CharField(source="listing.slug")
    title = serializers.CharField(source="listing.title")
    price = MoneyField(source="listing.price", help_text="The seller's own price, in the shop's currency.")
    asked = MoneyField(
        allow_null=True,
        help_text="The price of a piece where it is set in `door.currency` itself, fixed by the seller or ending like "
        "`price`; null where `price` is converted.",
    )
    shop = ShopOut(source="listing.shop")
    photos = PhotoOut(source="listing.photos.all", many=True)
    door = DoorOut(source="*")


class ShopPageOut(ShopOut):
    class Meta(ShopOut.Meta):
        fields = (*ShopOut.Meta.fields, "about", "handling_days", "opened_at")  # type: ignore[assignment]


class ListingOut(OfferOut):
    description = serializers.CharField(source="listing.description")
    stock = serializers.IntegerField(source="listing.stock")
    on_sale = serializers.BooleanField(source="listing.is_on_sale")
    hs_code = serializers.CharField(source="listing.hs_code")
    origin = serializers.CharField(source="listing.origin")
    weight_g = serializers.IntegerField(source="listing.weight_g")
    landed = LandedOut(source="price.landed", allow_null=True, default=None)


def _real_country(value: str) -> None:
    if not is_country(value):
        raise ValidationError(_("This is no country. Send an ISO 3166-1 code like DE."))


class Place(django_filters.FilterSet):  # type: ignore[misc]  # it ships no types
    """Where the goods should go and in which money they are priced; else where the caller is."""

    country = django_filters.CharFilter(
        method="passed", validators=[_real_country], label="ISO 3166-1 code; else the caller's country."
    )
    currency = django_filters.ChoiceFilter(
        method="passed",
        choices=[(code, code) for code in DISPLAY_CURRENCIES],
        label="What the door price is in; else the caller's currency.",
    )

    def passed(self, listings: ListingQuerySet, name: str, value: str) -> ListingQuerySet:
        """Not about rows: it says what the rows are priced for."""
        return listings


class Shelf(Place):
    """`q` finds words of title and description; `country` keeps what is sent there."""

    q = django_filters.CharFilter(method="passed", max_length=LONGEST, label="Words of title and description.")
    shop = django_filters.CharFilter(field_name="shop__slug", max_length=60, label="Slug of one shop.")

    def filter_queryset(self, queryset: ListingQuerySet) -> ListingQuerySet:
        asked = self.form.cleaned_data
        found = cards.shown(search(asked["q"], country=asked["country"]).listings.select_related("shop__owner"))
        return found.filter(shop__slug=asked["shop"]) if asked["shop"] else found


class ListingsView(ListAPIView[Any]):
    """Browse what is on sale, newest or best match first, each with its price at the door."""

    permission_classes = [AllowAny]
    queryset = Listing.objects.on_sale()
    serializer_class = OfferOut
    filterset_class = Shelf

    def paginate_queryset(self, queryset: Any) -> Any:
        return offers(self.request, super().paginate_queryset(queryset) or [])


class ListingView(Operation):
    """A listing with the explained bill at the door."""

    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="listings_read",
        parameters=[
            OpenApiParameter("country", str, description="ISO 3166-1 code; else the caller's country."),
            OpenApiParameter("currency", str, enum=DISPLAY_CURRENCIES, description="Else the caller's currency."),
        ],
        responses=ListingOut,
    )
    def get(self, request: Request, slug: str) -> Response:
        place = Place(request.query_params, Listing.objects.none())
        if not place.is_valid():
            raise serializers.ValidationError(place.errors)
        public = cards.shown(Listing.objects.public().select_related("shop__owner"))
        [offer] = offers(request, [get_object_or_404(public, slug=slug)])
        return Response(ListingOut(offer).data)


class ShopView(Operation):
    """A seller's public face. What it sells: /listings/?shop=."""

    permission_classes = [AllowAny]

    @extend_schema(operation_id="shops_read", responses=ShopPageOut)
    def get(self, request: Request, slug: str) -> Response:
        shop = get_object_or_404(Shop.objects.in_good_standing(), slug=slug)
        return Response(ShopPageOut(shop).data)


def offers(request: Request, listings: list[Listing]) -> list[Offer]:
    """Priced for the place of the query, else of the caller. Give rows of `cards.shown`."""
    country, currency = place_of(request)
    priced = cards.prices(listings, country=country, currency=currency, rates=current_rates())
    return [
        Offer(
            listing,
            country,
            currency,
            None if isinstance(door, str) else door,
            door if isinstance(door, str) else "",
        )
        for listing, door in priced
    ]


def place_of(request: Request) -> tuple[str, str]:
    """Country and currency: asked for, of the account, or of the browser."""
    asked, user = request.query_params, request.user
    visitor = visitor_of(request._request)
    own = (user.country, user.currency) if isinstance(user, User) else ("", "")
    return asked.get("country") or own[0] or visitor.country, asked.get("currency") or own[1] or visitor.currency
