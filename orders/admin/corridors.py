"""What others publish, beside the corridor board: to look at."""

from __future__ import annotations

from django.contrib import admin

from marketplace.admin import ReadOnly
from orders.models import PublishedCost


@admin.register(PublishedCost)
class PublishedCostAdmin(ReadOnly):
    list_display = ("name", "order", "bps", "as_of", "confidence", "source")
    list_filter = ("name",)
    fields = readonly_fields = (*list_display, "made_of")
