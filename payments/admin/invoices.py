"""Invoices about the commission, and what they are decided by: rates of countries, and who sellers say they are."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from marketplace.admin import ReadOnly, ReadOnlyInline
from marketplace.lib.clock import today
from payments.admin.bank import Recorded
from payments.admin.pages import said
from payments.invoices.rates import record_rate
from payments.models import CreditNote, Invoice, InvoiceLine, Paper, TaxProfile, TaxRate


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


class Lines(ReadOnlyInline):
    model = InvoiceLine
    fields = readonly_fields = ("ref", "released_at", "commission_minor", "processing_minor", "bps", "tax_minor")


@admin.register(Invoice)
class InvoiceAdmin(ReadOnly):
    """What waits says for what; the sweep looks at it again every hour."""

    list_display = ("number", "seller", "sum", "tax_inside", "treatment", "country", "wait", "issued_at", "document")
    list_filter = ("wait", "treatment", ("paper", admin.EmptyFieldListFilter), "currency", "country")
    list_select_related = ("seller", "paper")
    search_fields = ("=paper__number", "seller__email", "=lines__ref")
    ordering = ("-opened_at",)
    inlines = (Lines,)
    fields = readonly_fields = (*list_display, "until", "opened_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invoice]:
        return super().get_queryset(request).defer("paper__pdf", "paper__body")

    @admin.display(description=_("number"))
    def number(self, invoice: Invoice) -> str:
        return invoice.paper.number if invoice.paper else "-"

    @admin.display(description=_("commission"))
    def sum(self, invoice: Invoice) -> str:
        return said(invoice.gross)

    @admin.display(description=_("tax inside"))
    def tax_inside(self, invoice: Invoice) -> str:
        return said(invoice.tax)

    @admin.display(description=_("document"))
    def document(self, invoice: Invoice) -> SafeString | str:
        return link(invoice.paper) if invoice.paper else ""


@admin.register(CreditNote)
class CreditNoteAdmin(ReadOnly):
    list_display = ("paper", "of", "order", "sum", "tax_inside", "issued_at", "document")
    list_select_related = ("paper", "line__invoice__paper")
    search_fields = ("=paper__number", "=line__ref")
    ordering = ("-pk",)
    fields = readonly_fields = list_display

    def get_queryset(self, request: HttpRequest) -> QuerySet[CreditNote]:
        return super().get_queryset(request).defer("paper__pdf", "line__invoice__paper__pdf")

    @admin.display(description=_("invoice"))
    def of(self, note: CreditNote) -> str:
        paper = note.line.invoice.paper
        return paper.number if paper else ""

    @admin.display(description=_("order"))
    def order(self, note: CreditNote) -> str:
        return note.line.ref

    @admin.display(description=_("commission"))
    def sum(self, note: CreditNote) -> str:
        return said(note.gross)

    @admin.display(description=_("tax inside"))
    def tax_inside(self, note: CreditNote) -> str:
        return said(note.tax)

    @admin.display(description=_("document"))
    def document(self, note: CreditNote) -> SafeString:
        return link(note.paper)


def link(paper: Paper) -> SafeString:
    return format_html('<a href="{}">PDF</a>', reverse("admin:payments_paper_pdf", args=[paper.pk]))
