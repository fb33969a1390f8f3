"""Closing an account over the API: what stands in the way. The act itself asks for the password, on the page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.rest.views import Operation, me
from orders.leaving import obstacles


class ClosingOut(serializers.Serializer[Any]):
    can_close = serializers.BooleanField()
    obstacles = serializers.ListField(child=serializers.CharField(), help_text="What has to end before, and how.")
    page = serializers.CharField(help_text="Where the account is closed, with the password once more.")


class ClosingView(Operation):
    """Whether the account can be closed, and what has to end before: orders, returns, refunds, payouts, balances."""

    @extend_schema(operation_id="account_closing_read", responses=ClosingOut)
    def get(self, request: Request) -> Response:
        found = obstacles(me(request))
        page = f"{settings.SITE_URL}{reverse('orders:leave')}"
        return Response(ClosingOut({"can_close": not found, "obstacles": found, "page": page}).data)
