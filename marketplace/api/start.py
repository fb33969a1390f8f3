"""Where the API begins, who is calling, and the answer to an address that does not exist."""

from __future__ import annotations

import sys
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.defaults import bad_request as bad_request_page
from django.views.defaults import server_error as server_error_page
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.lib import away
from marketplace.models import User
from marketplace.rest.problems import MEDIA_TYPE, problem
from marketplace.rest.views import Operation, me

ROOT = "/api/"
STARTS = ("account", "rates", "listings", "basket", "orders", "sales", "balance", "payouts", "schema", "docs")


class StartOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    version = serializers.CharField()
    links = serializers.DictField(child=serializers.CharField())


class StartView(Operation):
    """Where everything is."""

    permission_classes = [AllowAny]

    @extend_schema(operation_id="start", responses=StartOut)
    def get(self, request: Request) -> Response:
        links = {name: request.build_absolute_uri(reverse(f"api:{name}")) for name in STARTS}
        return Response({"name": "Entrepôt", "version": "1", "links": links})


class AccountOut(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("email", "name", "country", "currency", "language")


class AccountView(Operation):
    """Whose token or session this is."""

    @extend_schema(operation_id="account_read", responses=AccountOut)
    def get(self, request: Request) -> Response:
        return Response(AccountOut(me(request)).data)


@extend_schema(exclude=True)
class NowhereView(APIView):
    """Any other address: a problem, not a page, whatever the method."""

    permission_classes = [AllowAny]
    authentication_classes = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise Http404


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's last word on a request that cannot be read: a problem for programs, a page for people."""
    if request.path.startswith(ROOT):
        return _problem(400, "bad_request", "The request cannot be read.")
    return bad_request_page(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Our mistake, it is in the log; or a server is away that will be back."""
    if (sentence := away.sentence_for(sys.exception())) is not None:
        return _away(request, sentence)
    if request.path.startswith(ROOT):
        return _problem(500, "server_error", "Something went wrong on our side. Try again with the same key.")
    return server_error_page(request)


def _away(request: HttpRequest, sentence: str) -> HttpResponse:
    if request.path.startswith(ROOT):
        answer = _problem(503, "busy", sentence)
    else:
        answer = HttpResponse(render_to_string("503.html", {"sentence": sentence}), status=503)
    answer.headers["Retry-After"] = str(away.RETRY_SECONDS)
    return answer


def _problem(code: int, name: str, detail: str) -> HttpResponse:
    return JsonResponse(problem(code, name, detail), status=code, content_type=MEDIA_TYPE)
