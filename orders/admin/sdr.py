"""The value of the SDR, which decides between CN22 and CN23."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from marketplace.lib.clock import today
from orders.errors import OrderRefused
from orders.models import SdrValue
from orders.papers.sdr import record_sdr
from payments.admin.bank import Recorded
from payments.services import PaymentRefused


class SdrForm(forms.Form):
    valid_from = forms.DateField(label=_("In force from"), initial=today)
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in ("USD", "EUR", "GBP", "JPY")])
    per_sdr = forms.DecimalField(
        label=_("One SDR in it"), min_value=0.000001, max_digits=14, decimal_places=6, help_text=_("Like 1.4 for USD.")
    )
    source = forms.CharField(label=_("Source"), max_length=200, help_text=_("Where it stands, and as of when."))
    confidence = forms.ChoiceField(label=_("Confidence"), choices=SdrValue.Confidence.choices)


@admin.register(SdrValue)
class SdrValueAdmin(Recorded):
    """Rows are never edited or deleted: the list is the history."""

    list_display = ("valid_from", "currency", "per_sdr", "confidence", "source", "recorded_by")
    list_select_related = ("recorded_by",)
    ordering = ("-valid_from",)
    fields = readonly_fields = (*list_display, "recorded_at")
    form_class: ClassVar[type[forms.Form]] = SdrForm

    def record(self, **cleaned: Any) -> object:
        try:
            return record_sdr(**cleaned)
        except OrderRefused as error:
            raise PaymentRefused(str(error)) from None
