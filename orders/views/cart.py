"""The basket page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from fx.services import current_rates
from marketplace.http import VisitorRequest
from marketplace.visitors import owner_key
from orders import carts
from orders.errors import OrderRefused
from orders.forms import QuantityForm
from orders.pricing import price


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
        messages.error(request, " ".join(str(text) for texts in form.errors.values() for text in texts))
        return redirect("orders:cart")
    try:
        carts.put(
            owner=owner_key(request, create=True),
            listing_id=form.cleaned_data["listing"],
            quantity=form.cleaned_data["quantity"],
            add=add,
        )
    except OrderRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Your basket is up to date."))
    return redirect("orders:cart")
