"""The seller's discount for cheaper ways to pay: how much is shared, and what that has cost."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from listings.models import Shop
from listings.services import share_savings
from marketplace.http import UserRequest
from orders.forms import DiscountForm
from orders.money.discounts import given_by
from orders.views.desk import of_shop


@require_http_methods(["GET", "HEAD", "POST"])
@of_shop
def discount(request: UserRequest, shop: Shop) -> HttpResponse:
    """`/sell/discount/`."""
    form = DiscountForm(request.POST if request.method == "POST" else None, initial={"percent": shop.saving_share})
    if form.is_bound and form.is_valid():
        share_savings(shop, by=request.user, **form.cleaned_data)
        messages.success(request, _("Saved. It counts from the next price on that a buyer is shown."))
        return redirect("orders:discount")
    context = {"form": form, "shop": shop, "given": given_by(shop)}
    return render(request, "orders/discount.html", context, status=422 if form.is_bound else 200)
