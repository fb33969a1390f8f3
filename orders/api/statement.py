"""Every movement of your money as a seller: the statement as data."""

from __future__ import annotations

from typing import Any

from django.core.paginator import InvalidPage, Paginator
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from fx.rest import MoneyField
from listings.models import Shop
from marketplace.lib.period import Period, PeriodError
from marketplace.rest.views import me
from orders.api.operation import OrderOperation
from orders.money.statement import Movement, Pages, Statement
from payments.sellers.movements import PARTS

PAGE = 100


class StatementLineOut(serializers.Serializer[Movement]):
    """`amount`: positive where more is yours, or you owe less; `balance`: of all your accounts after it."""

    at = serializers.DateTimeField()
    journal = serializers.CharField(source="key", help_text="The journal's key in the books.")
    kind = serializers.CharField()
    account = serializers.ChoiceField(choices=PARTS, source="part")
    why = serializers.CharField()
    about = serializers.CharField(help_text="The order, or where a payout went; may be empty.")
    note = serializers.CharField(help_text="Of a payout, in words: how much of it came in as its currency; else empty.")
    amount = MoneyField()
    balance = MoneyField()
    matched = MoneyField(allow_null=True, help_text="What of a payout came in as its currency; null for all else.")


class StatementOut(serializers.Serializer[Any]):
    """Opening and all movements of the period sum to closing. A page has a hundred movements, the newest first."""

    currency = serializers.CharField()
    since = serializers.DateField()
    until = serializers.DateField(help_text="The last day, included.")
    opening = MoneyField()
    closing = MoneyField()
    count = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    movements = StatementLineOut(many=True)


class MovementsView(OrderOperation):
    """Every movement of your money: payable, in reserve, asked for by banks, owed; this month, or what you ask for."""

    @extend_schema(
        operation_id="balance_movements",
        responses=StatementOut,
        parameters=[
            OpenApiParameter("month", str, description="Like 2026-11."),
            OpenApiParameter("since", str, description="The first day, with `until` the last: a year at most."),
            OpenApiParameter("until", str, description="The last day, included."),
            OpenApiParameter("page", int, description="Which page, from 1."),
        ],
    )
    def get(self, request: Request) -> Response:
        shop = Shop.objects.of(me(request))
        if shop is None:
            raise NotFound(_("You have no shop yet. Open one on /sell/shop/."), "no_shop")
        try:
            period = Period.read(request.query_params)
        except PeriodError as error:
            raise serializers.ValidationError({"month": [str(error)]}) from None
        pages = Pages(Statement(shop, period))
        try:
            page = Paginator(pages, PAGE).page(request.query_params.get("page", "1"))
        except InvalidPage as error:
            raise serializers.ValidationError({"page": [str(error)]}) from None
        answer = {
            "currency": shop.currency,
            "since": period.first,
            "until": period.last,
            "opening": pages.opening,
            "closing": pages.closing,
            "count": len(pages),
            "page": page.number,
            "pages": page.paginator.num_pages,
            "movements": page.object_list,
        }
        return Response(StatementOut(answer).data)
