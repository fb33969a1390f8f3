"""The seller's way to their money: where it should go, and asking for it."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from fx.rest import AmountField, MoneyField
from marketplace.models import User
from marketplace.rest.fields import Country, Input, Nothing, Text, Whole, YesNo
from marketplace.rest.views import Operation, is_schema, me, valid
from payments.errors import PaymentError
from payments.models import Payout, PayoutMethod, PayoutPlan
from payments.payouts import connect, methods, schedules
from payments.payouts import life as payouts
from payments.payouts.letters import MONEY_PAGE
from payments.payouts.reach import reach


class PayoutOut(serializers.ModelSerializer[Payout]):
    amount = MoneyField()
    matched = MoneyField(allow_null=True, help_text="What of it came in as its currency; null: not noted then.")
    exchanged = MoneyField(allow_null=True, help_text="The rest: exchanged, or from a sales balance.")
    to = serializers.CharField(source="method.masked", help_text="The account's last four characters.")
    waits_until = serializers.SerializerMethodField(help_text="The destination is new and rests until then.")

    class Meta:
        model = Payout
        fields = (
            "id",
            "amount",
            "matched",
            "exchanged",
            "state",
            "method",
            "to",
            "waits_until",
            "requested_at",
            "sent_at",
            "paid_at",
            "failed_at",
            "bank_reference",
            "problem",
        )

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_waits_until(self, payout: Payout) -> str | None:
        waits = payout.state == Payout.State.REQUESTED and payout.method.rests
        return payout.method.usable_from.isoformat() if waits else None


class MethodOut(serializers.ModelSerializer[PayoutMethod]):
    account = serializers.CharField(source="masked", help_text="Its last four characters.")

    class Meta:
        model = PayoutMethod
        fields = (
            "id",
            "currency",
            "kind",
            "holder",
            "country",
            "account",
            "town",
            "home",
            "is_default",
            "created_at",
            "usable_from",
            "verified_at",
        )


class PayoutIn(Input):
    currency = Text(max_length=8)
    method = Whole(min_value=1, max_value=2**63 - 1, required=False, help_text="The default when it is left out.")


class MethodIn(Input):
    """`bank`: an IBAN, or an account number with its clearing code. Coins: the `destination`."""

    currency = Text(max_length=8)
    kind = Text(max_length=10, default=PayoutMethod.Kind.BANK)
    holder = Text(max_length=70, required=False, allow_blank=True)
    country = Country(required=False, help_text="Country of the bank.")
    iban = Text(max_length=42, required=False, allow_blank=True)
    account = Text(max_length=34, required=False, allow_blank=True)
    clearing_code = Text(max_length=20, required=False, allow_blank=True)
    town = Text(max_length=35, required=False, allow_blank=True, help_text="Where the holder lives; banks abroad ask.")
    home = Country(required=False, help_text="The country of that town; the bank's when it is left out.")
    destination = Text(max_length=100, required=False, allow_blank=True, help_text="Address of your wallet.")
    default = YesNo(default=False, help_text="Payouts go there from now on.")


class MoneyOperation(Operation):
    refusals: ClassVar[tuple[type[Exception], ...]] = (PaymentError,)


class PayoutsView(ListAPIView[Payout], MoneyOperation):
    """Your payouts, newest first."""

    serializer_class = PayoutOut
    filterset_fields = ("state",)

    def get_queryset(self) -> Any:
        if is_schema(self):
            return Payout.objects.none()
        return Payout.objects.filter(seller=me(self.request)).select_related("method").order_by("-requested_at")

    @extend_schema(operation_id="payouts_request", request=PayoutIn, responses={201: PayoutOut})
    def post(self, request: Request) -> Response:
        """Ask for all that is payable to you in a currency. To a new destination it waits 72 hours."""
        user, data = me(request), valid(request, PayoutIn)
        method = _own(user, data["method"]) if "method" in data else None
        payout = payouts.request_payout(seller=user, currency=data["currency"], by=user, method=method)
        return Response(PayoutOut(payout).data, 201)


class PayoutCancelView(MoneyOperation):
    """You do not want it any more. Only before it has left."""

    @extend_schema(operation_id="payouts_cancel", request=Nothing, responses=PayoutOut)
    def post(self, request: Request, pk: UUID) -> Response:
        """Its money is payable to you again."""
        user, _nothing = me(request), valid(request, Nothing)
        payout = Payout.objects.filter(pk=pk, seller=user).first()
        if payout is None:
            raise NotFound(_("You have no such payout."), "no_payout")
        return Response(PayoutOut(payouts.cancel_payout(payout, by=user)).data)


class ReachOut(serializers.Serializer[Any]):
    country = serializers.CharField()
    currency = serializers.CharField()
    ways = serializers.ListField(child=serializers.CharField(), help_text="Kinds of payout methods.")
    words = serializers.CharField(help_text="The same as a sentence.")
    account = serializers.CharField(help_text="What a bank account there looks like, where it is no IBAN.")


class ReachView(MoneyOperation):
    """How somebody could be paid here, before they sell anything."""

    permission_classes = [AllowAny]

    @extend_schema(operation_id="payout_reach_read", responses=ReachOut)
    def get(self, request: Request, country: str, currency: str) -> Response:
        """For a seller in this country whose prices are in this currency."""
        return Response(ReachOut(reach(country, currency)).data)


class MethodsView(MoneyOperation):
    """Where your money goes: several destinations per currency, one of them the default."""

    @extend_schema(operation_id="payout_methods_list", responses=MethodOut(many=True), filters=False)
    def get(self, request: Request) -> Response:
        current = PayoutMethod.objects.filter(seller=me(request), removed_at=None)
        return Response(MethodOut(current.order_by("currency", "-is_default", "created_at"), many=True).data)

    @extend_schema(operation_id="payout_methods_add", request=MethodIn, responses={201: MethodOut})
    def post(self, request: Request) -> Response:
        """Add a destination. The first of a currency is its default. All but your very first rest for 72 hours."""
        user, data = me(request), valid(request, MethodIn)
        return Response(MethodOut(methods.add_payout_method(seller=user, by=user, **data)).data, 201)


class MethodView(MoneyOperation):
    """One of your destinations."""

    @extend_schema(operation_id="payout_methods_remove", request=Nothing, responses={200: MethodOut})
    def delete(self, request: Request, pk: int) -> Response:
        """Remove it; payouts to it that have not left are canceled, their money is payable again."""
        user, _nothing = me(request), valid(request, Nothing)
        return Response(MethodOut(methods.remove_payout_method(_own(user, pk), by=user)).data)


class MethodDefaultView(MoneyOperation):
    """The destination of the payouts to come."""

    @extend_schema(operation_id="payout_methods_use", request=Nothing, responses=MethodOut)
    def post(self, request: Request, pk: int) -> Response:
        """Payouts go there from now on."""
        user, _nothing = me(request), valid(request, Nothing)
        return Response(MethodOut(methods.choose_default(_own(user, pk), by=user)).data)


class PayeeIn(Input):
    currency = Text(max_length=8)
    country = Country(help_text="Where you are.")


class PayeeOut(MethodOut):
    page = serializers.CharField(help_text="Where Stripe asks who you are, once and for minutes; empty when it knows.")

    class Meta(MethodOut.Meta):
        fields = (*MethodOut.Meta.fields, "page")  # type: ignore[assignment]


class PayeesView(MoneyOperation):
    """Be paid through Stripe, where it can pay you."""

    calls_out = True

    @extend_schema(operation_id="payout_methods_open_account", request=PayeeIn, responses={201: PayeeOut})
    def post(self, request: Request) -> Response:
        """Open your account there, one for all currencies. Then say on its page who you are."""
        user, data = me(request), valid(request, PayeeIn)
        return Response(_payee(connect.open_account(seller=user, by=user, **data), user), 201)


class PayeeView(MoneyOperation):
    """Your account at Stripe."""

    calls_out = True

    @extend_schema(operation_id="payout_methods_look_at_account", request=Nothing, responses=PayeeOut)
    def post(self, request: Request, pk: int) -> Response:
        """Look whether Stripe can pay you by now, or what page it wants you to see."""
        user, _nothing = me(request), valid(request, Nothing)
        return Response(_payee(connect.look(_own(user, pk).pk), user))


def _payee(method: PayoutMethod, user: User) -> Any:
    back = settings.SITE_URL + MONEY_PAGE
    method.page = "" if method.verified_at else connect.page(method, by=user, back=back)  # type: ignore[attr-defined]
    return PayeeOut(method).data


class PlanOut(serializers.ModelSerializer[PayoutPlan]):
    threshold = MoneyField()

    class Meta:
        model = PayoutPlan
        fields = ("currency", "every", "threshold", "next_at", "problem")


class PlanIn(Input):
    every = Text(max_length=5, help_text="`hand`, `week` (Mondays) or `month` (the first).")
    threshold = AmountField(required=False, help_text="Only once so much is payable.")


class PlanView(MoneyOperation):
    """When you are paid in one currency."""

    @extend_schema(operation_id="payout_plans_read", responses=PlanOut)
    def get(self, request: Request, currency: str) -> Response:
        plan = PayoutPlan.objects.filter(seller=me(request), currency=currency).first()
        if plan is None:
            raise NotFound(_("You have no schedule in this currency."), "no_plan")
        return Response(PlanOut(plan).data)

    @extend_schema(operation_id="payout_plans_set", request=PlanIn, responses=PlanOut)
    def put(self, request: Request, currency: str) -> Response:
        """Be paid by a schedule, or only when you ask for it."""
        user, data = me(request), valid(request, PlanIn)
        return Response(PlanOut(schedules.set_plan(seller=user, currency=currency, by=user, **data)).data)


def _own(user: User, pk: int) -> PayoutMethod:
    method = PayoutMethod.objects.filter(pk=pk, seller=user, removed_at=None).first()
    if method is None:
        raise NotFound(_("You have no such destination."), "no_method")
    return method
