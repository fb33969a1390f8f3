"""Shops to look at and to suspend."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from listings import services
from listings.errors import ListingError
from listings.fields import WholeNumberField
from listings.models import Listing, ShippingRate, Shop
from marketplace.admin import ReadOnly, ReadOnlyInline, staff


class ReserveForm(forms.Form):
    bps = WholeNumberField(
        label=_("Basis points of each sale"), low=0, high=10_000, help_text=_("1000 is 10 %; 0 ends the reserve.")
    )
    days = WholeNumberField(label=_("Days"), low=0, high=365)
    reason = forms.CharField(label=_("Reason, which the seller reads"), max_length=1000, widget=forms.Textarea)


class Rates(ReadOnlyInline):
    model = ShippingRate
    fields = readonly_fields = (
        "name",
        "countries",
        "first_minor",
        "bands",
        "next_minor",
        "free_over_minor",
        "max_weight_g",
        "tracked",
    )


@admin.register(Shop)
class ShopAdmin(ReadOnly):
    list_display = (
        "name",
        "owner",
        "country",
        "city",
        "currency",
        "on_sale",
        "reserve",
        "saving_share",
        "opened_at",
        "suspended_at",
    )
    list_filter = (("suspended_at", admin.EmptyFieldListFilter), "country", "currency")
    search_fields = ("name", "owner__email", "city")
    list_select_related = ("owner",)
    inlines = (Rates,)
    actions = ("suspend", "unsuspend")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shop]:
        live = Count("listings", filter=Q(listings__status=Listing.Status.LIVE))
        rows: QuerySet[Shop] = super().get_queryset(request).annotate(live=live)
        return rows

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("listings.change_shop")

    @admin.display(description=_("live listings"), ordering="live")
    def on_sale(self, shop: Shop) -> int:
        return int(getattr(shop, "live", 0))

    @admin.display(description=_("reserve"))
    def reserve(self, shop: Shop) -> SafeString:
        kept = gettext("%(percent)s %% for %(days)d days") % {
            "percent": shop.reserve_bps / 100,
            "days": shop.reserve_days,
        }
        words = kept if shop.reserve_bps else gettext("none")
        url = reverse("admin:listings_shop_reserve", args=[shop.pk])
        return format_html('{} <a href="{}">{}</a>', words, url, gettext("Change"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.reserve_view)
        return [path("<int:pk>/reserve/", view, name="listings_shop_reserve"), *super().get_urls()]

    def reserve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for per cent, days and a reason, which the seller reads."""
        shop = get_object_or_404(Shop, pk=pk)
        if not self.has_moderate_permission(request):
            raise PermissionDenied
        form = ReserveForm(request.POST or None)
        if form.is_valid():
            try:
                services.set_reserve(shop, by=staff(request), **form.cleaned_data)
            except ListingError as error:
                messages.error(request, str(error))
            else:
                self.log_change(request, shop, f"Reserve {form.cleaned_data}")
                messages.success(request, gettext("Noted. The seller has been told."))
                return redirect("admin:listings_shop_changelist")
        context = {**self.admin_site.each_context(request), "form": form, "title": gettext("Reserve"), "shop": shop}
        return TemplateResponse(request, "admin/listings/shop/reserve.html", context)

    @admin.action(description=_("Suspend: nothing of the shop is on sale"), permissions=["moderate"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[Shop]) -> None:
        for shop in queryset:
            services.suspend_shop(shop, by=staff(request))
            messages.success(request, gettext("%s is suspended. Its running orders go on.") % shop.name)

    @admin.action(description=_("Let the shop sell again"), permissions=["moderate"])
    def unsuspend(self, request: HttpRequest, queryset: QuerySet[Shop]) -> None:
        for shop in queryset:
            services.unsuspend_shop(shop, by=staff(request))
            messages.success(request, gettext("%s sells again.") % shop.name)
