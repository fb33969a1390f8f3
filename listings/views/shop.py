"""The seller opens and keeps a shop: its face, and what sending costs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from listings import services
from listings.errors import ListingError
from listings.forms import OpenShopForm, ShopForm, rate_formset
from listings.models import Shop
from marketplace import legal
from marketplace.http import UserRequest
from marketplace.lib.places import country_name
from marketplace.models import LegalText
from marketplace.refusals import told


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: UserRequest) -> HttpResponse:
    """`/sell/shop/`: open the shop, later change what may change."""
    shop = Shop.objects.of(request.user)
    return _open(request) if shop is None else _edit(request, shop)


def _open(request: UserRequest) -> HttpResponse:
    text = legal.current(LegalText.Kind.SELLER)
    visitor = request.visitor
    usual = {"country": visitor.country, "currency": visitor.currency}
    form = OpenShopForm(request.POST or None, version=text.version, initial=usual)
    if request.method == "POST" and form.is_valid():
        facts = {name: form.cleaned_data[name] for name in form.fields if name not in {"version", "agreement"}}
        try:
            services.open_shop(by=request.user, **facts)
        except ListingError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Your shop is open. Say next what sending costs."))
            return redirect("listings:shop_edit")
    return render(request, "listings/shop_open.html", {"form": form, "text": text}, status=_status(form))


def _edit(request: UserRequest, shop: Shop, rates: Any = None) -> HttpResponse:
    now = {name: getattr(shop, name) for name in ("name", "city", "about", "handling_days", "mirrors_endings")}
    form = ShopForm(request.POST if request.method == "POST" and rates is None else None, initial=now)
    if form.is_bound and form.is_valid():
        try:
            services.edit_shop(shop, by=request.user, **form.cleaned_data)
        except ListingError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Your shop is up to date."))
            return redirect("listings:shop_edit")
    context = {
        "shop": shop,
        "form": form,
        "rates": rates or rate_formset(shop),
        "shop_country": country_name(shop.country, request.visitor.language),
    }
    return render(request, "listings/shop_edit.html", context, status=_status(rates or form))


@require_POST
@login_required
def rates(request: UserRequest) -> HttpResponse:
    """Replace the shop's shipping rates by the rows of the form."""
    shop = get_object_or_404(Shop, owner=request.user)
    formset = rate_formset(shop, request.POST)
    if not formset.is_valid():
        return _edit(request, shop, formset)
    rows = [row for row in formset.forms if row not in formset.deleted_forms]
    drafts = [row.draft() for row in rows if row.has_changed() or row.initial]
    with told(request, ListingError):
        services.set_shipping_rates(shop, by=request.user, rates=drafts)
        messages.success(request, _("Your shipping rates are saved."))
    return redirect("listings:shop_edit")


def _status(form: Any) -> int:
    """422 for a form that was refused, as htmx and scripts expect."""
    return 422 if form.is_bound and not form.is_valid() else 200
