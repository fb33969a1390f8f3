"""The basket page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from fx.services import current_rates
from marketplace.http import VisitorRequest
from marketplace.refusals import sentence, told
from marketplace.visitors import owner_key
from orders.checkout import carts
from orders.checkout.pricing import price
from orders.errors import OrderRefused
from orders.forms import QuantityForm


@require_safe
def cart(request: VisitorRequest) -> HttpResponse:
    visitor = request.visitor
    lines = carts.lines_of(owner_key(request))
    basket = price(lines, country=visitor.country, currency=visitor.currency, rates=current_rates())
    return render(request, "orders/cart.html", {"basket": basket, "empty": not lines})


@require_POST
def put(request: VisitorRequest, *, add: bool) -> HttpResponse:
    """Set or add a quantity; the answer is the basket page, with a sentence when it was refused."""
    form = QuantityForm(request.POST)
    if not form.is_valid():
        messages.error(request, sentence(form))
        return redirect("orders:cart")
    owner, asked = owner_key(request, create=True), form.cleaned_data
    with told(request, OrderRefused):
        carts.put(owner=owner, listing_id=asked["listing"], quantity=asked["quantity"], add=add)
        messages.success(request, _("Your basket is up to date."))
    return redirect("orders:cart")
