"""Price lists of processors: every row that was ever in force, and a form for new terms."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from fx.format import format_points
from fx.money import EXPONENT, Money, MoneyError
from marketplace.lib.clock import today
from payments.admin.bank import Recorded
from payments.admin.pages import said
from payments.feetables.recording import record_fee
from payments.models import FeeRow
from payments.processors.registry import slugs


class FeeForm(forms.Form):
    processor = forms.ChoiceField(label=_("Processor"))
    part = forms.ChoiceField(label=_("Part"), choices=FeeRow.Part.choices)
    area = forms.CharField(
        label=_("Country of the buyer"),
        max_length=3,
        required=False,
        help_text=_("Of a percentage: DE, EEA, or empty for all others."),
    )
    points = forms.RegexField(
        label=_("Basis points of the payment"),
        regex=r"\A(?:[0-9]{1,4}|10000)\Z",
        error_messages={"invalid": _("Write a whole number from 0 to 10000.")},
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    fixed = forms.CharField(
        label=_("Amount per payment"),
        max_length=24,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    currency = forms.ChoiceField(
        label=_("Currency of the amount"), choices=[("", "—"), *((c, c) for c in sorted(EXPONENT))], required=False
    )
    valid_from = forms.DateField(label=_("In force from"), initial=today)
    valid_until = forms.DateField(label=_("Until before"), required=False)
    source = forms.CharField(label=_("Source"), max_length=500, help_text=_("Where it stands, and as of when."))
    confidence = forms.ChoiceField(label=_("Confidence"), choices=FeeRow.Confidence.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(slug, slug) for slug in slugs()]
        self.fields["processor"] = forms.ChoiceField(label=_("Processor"), choices=names)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        text, currency = data.pop("fixed", ""), data.pop("currency", "")
        data["amount"] = self._amount(text, currency) if text or currency else None
        data["bps"] = int(data.pop("points", "") or 0)
        data["area"] = data.get("area", "").upper()
        return data

    def _amount(self, text: str, currency: str) -> Money | None:
        if not text or not currency:
            self.add_error("fixed", _("An amount has a number and a currency."))
            return None
        try:
            return Money.parse(text.strip(), currency)
        except MoneyError as error:
            self.add_error("fixed", str(error))
            return None


@admin.register(FeeRow)
class FeeRowAdmin(Recorded):
    """Rows are never edited or deleted: new terms end the old ones, and the list is the history."""

    list_display = (
        "processor", "part", "area_name", "price", "valid_from", "valid_until", "now", "confidence", "whence",
    )  # fmt: skip
    list_filter = ("processor", "part", "confidence")
    list_select_related = ("recorded_by",)
    search_fields = ("processor", "area", "currency", "source")
    ordering = ("processor", "part", "area", "currency", "-valid_from", "-pk")
    fields = readonly_fields = (*list_display[:-1], "source", "recorded_by", "recorded_at")
    form_class: ClassVar[type[forms.Form]] = FeeForm

    def record(self, **cleaned: Any) -> object:
        return record_fee(**cleaned)

    @admin.display(description=_("country"))
    def area_name(self, row: FeeRow) -> str:
        return row.area or (str(_("all others")) if row.part == FeeRow.Part.PERCENT else "")

    @admin.display(description=_("price"))
    def price(self, row: FeeRow) -> str:
        if row.amount is not None:
            return said(row.amount)
        return f"{row.bps} bps = {format_points(row.bps, get_language() or 'en')} %"

    @admin.display(description=_("source"), ordering="source")
    def whence(self, row: FeeRow) -> str:
        """Its beginning; the row's page has all of it."""
        return Truncator(row.source).chars(100)

    @admin.display(description=_("in force"), boolean=True)
    def now(self, row: FeeRow) -> bool:
        return row.in_force(today())

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("payments.view_feerow")
