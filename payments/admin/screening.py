"""What the screening answered, to look at; hits wait as doubts about payouts and as cases."""

from __future__ import annotations

from django.contrib import admin

from marketplace.admin import ReadOnly
from payments.models import Screening


@admin.register(Screening)
class ScreeningAdmin(ReadOnly):
    list_display = ("at", "provider", "hit", "payout", "refund", "reason")
    list_filter = ("hit", "provider")
    list_select_related = ("payout__method", "refund")
    search_fields = ("reason", "payout__seller__email")
    ordering = ("-at",)
    fields = readonly_fields = list_display
