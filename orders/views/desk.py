"""The seller's desk: what needs doing, one sale."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from listings.models import Shop
from marketplace.http import UserRequest
from marketplace.refusals import told
from orders import access, services
from orders.disputes.forms import AnswerForm, MessageForm, OfferForm
from orders.disputes.messages import develop
from orders.errors import OrderRefused
from orders.forms import (
    AuthorizeForm,
    CameBackForm,
    CancelSaleForm,
    ReceivedForm,
    ShipForm,
    WhyForm,
)
from orders.models import Order
from orders.pages import desk_page, order_page
from orders.tracking.carriers import CARRIERS
from orders.views.case import filled


def of_shop(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page of the user's shop; who has none is sent to open one."""

    @login_required
    @wraps(view)
    def page(request: UserRequest, **parts: str) -> HttpResponseBase:
        shop = Shop.objects.of(request.user)
        return redirect("listings:shop_edit") if shop is None else view(request, shop, **parts)

    return page


@require_safe
@of_shop
def home(request: UserRequest, shop: Shop) -> HttpResponse:
    return render(request, "orders/desk.html", desk_page(shop))


@require_safe
@login_required
def sales(request: UserRequest) -> HttpResponse:
    orders = Order.objects.sold_by(request.user).prefetch_related("lines").select_related("checkout").order_by("-pk")
    page = Paginator(orders, 20).get_page(request.GET.get("page"))
    return render(request, "orders/sales.html", {"page": page})


@require_safe
@login_required
def sale(request: UserRequest, number: str) -> HttpResponse:
    return _sale(request, access.sold(number, request.user))


def _sale(request: UserRequest, order: Order, ship: ShipForm | None = None, status: int = 200) -> HttpResponse:
    context = order_page(order, as_seller=True) | {
        "as_seller": True,
        "ship_form": ship or ShipForm(tracked=order.tracked),
        "answer_form": AnswerForm(),
        "message_form": MessageForm(),
        "offer_form": OfferForm(order=order),
        "cancel_form": CancelSaleForm(),
        "came_back_form": CameBackForm(),
        "parcel_form": ShipForm(tracked=order.tracked),
        "carriers": CARRIERS,
        "authorize_form": AuthorizeForm(),
        "why_form": WhyForm(),
        "received_form": ReceivedForm(),
    }
    return render(request, "orders/detail.html", context, status=status)


@require_POST
@login_required
def ship(request: UserRequest, number: str) -> HttpResponse:
    order = access.sold(number, request.user)
    form = ShipForm(request.POST, tracked=order.tracked)
    if not form.is_valid():
        return _sale(request, order, form, 422)
    with told(request, OrderRefused):
        services.mark_shipped(number, by=request.user, **form.cleaned_data)
        messages.success(request, _("Marked as shipped. The buyer has been told."))
    return redirect("orders:sale", number)


@require_POST
@login_required
def answer(request: UserRequest, number: str) -> HttpResponse:
    access.sold(number, request.user)
    with told(request, OrderRefused):
        said = filled(AnswerForm(request.POST, request.FILES)).cleaned_data
        shots = develop(said["pictures"])
        services.answer_dispute(number, by=request.user, answer=said["answer"], shots=shots)
        messages.success(request, _("Your answer is with the moderator, who decides within seven days."))
    return redirect("orders:sale", number)
