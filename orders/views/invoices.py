"""The seller's invoices about our commission, and who they are made out to."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from listings.models import Shop
from marketplace.http import UserRequest
from orders.invoices.forms import form_of
from orders.views.desk import of_shop
from payments.errors import InvoiceRefused
from payments.invoices.profiles import set_profile


@require_http_methods(["GET", "HEAD", "POST"])
@of_shop
def profile(request: UserRequest, shop: Shop) -> HttpResponse:
    form = form_of(shop, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            set_profile(seller=request.user, by=request.user, stated=form.stated)
        except InvoiceRefused as error:
            form.add_error("vat_id", str(error))
        else:
            messages.success(request, _("Saved. Invoices from now on are made out to this."))
            return redirect("orders:money")
    return render(request, "orders/tax_profile.html", {"form": form}, status=422 if form.is_bound else 200)
