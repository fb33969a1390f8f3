"""Invoices about our commission on your sales: the data, the PDF as it was issued, and who they are made out to."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from fx.rest import MoneyField
from marketplace.rest.fields import Country, Input, Text
from marketplace.rest.views import me, valid
from orders.api.operation import OrderOperation
from orders.invoices import showing
from payments.invoices.profiles import Stated, set_profile
from payments.models import TaxProfile


class InvoiceOut(serializers.Serializer[Any]):
    number = serializers.CharField(help_text="In its series, without gaps; empty while it waits.")
    kind = serializers.ChoiceField(choices=["invoice", "credit"])
    of = serializers.CharField(help_text="The invoice that a credit note corrects.")
    at = serializers.DateTimeField(help_text="When it was issued, or opened while it waits.")
    net = MoneyField(allow_null=True)
    tax = MoneyField(allow_null=True)
    gross = MoneyField(help_text="What was taken, or given up.")
    why = serializers.CharField(help_text="What it waits for, or why no tax is in it.")


class InvoiceAddressIn(Input):
    name = Text(max_length=100)
    street = Text(max_length=120)
    postal_code = Text(max_length=16, required=False, allow_blank=True, default="")
    city = Text(max_length=60)
    country = Country()
    vat_id = Text(max_length=20, required=False, allow_blank=True, default="", help_text="In the EU with its letters.")


class InvoiceAddressOut(serializers.Serializer[TaxProfile]):
    name = serializers.CharField()
    street = serializers.CharField()
    postal_code = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    vat_id = serializers.CharField()


class InvoicesView(OrderOperation):
    """Invoices and credit notes, the newest first."""

    @extend_schema(operation_id="invoices", responses=InvoiceOut(many=True))
    def get(self, request: Request) -> Response:
        return Response(InvoiceOut(showing.invoices(me(request)), many=True).data)


class InvoicePaperView(OrderOperation):
    """An invoice or a credit note as PDF, the bytes that were issued."""

    @extend_schema(operation_id="invoices_paper", responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, paper: str) -> HttpResponse:
        return showing.paper(me(request), paper)


class InvoiceAddressView(OrderOperation):
    """Who your invoices are made out to."""

    @extend_schema(operation_id="invoice_address_read", responses=InvoiceAddressOut)
    def get(self, request: Request) -> Response:
        profile = TaxProfile.objects.filter(seller=me(request)).first()
        if profile is None:
            raise NotFound(_("You have not said yet who invoices are made out to."), "no_address")
        return Response(InvoiceAddressOut(profile).data)

    @extend_schema(operation_id="invoice_address_set", request=InvoiceAddressIn, responses=InvoiceAddressOut)
    def put(self, request: Request) -> Response:
        """Invoices from now on are made out to this; those that were issued stay."""
        user = me(request)
        return Response(
            InvoiceAddressOut(set_profile(seller=user, by=user, stated=Stated(**valid(request, InvoiceAddressIn)))).data
        )
