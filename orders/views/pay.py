"""The payment page of a placed checkout, reached by its 128-bit token: by the buyer, guest or not."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from fx.money import COINS
from marketplace.http import VisitorRequest
from marketplace.lib.clock import now
from marketplace.lib.csp import widen
from marketplace.refusals import told
from marketplace.visitors import owner_key
from orders.access import checkout_by_token
from orders.checkout.carts import put_back
from orders.checkout.placing import BACK
from orders.errors import OrderRefused
from orders.following import follow
from orders.forms import RefundAddressForm
from orders.models import Checkout, Order
from orders.services import give_refund_address, give_up
from payments.booking import excess
from payments.models import Payment, Refund
from payments.paypage import part_of
from payments.processors.base import Can, ProcessorError
from payments.processors.registry import can
from payments.refunds.addresses import may_change
from payments.services import refresh_payment

log = logging.getLogger(__name__)
ASKED = {Payment.State.PENDING, Payment.State.ACTION, Payment.State.AUTHORIZED, Payment.State.FAILED}


@require_safe
def pay(request: VisitorRequest, token: str) -> HttpResponseBase:
    """How to pay, or what became of it. Once paid, the page is the way to the orders."""
    _ask(checkout_by_token(token).payment)
    context = _context(checkout_by_token(token)) | {"back": BACK in request.GET}
    response = render(request, "orders/pay.html", context)
    if context["open"]:
        widen(response, context["part"].csp)
    return response


def _ask(payment: Payment) -> None:
    """Ask a processor that sends webhooks for the news they may still carry: who comes back has mostly just paid."""
    if payment.state not in ASKED or Can.WEBHOOK not in can(payment.processor):
        return
    try:
        refresh_payment(payment.pk, follow=follow)
    except ProcessorError as error:
        log.warning("Payment %s could not be asked for: %s. Its webhook or the sweep will tell.", payment.pk, error)


@require_safe
def status(request: VisitorRequest, token: str) -> HttpResponse:
    """The status part alone, for the page's refresh. When all is settled the browser is sent on; a page that said
    which state it shows is loaded again when that has changed."""
    context = _context(checkout_by_token(token))
    response = render(request, "orders/pay.html#status", context)
    shown = request.GET.get("shown", context["payment"].state)
    if not context["open"] or shown != context["payment"].state:
        response["HX-Refresh"] = "true"
    return response


def _context(checkout: Checkout) -> dict[str, Any]:
    payment = checkout.payment
    part = part_of(payment)
    going = list(Refund.objects.filter(payment=payment).order_by("created_at")) if payment.currency in COINS else []
    orders = list(checkout.orders.select_related("shop").order_by("pk"))
    return {
        "checkout": checkout,
        "payment": payment,
        "orders": orders,
        "part": part,
        "step": part.step,
        "label": part.label,
        "open": payment.state in Payment.OPEN,
        "seconds_left": max(0, int((payment.expires_at - now()).total_seconds())) if payment.expires_at else 0,
        "is_coin": payment.currency in COINS,
        "paid": payment.state == Payment.State.CAPTURED,
        "to_ship": sum(order.status == Order.Status.PAID for order in orders),
        "too_much": excess(payment) if payment.state == Payment.State.CAPTURED else None,
        "refunds": [refund for refund in going if may_change(refund)],
        "going": going,
        "asks": any(refund.state == Refund.State.NEEDS_ADDRESS for refund in going),
        "refund_form": RefundAddressForm(label=part.processor.destination_label if part.processor else ""),
    }


@require_POST
def cancel(request: VisitorRequest, token: str) -> HttpResponse:
    """The buyer changed their mind before paying. The goods go back once the processor confirms."""
    checkout = checkout_by_token(token)
    with told(request, OrderRefused):
        give_up(checkout)
        if checkout.owner == owner_key(request):
            put_back(checkout)
        messages.info(request, _("The payment is being canceled. Nothing will be charged."))
    return redirect("orders:pay", token)


@require_POST
def refund_address(request: VisitorRequest, token: str) -> HttpResponse:
    """Where coins go back to: only the buyer can say."""
    checkout = checkout_by_token(token)
    form = RefundAddressForm(request.POST)
    with told(request, OrderRefused):
        if not form.is_valid():
            raise OrderRefused(_("Give an address of yours."))
        give_refund_address(checkout, destination=form.cleaned_data["destination"])
        messages.success(request, _("Thank you. The coins will be sent there."))
    return redirect("orders:pay", token)
