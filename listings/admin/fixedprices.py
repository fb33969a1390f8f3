"""What sellers fixed in other currencies: beside the listing, with today's equivalent; staff may take one back."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from fx.format import format_money
from listings import services
from listings.admin.reasons import ReasonForm
from listings.asking import compared
from listings.errors import ListingError
from listings.models import FixedPrice
from listings.services.fixedprices import equivalent
from marketplace.admin import AnyModelAdmin, ReadOnlyInline, staff


class FixedPrices(ReadOnlyInline):
    model = FixedPrice
    fields = readonly_fields = ("currency", "fixed", "today", "take_back")

    @admin.display(description=_("fixed price"))
    def fixed(self, row: FixedPrice) -> str:
        return format_money(row.price, get_language() or "en")

    @admin.display(description=_("the converted price"))
    def today(self, row: FixedPrice) -> str:
        return beside(row)

    @admin.display(description="")
    def take_back(self, row: FixedPrice) -> SafeString:
        url = reverse("admin:listings_listing_fixed_price", args=[row.listing_id, row.currency])
        return format_html('<a href="{}">{}</a>', url, gettext("Take back …"))


def beside(row: FixedPrice) -> str:
    """How far the price is from what buyers would be asked without it."""
    usual = equivalent(row.listing.price, row.currency)
    return gettext("no exchange rate today") if usual is None else compared(row.price, usual, get_language() or "en")


def take_back_view(model_admin: AnyModelAdmin, request: HttpRequest, pk: int, currency: str) -> HttpResponse:
    """Ask for the reason, which the seller reads."""
    if not request.user.has_perm("listings.change_listing"):
        raise PermissionDenied
    row = get_object_or_404(FixedPrice.objects.select_related("listing__shop"), listing=pk, currency=currency)
    form = ReasonForm(request.POST or None)
    if form.is_valid() and _taken_back(model_admin, request, row, form.cleaned_data["reason"]):
        return redirect("admin:listings_listing_change", pk)
    context: dict[str, Any] = {
        **model_admin.admin_site.each_context(request),
        "title": gettext("Take back a fixed price"),
        "form": form,
        "row": row,
        "beside": beside(row),
    }
    return TemplateResponse(request, "admin/listings/listing/fixed_price.html", context)


def _taken_back(model_admin: AnyModelAdmin, request: HttpRequest, row: FixedPrice, reason: str) -> bool:
    try:
        price = services.take_back_fixed_price(row.listing, currency=row.currency, by=staff(request), reason=reason)
    except ListingError as error:
        messages.error(request, str(error))
        return False
    model_admin.log_change(request, row.listing, f"Took back the fixed price {price}: {reason}")
    messages.success(request, gettext("Noted. The seller has been told."))
    return True
