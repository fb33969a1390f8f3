"""Sellers' numbers: staff look at them, and say which they compared with a register."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from listings import services
from listings.models import ShopNumber
from marketplace.admin import ReadOnly, staff


@admin.register(ShopNumber)
class ShopNumberAdmin(ReadOnly):
    list_display = ("shop", "kind", "country", "number", "at", "checked_at", "checked_by")
    list_filter = (("checked_at", admin.EmptyFieldListFilter), "kind", "country")
    search_fields = ("number", "shop__name", "shop__owner__email")
    list_select_related = ("shop", "checked_by")
    actions = ("checked",)

    def has_check_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("listings.change_shopnumber")

    @admin.action(description=_("I compared these numbers with their register today"), permissions=["check"])
    def checked(self, request: HttpRequest, queryset: QuerySet[ShopNumber]) -> None:
        count = services.mark_numbers_checked(list(queryset), by=staff(request))
        messages.success(request, gettext("%d numbers are checked.") % count)
