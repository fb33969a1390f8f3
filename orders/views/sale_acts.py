"""What a seller can do about a sale besides shipping it: cancel, another parcel, a return, another address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from marketplace.http import UserRequest
from marketplace.models import User
from marketplace.refusals import sentence, told
from orders import access, parcels, rerouting
from orders.errors import OrderRefused
from orders.forms import AuthorizeForm, CameBackForm, CancelSaleForm, ReceivedForm, ShipForm, WhyForm
from orders.models import Order
from orders.returns import cancellation
from orders.returns import life as returns


@dataclass(frozen=True, slots=True)
class Act:
    """A form, what it does, and what the seller reads then."""

    form: Callable[[Order, Any], Form]
    do: Callable[[Order, User, dict[str, Any], HttpRequest], object]
    done: str


def _answer_address(order: Order, by: User, data: dict[str, Any], request: HttpRequest) -> object:
    return rerouting.answer(access.open_change(order), by=by, accept="accept" in request.POST)


def acts() -> dict[str, Act]:
    return {
        "cancel": Act(
            lambda order, post: CancelSaleForm(post),
            lambda order, by, data, request: cancellation.cancel_sale(order.number, by=by, **data),
            _("The sale is canceled and the buyer gets everything back."),
        ),
        "came-back": Act(
            lambda order, post: CameBackForm(post),
            lambda order, by, data, request: cancellation.returned_to_sender(order.number, by=by, **data),
            _("Noted. The buyer has been told and is refunded."),
        ),
        "parcel": Act(
            lambda order, post: ShipForm(post, tracked=order.tracked),
            lambda order, by, data, request: parcels.add(order.number, by=by, **data),
            _("The buyer has been told of this parcel, too."),
        ),
        "authorize": Act(
            lambda order, post: AuthorizeForm(post),
            lambda order, by, data, request: returns.authorize(access.live_return(order), by=by, **data),
            _("The buyer knows where to send it."),
        ),
        "refuse": Act(
            lambda order, post: WhyForm(post),
            lambda order, by, data, request: returns.refuse(access.live_return(order), by=by, **data),
            _("The buyer has been told."),
        ),
        "received": Act(
            lambda order, post: ReceivedForm(post),
            lambda order, by, data, request: returns.receive(access.live_return(order), by=by, **data),
            _("Thank you. The buyer is refunded."),
        ),
        "contest": Act(
            lambda order, post: WhyForm(post),
            lambda order, by, data, request: returns.contest(access.live_return(order), by=by, **data),
            _("A moderator decides within seven days."),
        ),
        "address": Act(lambda order, post: Form(post), _answer_address, _("The buyer has been told.")),
    }


@require_POST
@login_required
def act(request: UserRequest, number: str, action: str) -> HttpResponse:
    order = access.sold(number, request.user)
    chosen = acts()[action]
    form = chosen.form(order, request.POST)
    with told(request, OrderRefused):
        if not form.is_valid():
            raise OrderRefused(sentence(form))
        chosen.do(order, request.user, form.cleaned_data, request)
        messages.success(request, chosen.done)
    return redirect("orders:sale", number)
