"""The buyer's orders: the list, one order as a timeline, and what a buyer can do. Guests come by token."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marketplace.http import UserRequest, VisitorRequest
from marketplace.models import User
from marketplace.refusals import sentence, told
from orders import access, services
from orders.disputes.forms import ComplaintForm, MessageForm
from orders.disputes.messages import develop
from orders.errors import OrderRefused
from orders.forms import SentBackForm
from orders.models import Order
from orders.pages import order_page
from orders.returns import cancellation
from orders.returns import life as returns
from orders.views.case import filled


@require_safe
@login_required
def index(request: UserRequest) -> HttpResponse:
    orders = Order.objects.bought_by(request.user).select_related("shop").prefetch_related("lines").order_by("-pk")
    page = Paginator(orders, 20).get_page(request.GET.get("page"))
    return render(request, "orders/index.html", {"page": page})


@require_safe
@login_required
def detail(request: UserRequest, number: str) -> HttpResponse:
    return _detail(request, access.bought(number, request.user), token="")


@require_safe
def guest(request: VisitorRequest, token: str, number: str) -> HttpResponse:
    return _detail(request, access.by_token(token, number), token=token)


def _detail(request: VisitorRequest, order: Order, *, token: str) -> HttpResponse:
    context = order_page(order, as_seller=False) | {
        "token": token,
        "form": ComplaintForm(),
        "message_form": MessageForm(),
        "as_seller": False,
        "sent_back_form": SentBackForm(),
    }
    return render(request, "orders/detail.html", context)


def _confirm(order: Order, by: User | None, request: VisitorRequest) -> str:
    services.confirm(order.number, by=by)
    return _("Thank you. The seller is paid now.")


def _delivered(order: Order, by: User | None, request: VisitorRequest) -> str:
    services.mark_delivered(order.number, by=by, why=_("The buyer says so."))
    return _("Good. Look at it in peace; you have 16 days to say if something is wrong.")


def _dispute(order: Order, by: User | None, request: VisitorRequest) -> str:
    said = filled(ComplaintForm(request.POST, request.FILES)).cleaned_data
    shots = develop(said["pictures"])
    services.open_dispute(order.number, by=by, kind=said["kind"], reason=said["reason"], shots=shots)
    return _("The seller has five days to answer. The money stays held until this is settled.")


def _cancel(order: Order, by: User | None, request: VisitorRequest) -> str:
    cancellation.cancel_purchase(order.number, by=by)
    return _("The order is canceled. All that you paid goes back the way it came.")


def _sent_back(order: Order, by: User | None, request: VisitorRequest) -> str:
    form = SentBackForm(request.POST)
    if not form.is_valid():
        raise OrderRefused(sentence(form))
    returns.send(access.live_return(order), by=by, **form.cleaned_data)
    return _("Noted. The seller has two weeks to receive it; then you are refunded.")


def _keep(order: Order, by: User | None, request: VisitorRequest) -> str:
    returns.give_up(access.live_return(order), by=by)
    return _("You keep it. The order goes on as it was.")


ACTIONS: dict[str, Callable[[Order, User | None, VisitorRequest], str]] = {
    "confirm": _confirm,
    "delivered": _delivered,
    "dispute": _dispute,
    "cancel": _cancel,
    "sent-back": _sent_back,
    "keep": _keep,
}


@require_POST
@login_required
def act(request: UserRequest, number: str, action: str) -> HttpResponse:
    _do(request, access.bought(number, request.user), request.user, action)
    return redirect("orders:detail", number)


@require_POST
def guest_act(request: VisitorRequest, token: str, number: str, action: str) -> HttpResponse:
    _do(request, access.by_token(token, number), None, action)
    return redirect("orders:guest", token, number)


def _do(request: VisitorRequest, order: Order, by: User | None, action: str) -> None:
    with told(request, OrderRefused):
        messages.success(request, ACTIONS[action](order, by, request))
