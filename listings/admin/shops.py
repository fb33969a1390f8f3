"""Shops to look at and to suspend."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from listings import services
from listings.models import Listing, ShippingRate, Shop
from marketplace.admin import ReadOnly, ReadOnlyInline, staff


class Rates(ReadOnlyInline):
    model = ShippingRate
    fields = readonly_fields = ("name", "countries", "first_minor", "next_minor", "max_weight_g", "tracked")


@admin.register(Shop)
class ShopAdmin(ReadOnly):
    list_display = ("name", "owner", "country", "city", "currency", "on_sale", "opened_at", "suspended_at")
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
