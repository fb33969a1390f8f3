"""What a buyer can do about an order besides taking it: withdraw, send back, another address. Guests come by token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marketplace.http import UserRequest, VisitorRequest
from marketplace.models import User
from orders import access, options, rerouting
from orders.checkout import addresses
from orders.errors import OrderRefused
from orders.forms import SendBackForm, WithdrawForm
from orders.models import Order
from orders.returns import giving_back, withdrawal
from orders.returns import life as returns


@dataclass(frozen=True, slots=True)
class Page:
    """A form about an order: made for it, confirmed on a second page where `twice`, and what it does."""

    template: str
    form: Callable[[Order, Any], Form]
    do: Callable[[Order, User | None, Any], str]
    needs: str  # in orders.options.of_buyer
    twice: bool = False


def _withdraw(order: Order, by: User | None, form: WithdrawForm) -> str:
    withdrawal.withdraw(order.number, by=by, items=form.items(), name=form.cleaned_data["name"])
    return _("Your withdrawal is noted. The receipt is on its way to your e-mail address.")


def _send_back(order: Order, by: User | None, form: SendBackForm) -> str:
    returns.ask(order.number, by=by, items=form.items(), reason=form.cleaned_data["reason"])
    return _("The seller has five days to answer.")


def _address(order: Order, by: User | None, form: addresses.AddressForm) -> str:
    rerouting.ask(order.number, by=by, address=form.cleaned_data["address"])
    return _("The seller has been asked. Until the answer it goes where it was ordered to.")


PAGES: dict[str, Page] = {
    "withdraw": Page(
        "orders/withdraw.html",
        lambda order, data: WithdrawForm(data, lines=withdrawal.lines(order)),
        _withdraw,
        "withdraw",
        twice=True,
    ),
    "send-back": Page(
        "orders/send_back.html",
        lambda order, data: SendBackForm(data, lines=[one for one in giving_back.pieces_left(order) if one[1]]),
        _send_back,
        "return",
    ),
    "address": Page(
        "orders/another_address.html",
        lambda order, data: addresses.AddressForm(data, country=order.address["country_code"], initial=order.address),
        _address,
        "address",
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def page(request: UserRequest, number: str, name: str) -> HttpResponse:
    order = access.bought(number, request.user)
    return _page(request, order, request.user, PAGES[name], reverse("orders:detail", args=[number]))


@require_http_methods(["GET", "HEAD", "POST"])
def guest_page(request: VisitorRequest, token: str, number: str, name: str) -> HttpResponse:
    order = access.by_token(token, number)
    return _page(request, order, None, PAGES[name], reverse("orders:guest", args=[token, number]))


def _page(request: VisitorRequest, order: Order, by: User | None, shown: Page, back: str) -> HttpResponse:
    if shown.needs not in options.of_buyer(order):
        if request.method != "POST":
            raise Http404
        messages.error(request, _("This cannot be done any more. The page of the order says what can."))
        return redirect(back)
    form = shown.form(order, request.POST or None)
    context = {"order": order, "form": form, "back": back}
    if request.method != "POST":
        return render(request, shown.template, context)
    if form.is_valid():
        if shown.twice and request.POST.get("step") != "do":
            return _once_more(request, order, shown, form, context)
        try:
            messages.success(request, shown.do(order, by, form))
        except OrderRefused as error:
            form.add_error(None, str(error))
        else:
            return redirect(back)
    return render(request, shown.template, context, status=422)


def _once_more(request: VisitorRequest, order: Order, shown: Page, form: Any, context: dict[str, Any]) -> HttpResponse:
    """The second page: what is stated, and what comes back for it."""
    try:
        brings = withdrawal.preview(order, form.items())
    except OrderRefused as error:
        form.add_error(None, str(error))
        return render(request, shown.template, context, status=422)
    pieces = giving_back.pieces(order, form.items())
    return render(request, shown.template, context | {"confirm": True, "brings": brings, "pieces": pieces})
