"""The schema, and the page that explains the API out of it, without a script: the content policy stays strict."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import override
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.api.reference import sections
from marketplace.api.refusals import problems


@cache
def schema() -> dict[str, Any]:
    """OpenAPI 3 in English, made once per process."""
    with override("en"):
        made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


@extend_schema(exclude=True)
class SchemaView(APIView):
    permission_classes = [AllowAny]
    renderer_classes = [OpenApiJsonRenderer, OpenApiJsonRenderer2]

    def get(self, request: Request) -> Response:
        return Response(schema())


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    context = {"sections": sections(schema(), request.build_absolute_uri("/")[:-1]), "problems": problems()}
    return render(request, "marketplace/api.html", context)
