"""How stock moved and what orders reserve, to look at."""

from __future__ import annotations

from django.contrib import admin

from listings.models import Reservation, StockMove
from marketplace.admin import ReadOnly


@admin.register(StockMove)
class StockMoveAdmin(ReadOnly):
    list_display = ("at", "listing", "delta", "reason", "ref", "by")
    list_filter = ("reason",)
    search_fields = ("listing__title", "ref")
    list_select_related = ("listing", "by")
    date_hierarchy = "at"


@admin.register(Reservation)
class ReservationAdmin(ReadOnly):
    list_display = ("created_at", "listing", "ref", "quantity", "state", "expires_at")
    list_filter = ("state",)
    search_fields = ("listing__title", "ref")
    list_select_related = ("listing",)
