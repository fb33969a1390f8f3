"""The seller's invoices about our commission, and who they are made out to."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from listings.models import Shop
from marketplace.http import UserRequest
from marketplace.lib import clock
from orders.invoices import showing
from orders.invoices.forms import form_of
from orders.invoices.issuing import issue
from orders.invoices.opening import open_invoices
from orders.views.desk import of_shop
from payments.errors import InvoiceRefused
from payments.invoices.profiles import set_profile


@require_safe
@login_required
def index(request: UserRequest) -> HttpResponse:
    return render(request, "orders/invoices.html", showing.page(request.user, request.visitor.language))


@require_safe
@login_required
def show_paper(request: UserRequest, paper: str) -> HttpResponse:
    return showing.paper(request.user, paper)


@require_POST
@login_required
def write_now(request: UserRequest) -> HttpResponse:
    """What is on no invoice yet gets one today."""
    written = [issue(invoice.pk) for invoice in open_invoices(request.user.pk, clock.now())]
    if not written:
        messages.info(request, _("Everything that was released is on an invoice."))
    elif None in written:
        messages.warning(request, _("The invoice waits. It says for what."))
    else:
        messages.success(request, _("The invoice is written."))
    return redirect("orders:invoices")


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
            return redirect("orders:invoices")
    return render(request, "orders/tax_profile.html", {"form": form}, status=422 if form.is_bound else 200)
