"""Proof of the books: the signed heads for everybody, the journals of an order for its people."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marketplace.http import UserRequest
from marketplace.second_factor import passed_second_factor
from orders import proving
from orders.models import Order
from payments.models import ChainHead
from payments.proof.proving import Shows

PAGE = 50
VERIFIER: Path = settings.BASE_DIR / "docs" / "verifier" / "verify.py"


@require_safe
def heads(request: HttpRequest) -> HttpResponse:
    page = Paginator(ChainHead.objects.order_by("-day"), PAGE).get_page(request.GET.get("page"))
    return render(request, "orders/proof_heads.html", {"page": page})


@require_safe
def verifier(request: HttpRequest) -> HttpResponse:
    """The file that docs/ has, for those who only have the site."""
    answer = HttpResponse(VERIFIER.read_bytes(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="verify.py"'
    return answer


@require_safe
@login_required
def of_order(request: UserRequest, number: str) -> HttpResponse:
    order, shows = _found(request, number)
    return render(request, "orders/proof.html", {"order": order, "proof": proving.with_money(order, shows)})


@require_safe
@login_required
def download(request: UserRequest, number: str) -> HttpResponse:
    order, shows = _found(request, number)
    answer = JsonResponse(proving.proof(order, shows), json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="proof-{order.number}.json"'
    return answer


def _found(request: UserRequest, number: str) -> tuple[Order, Shows]:
    """The order, and what this person may read of it; 404 for everybody else."""
    orders, user = Order.objects.filter(number=number).select_related("shop"), request.user
    if (order := (orders & Order.objects.bought_by(user)).first()) is not None:
        return order, proving.for_buyer
    if (order := (orders & Order.objects.sold_by(user)).first()) is not None:
        return order, proving.for_seller(order)
    staff = user.is_staff and user.has_perm("orders.view_order") and passed_second_factor(request)
    if staff and (order := orders.first()) is not None:
        return order, proving.for_staff
    raise Http404
