"""A parcel's customs papers: its facts as data, which papers it needs, what is missing; the papers as files."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.http import private_file, private_pdf
from marketplace.rest.views import me
from orders import access
from orders.api.operation import OrderOperation
from orders.papers import showing
from orders.papers.bundle import bundle
from orders.papers.pack import data_of


class PaperOut(serializers.Serializer[showing.Needed]):
    kind = serializers.ChoiceField(choices=sorted(showing.NAMES))
    can = serializers.BooleanField(help_text="Whether it can be drawn now.")
    printed_version = serializers.IntegerField(source="last.version", default=None, allow_null=True)
    stale = serializers.BooleanField(help_text="It was printed before its facts changed.")


class PapersOut(serializers.Serializer[showing.Papers]):
    form = serializers.CharField(source="choice.form", help_text="cn22, cn23, or empty when no border is crossed.")
    why = serializers.CharField(source="choice.why")
    missing = serializers.SerializerMethodField()
    papers = PaperOut(source="needed", many=True)
    declares = serializers.SerializerMethodField(help_text="What the parcel declares: the schema is docs/papers.md.")

    def get_missing(self, found: showing.Papers) -> list[str]:
        return [one.what for one in found.missing]

    def get_declares(self, found: showing.Papers) -> dict[str, Any]:
        return data_of(found.declared)


class PapersView(OrderOperation):
    """What a parcel of a sale declares, which papers it needs, and what is missing for them."""

    @extend_schema(operation_id="sales_papers", responses=PapersOut)
    def get(self, request: Request, number: str, parcel: str) -> Response:
        return Response(PapersOut(showing.papers(access.sold(number, me(request)), int(parcel))).data)


class PaperView(OrderOperation):
    """One of a parcel's papers as PDF, as it is now."""

    @extend_schema(operation_id="sales_paper", responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, number: str, parcel: str, kind: str) -> HttpResponse:
        found = showing.papers(access.sold(number, me(request)), int(parcel))
        return private_pdf(showing.draw(found, kind), f"{kind}-{number}-{parcel}.pdf")


class PapersFileView(OrderOperation):
    """All papers of a parcel that can be drawn now, and its facts as JSON, in one ZIP."""

    @extend_schema(operation_id="sales_papers_file", responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request, number: str, parcel: str) -> HttpResponse:
        found = showing.papers(access.sold(number, me(request)), int(parcel))
        return private_file(bundle(found), f"papers-{number}-{parcel}.zip", "application/zip")
