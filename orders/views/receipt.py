"""The buyer's receipts: the page, and each version as it was issued. Guests come by token."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from marketplace.http import UserRequest, VisitorRequest
from orders import access
from orders.models import Order
from orders.receipts import showing


@require_safe
@login_required
def receipt(request: UserRequest, number: str) -> HttpResponse:
    return _page(request, access.bought(number, request.user), token="")


@require_safe
def guest_receipt(request: VisitorRequest, token: str, number: str) -> HttpResponse:
    return _page(request, access.by_token(token, number), token=token)


@require_safe
@login_required
def paper(request: UserRequest, number: str, version: str) -> HttpResponse:
    return showing.paper(access.bought(number, request.user), int(version))


@require_safe
def guest_paper(request: VisitorRequest, token: str, number: str, version: str) -> HttpResponse:
    return showing.paper(access.by_token(token, number), int(version))


def _page(request: VisitorRequest, order: Order, *, token: str) -> HttpResponse:
    return render(request, "orders/receipt.html", showing.page(order, get_language() or "en") | {"token": token})
