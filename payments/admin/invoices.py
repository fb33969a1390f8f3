"""What invoices about the commission are decided by: rates of countries, and who sellers say they are."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from marketplace.admin import ReadOnly
from marketplace.lib.clock import today
from payments.admin.bank import Recorded
from payments.invoices.rates import record_rate
from payments.models import TaxProfile, TaxRate


class RateForm(forms.Form):
    country = forms.CharField(
        label=_("Country"), min_length=2, max_length=2, help_text=_("Two letters, like IN or DE.")
    )
    points = forms.RegexField(
        label=_("Basis points"),
        regex=r"\A(?:[0-9]{1,4}|10000)\Z",
        error_messages={"invalid": _("Write a whole number from 0 to 10000.")},
        help_text=_("1900 is 19 %."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    valid_from = forms.DateField(label=_("In force from"), initial=today)
    source = forms.CharField(label=_("Source"), max_length=500, help_text=_("Where it stands, and as of when."))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "points" in data:
            data["bps"] = int(data.pop("points"))
        data["country"] = data.get("country", "").upper()
        return data


@admin.register(TaxRate)
class TaxRateAdmin(Recorded):
    """Rows are never edited or deleted: a new rate ends the old one, and the list is the history."""

    list_display = ("country", "bps", "valid_from", "valid_until", "now", "source", "recorded_by")
    list_filter = ("country",)
    list_select_related = ("recorded_by",)
    search_fields = ("=country", "source")
    ordering = ("country", "-valid_from", "-pk")
    fields = readonly_fields = (*list_display, "recorded_at")
    form_class: ClassVar[type[forms.Form]] = RateForm

    def record(self, **cleaned: Any) -> object:
        return record_rate(**cleaned)

    @admin.display(description=_("in force"), boolean=True)
    def now(self, row: TaxRate) -> bool:
        return row.in_force(today())

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("payments.view_taxrate")


@admin.register(TaxProfile)
class TaxProfileAdmin(ReadOnly):
    list_display = ("seller", "name", "city", "country", "vat_id", "updated_at")
    list_filter = ("country",)
    list_select_related = ("seller",)
    search_fields = ("name", "=vat_id", "seller__email")
    ordering = ("-updated_at",)
    fields = readonly_fields = ("seller", "name", "street", "postal_code", "city", "country", "vat_id", "updated_at")
