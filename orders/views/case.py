"""The conversation of an order and the dispute in it: messages, offers, pictures. Guests come by token."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TypeVar

from django import forms
from django.contrib import messages as notes
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marketplace.http import UserRequest, VisitorRequest
from marketplace.models import User
from marketplace.refusals import sentence, told
from orders import access
from orders.disputes import life as disputing
from orders.disputes import messages
from orders.disputes.forms import MessageForm, OfferAnswerForm, OfferForm
from orders.disputes.showing import shown
from orders.errors import OrderRefused
from orders.models import Message, Order

Role = Message.Role
Form = TypeVar("Form", bound=forms.Form)


def filled(form: Form) -> Form:
    """The form when it is valid; OrderRefused says what is not."""
    if not form.is_valid():
        raise OrderRefused(sentence(form))
    return form


def _message(order: Order, by: User | None, request: HttpRequest, role: Message.Role) -> str:
    said = filled(MessageForm(request.POST, request.FILES)).cleaned_data
    messages.send(order.number, role=role, by=by, text=said["text"], shots=messages.develop(said["pictures"]))
    return _("Sent.")


def _accept(order: Order, by: User | None, request: HttpRequest, role: Message.Role) -> str:
    standing = filled(OfferAnswerForm(request.POST)).cleaned_data["offer"]
    disputing.answer_offer(order.number, by=by, offer_id=standing, accepted=True)
    return _("Agreed. The dispute is over and the money is on its way.")


def _decline(order: Order, by: User | None, request: HttpRequest, role: Message.Role) -> str:
    standing = filled(OfferAnswerForm(request.POST)).cleaned_data["offer"]
    disputing.answer_offer(order.number, by=by, offer_id=standing, accepted=False)
    return _("Declined. The dispute goes on; a moderator decides.")


def _offer(order: Order, by: User | None, request: HttpRequest, role: Message.Role) -> str:
    assert by is not None, "a seller is logged in"
    form = filled(OfferForm(request.POST, order=order))
    disputing.offer(order.number, by=by, back=form.back(), text=form.cleaned_data["text"])
    return _("Offered. The buyer has been told and can accept until the dispute is decided.")


Act = Callable[[Order, "User | None", HttpRequest, Message.Role], str]
BUYER: dict[str, Act] = {"message": _message, "accept": _accept, "decline": _decline}
SELLER: dict[str, Act] = {"message": _message, "offer": _offer}


@require_POST
@login_required
def act(request: UserRequest, number: str, action: str) -> HttpResponse:
    order = access.bought(number, request.user)
    _do(request, order, request.user, BUYER[action], Role.BUYER)
    return redirect("orders:detail", number)


@require_POST
def guest_act(request: VisitorRequest, token: str, number: str, action: str) -> HttpResponse:
    _do(request, access.by_token(token, number), None, BUYER[action], Role.BUYER)
    return redirect("orders:guest", token, number)


@require_POST
@login_required
def sale_act(request: UserRequest, number: str, action: str) -> HttpResponse:
    order = access.sold(number, request.user)
    _do(request, order, request.user, SELLER[action], Role.SELLER)
    return redirect("orders:sale", number)


def _do(request: HttpRequest, order: Order, by: User | None, do: Act, role: Message.Role) -> None:
    with told(request, OrderRefused):
        notes.success(request, do(order, by, request, role))


@require_safe
@login_required
def bought_picture(request: UserRequest, number: str, picture: uuid.UUID) -> HttpResponse:
    return shown(messages.picture(access.bought(number, request.user), picture))


@require_safe
def guest_picture(request: VisitorRequest, token: str, number: str, picture: uuid.UUID) -> HttpResponse:
    return shown(messages.picture(access.by_token(token, number), picture))


@require_safe
@login_required
def sale_picture(request: UserRequest, number: str, picture: uuid.UUID) -> HttpResponse:
    return shown(messages.picture(access.sold(number, request.user), picture))
