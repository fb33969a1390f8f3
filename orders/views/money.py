"""The seller's money: where it goes, and asking for it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from fx.format import format_money
from listings.models import Shop
from marketplace.http import UserRequest
from marketplace.refusals import told
from orders.money.forms import PlanForm, filled
from orders.money.page import money_page
from orders.views.desk import of_shop
from payments.errors import PaymentError
from payments.models import Payout, PayoutMethod
from payments.payouts import connect, methods
from payments.payouts import life as payouts
from payments.payouts.schedules import set_plan


@require_safe
@of_shop
def money(request: UserRequest, shop: Shop) -> HttpResponse:
    return render(request, "orders/money.html", money_page(shop))


@require_POST
@of_shop
def add_method(request: UserRequest, shop: Shop, kind: str) -> HttpResponse:
    form = filled(kind, request.POST)
    if form is None:
        raise Http404
    if form.is_valid():
        try:
            method = methods.add_payout_method(
                seller=request.user, currency=shop.currency, by=request.user, kind=kind, **form.cleaned_data
            )
        except PaymentError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _saved(method))
            return redirect("orders:money")
    page = money_page(shop)
    page["forms"] = {**page["forms"], kind: form}
    return render(request, "orders/money.html", page, status=422)


@require_POST
@of_shop
def open_account(request: UserRequest, shop: Shop) -> HttpResponse:
    """An account at Stripe; the page then leads there."""
    with told(request, PaymentError):
        how = {"currency": shop.currency, "country": shop.country}
        connect.open_account(seller=request.user, by=request.user, **how)
        messages.success(request, _("Your account at Stripe is open. Say there who you are; then you can be paid."))
    return redirect("orders:money")


@require_safe
@login_required
def account_page(request: UserRequest, pk: int) -> HttpResponse:
    """On to Stripe's own page; it works once, so that it is made when somebody goes there."""
    back = request.build_absolute_uri(reverse("orders:money"))
    try:
        return redirect(connect.page(_own(request, pk), by=request.user, back=back))
    except PaymentError as error:
        messages.error(request, str(error))
        return redirect("orders:money")


@require_POST
@login_required
def look_at_account(request: UserRequest, pk: int) -> HttpResponse:
    method = _own(request, pk)
    with told(request, PaymentError):
        ready = connect.look(method.pk).verified_at is not None
        words = _("Stripe can pay you.") if ready else _("Stripe still wants to know more of you.")
        messages.info(request, words)
    return redirect("orders:money")


@require_POST
@login_required
def use_method(request: UserRequest, pk: int) -> HttpResponse:
    method = _own(request, pk)
    with told(request, PaymentError):
        messages.success(request, _saved(methods.choose_default(method, by=request.user)))
    return redirect("orders:money")


@require_POST
@login_required
def remove_method(request: UserRequest, pk: int) -> HttpResponse:
    with told(request, PaymentError):
        methods.remove_payout_method(_own(request, pk), by=request.user)
        messages.success(request, _("Removed. Nothing is paid there any more."))
    return redirect("orders:money")


@require_POST
@of_shop
def plan(request: UserRequest, shop: Shop) -> HttpResponse:
    form = PlanForm(shop.currency, request.POST)
    if form.is_valid():
        with told(request, PaymentError):
            set_plan(seller=request.user, currency=shop.currency, by=request.user, **form.cleaned_data)
            messages.success(request, _("Saved."))
        return redirect("orders:money")
    return render(request, "orders/money.html", money_page(shop) | {"plan_form": form}, status=422)


@require_POST
@of_shop
def request_payout(request: UserRequest, shop: Shop) -> HttpResponse:
    with told(request, PaymentError):
        payout = payouts.request_payout(seller=request.user, currency=shop.currency, by=request.user)
        amount = format_money(payout.amount, request.visitor.language)
        messages.success(request, _("A payout of %(amount)s is requested.") % {"amount": amount})
        if payout.method.rests:
            messages.warning(request, payout.method.rest_in_words)
    return redirect("orders:money")


@require_POST
@login_required
def cancel_payout(request: UserRequest, pk: UUID) -> HttpResponse:
    payout = get_object_or_404(Payout, pk=pk, seller=request.user)
    with told(request, PaymentError):
        payouts.cancel_payout(payout, by=request.user)
        messages.success(request, _("Canceled. The money is payable to you again."))
    return redirect("orders:money")


def _own(request: UserRequest, pk: int) -> PayoutMethod:
    return get_object_or_404(PayoutMethod, pk=pk, seller=request.user)


def _saved(method: PayoutMethod) -> str:
    return method.rest_in_words if method.rests else _("Saved. Payouts go there.")
