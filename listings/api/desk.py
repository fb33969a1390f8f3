"""The seller's own listings: write, price, count, submit, withdraw. Photos are added on the page of the listing."""

from __future__ import annotations

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from fx.rest import AmountField, MoneyField
from listings import services
from listings.errors import ListingError
from listings.models import HSCode, Listing, Shop
from listings.rest import PhotoOut
from marketplace.models import User
from marketplace.rest.fields import Country, Input, Nothing, Text, Whole
from marketplace.rest.views import Operation, is_schema, me, valid


class OwnListingOut(serializers.ModelSerializer[Listing]):
    price = MoneyField()
    fixed_prices = serializers.SerializerMethodField()
    photos = PhotoOut(many=True, read_only=True)

    class Meta:
        model = Listing
        fields = (
            "id",
            "slug",
            "title",
            "description",
            "status",
            "review_note",
            "price",
            "fixed_prices",
            "stock",
            "hs_code",
            "origin",
            "weight_g",
            "ships_to",
            "photos",
        )

    @extend_schema_field(serializers.ListField(child=MoneyField()))
    def get_fixed_prices(self, listing: Listing) -> list[dict[str, str]]:
        return [row.price.json() for row in listing.fixed_prices.all()]


class ListingIn(Input):
    title = Text(max_length=120)
    description = Text(max_length=5000)
    price = AmountField(help_text="In the shop's currency.")
    hs_code = serializers.RegexField(r"^[0-9]{6,10}$", max_length=10)
    origin = Country()
    weight_g = Whole(min_value=1, max_value=services.WEIGHT_MAX_G)
    ships_to = serializers.ListField(child=Country(), max_length=250, required=False, default=list)
    fixed_prices = serializers.ListField(
        child=AmountField(),
        max_length=40,
        required=False,
        help_text="Prices in other currencies, whatever the exchange rate, one in each. Left out, they stay.",
    )

    def validate_hs_code(self, value: str) -> str:
        if not HSCode.objects.filter(code=value[:6]).exists():
            raise serializers.ValidationError(
                _("The HS code %(code)s is not in our list. Search for it in plain words.") % {"code": value}
            )
        return value


class NewListingIn(ListingIn):
    stock = Whole(min_value=0, max_value=services.STOCK_MAX, required=False, default=0)


class StockIn(Input):
    stock = Whole(min_value=0, max_value=services.STOCK_MAX)


class SellerOperation(Operation):
    refusals: ClassVar[tuple[type[Exception], ...]] = (ListingError,)


class OwnListingsView(ListAPIView[Listing], SellerOperation):
    """Your listings in every state, newest first."""

    serializer_class = OwnListingOut
    filterset_fields = ("status",)

    def get_queryset(self) -> Any:
        if is_schema(self):
            return Listing.objects.none()
        return Listing.objects.of_seller(me(self.request)).prefetch_related("photos", "fixed_prices").order_by("-pk")

    @extend_schema(operation_id="shop_listings_create", request=NewListingIn, responses={201: OwnListingOut})
    def post(self, request: Request) -> Response:
        """A new draft. Photos are added on its page, then it can be submitted."""
        user, data = me(request), valid(request, NewListingIn)
        listing = services.create_listing(own_shop(user), by=user, **data)
        return Response(OwnListingOut(listing).data, 201)


class OwnListingView(SellerOperation):
    """One of your listings."""

    @extend_schema(operation_id="shop_listings_read", responses=OwnListingOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(OwnListingOut(own_listing(request, pk)).data)

    @extend_schema(operation_id="shop_listings_edit", request=ListingIn, responses=OwnListingOut)
    def put(self, request: Request, pk: int) -> Response:
        """Change it. A live one whose title, text, price, class or origin changes is reviewed again."""
        data = valid(request, ListingIn)
        return Response(OwnListingOut(services.edit_listing(own_listing(request, pk), by=me(request), **data)).data)


class StockView(SellerOperation):
    """How many pieces are there for sale, without what is reserved."""

    @extend_schema(operation_id="shop_listings_stock", request=StockIn, responses=OwnListingOut)
    def put(self, request: Request, pk: int) -> Response:
        data = valid(request, StockIn)
        return Response(OwnListingOut(services.set_stock(own_listing(request, pk), by=me(request), **data)).data)


class SubmitView(SellerOperation):
    """Ask for review; a moderator lets it go live."""

    @extend_schema(operation_id="shop_listings_submit", request=Nothing, responses=OwnListingOut)
    def post(self, request: Request, pk: int) -> Response:
        valid(request, Nothing)
        return Response(OwnListingOut(services.submit_listing(own_listing(request, pk), by=me(request))).data)


class WithdrawView(SellerOperation):
    """Take it off sale; placed orders go on."""

    @extend_schema(operation_id="shop_listings_withdraw", request=Nothing, responses=OwnListingOut)
    def post(self, request: Request, pk: int) -> Response:
        valid(request, Nothing)
        return Response(OwnListingOut(services.withdraw_listing(own_listing(request, pk), by=me(request))).data)


def own_shop(user: User) -> Shop:
    """The caller's shop; 404 when there is none yet."""
    shop = Shop.objects.of(user)
    if shop is None:
        raise NotFound(_("You have no shop yet. Open one on /sell/shop/."), "no_shop")
    return shop


def own_listing(request: Request, pk: int) -> Listing:
    return get_object_or_404(Listing.objects.of_seller(me(request)), pk=pk)
