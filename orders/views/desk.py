"""The seller's desk: what needs doing, one sale, money."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from listings.models import Shop
from marketplace.http import UserRequest
from orders import access, services
from orders.errors import OrderRefused
from orders.forms import AnswerForm, PayoutMethodForm, ShipForm
from orders.models import Order
from orders.money import money_page
from orders.pages import desk_page, order_page
from payments import payouts
from payments.errors import PaymentError


def _shop(request: UserRequest) -> Shop | None:
    return Shop.objects.filter(owner=request.user).first()


@require_safe
@login_required
def home(request: UserRequest) -> HttpResponse:
    shop = _shop(request)
    if shop is None:
        return redirect("listings:shop_edit")
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
    context = order_page(order) | {
        "as_seller": True,
        "ship_form": ship or ShipForm(tracked=order.tracked),
        "answer_form": AnswerForm(),
    }
    return render(request, "orders/detail.html", context, status=status)


@require_POST
@login_required
def ship(request: UserRequest, number: str) -> HttpResponse:
    order = access.sold(number, request.user)
    form = ShipForm(request.POST, tracked=order.tracked)
    if not form.is_valid():
        return _sale(request, order, form, 422)
    try:
        services.mark_shipped(number, by=request.user, **form.cleaned_data)
    except OrderRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Marked as shipped. The buyer has been told."))
    return redirect("orders:sale", number)


@require_POST
@login_required
def answer(request: UserRequest, number: str) -> HttpResponse:
    access.sold(number, request.user)
    form = AnswerForm(request.POST)
    try:
        text = form.cleaned_data["answer"] if form.is_valid() else ""
        services.answer_dispute(number, by=request.user, answer=text)
    except OrderRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Your answer is with the moderator, who decides within seven days."))
    return redirect("orders:sale", number)


@require_safe
@login_required
def money(request: UserRequest) -> HttpResponse:
    shop = _shop(request)
    if shop is None:
        return redirect("listings:shop_edit")
    return render(request, "orders/money.html", money_page(shop))


@require_POST
@login_required
def payout_method(request: UserRequest) -> HttpResponse:
    shop = _shop(request)
    if shop is None:
        return redirect("listings:shop_edit")
    form = PayoutMethodForm(request.POST)
    try:
        if not form.is_valid():
            raise PaymentError(" ".join(str(text) for texts in form.errors.values() for text in texts))
        payouts.set_payout_method(seller=request.user, currency=shop.currency, by=request.user, **form.cleaned_data)
    except PaymentError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Saved. Payouts go there."))
    return redirect("orders:money")


@require_POST
@login_required
def request_payout(request: UserRequest) -> HttpResponse:
    shop = _shop(request)
    if shop is None:
        return redirect("listings:shop_edit")
    try:
        payout = payouts.request_payout(seller=request.user, currency=shop.currency, by=request.user)
    except PaymentError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("A payout of %(amount)s is requested.") % {"amount": payout.amount})
    return redirect("orders:money")
