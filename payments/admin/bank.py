"""Files to download, settlements and exchanges to record."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from marketplace.admin import ReadOnly
from payments.admin.pages import AmountField, attempt, back_to_list, form_page, may, said
from payments.errors import PaymentError
from payments.models import BankFile, Fill, Settlement
from payments.payouts.bankfiles import take_bank_file
from payments.payouts.life import (
    record_fill,
    record_settlement,
)


@admin.register(BankFile)
class BankFileAdmin(ReadOnly):
    list_display = ("message_id", "currency", "came_in", "made_by", "made_at", "taken_by", "taken_at", "download")
    list_filter = ("currency",)
    ordering = ("-made_at",)
    fields = readonly_fields = list_display

    def get_queryset(self, request: HttpRequest) -> QuerySet[BankFile]:
        sums = {"total": Sum("payouts__amount_minor"), "matched": Sum("payouts__matched_minor")}
        rows: QuerySet[BankFile] = super().get_queryset(request).annotate(**sums)
        return rows

    @admin.display(description=_("came in as it"))
    def came_in(self, file: Any) -> str:
        """Of all that the file sends."""
        if file.matched is None:
            return ""
        matched, total = Money(file.matched, file.currency), Money(file.total, file.currency)
        return gettext("%(matched)s of %(total)s") % {"matched": said(matched), "total": said(total)}

    @admin.display(description=_("file"))
    def download(self, file: BankFile) -> SafeString:
        return download(file)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.download_view)
        return [path("<int:pk>/download/", view, name="payments_bankfile_download"), *super().get_urls()]

    def download_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        user, file = may(request, "payments.view_bankfile"), get_object_or_404(BankFile, pk=pk)
        if file.taken_at is not None:
            messages.warning(request, _("It was downloaded before. The bank takes a file with this id once."))
        try:
            file = take_bank_file(file, by=user)
        except PaymentError as error:
            messages.error(request, str(error))
            return back_to_list(self)
        self.log_change(request, file, "Downloaded")
        answer = HttpResponse(file.xml, content_type="application/xml")
        answer["Content-Disposition"] = f'attachment; filename="{file.message_id}.xml"'
        return answer


class SettlementForm(forms.Form):
    processor = forms.ChoiceField(label=_("Processor"))
    reference = forms.CharField(label=_("Reference on the bank's statement"), max_length=128)
    amount = AmountField(label=_("Amount"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(slug, slug) for slug in settings.PROCESSORS if slug != "bank"]
        self.fields["processor"] = forms.ChoiceField(label=_("Processor"), choices=names)


class FillForm(forms.Form):
    reference = forms.CharField(label=_("Reference of the exchange"), max_length=128)
    sold = AmountField(label=_("Sold"))
    bought = AmountField(label=_("Bought"))


class Recorded(ReadOnly):
    """Rows that a person records by a form of their own, and nobody edits."""

    form_class: ClassVar[type[forms.Form]]

    def facts(self) -> list[tuple[Any, Any]]:
        """What who records has to know: shown above the form, in pairs."""
        return []

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.add_{self.opts.model_name}")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        user = may(request, f"{self.opts.app_label}.add_{self.opts.model_name}")
        form = self.form_class(request.POST or None)
        done = gettext("Recorded")
        if form.is_valid() and attempt(request, done, lambda: self.record(by=user, **form.cleaned_data)):
            return back_to_list(self)
        title = gettext("Record: %(what)s") % {"what": self.opts.verbose_name}
        return form_page(self, request, form, title=title, facts=self.facts())

    def record(self, **cleaned: Any) -> object:
        raise Http404


@admin.register(Settlement)
class SettlementAdmin(Recorded):
    list_display = ("reference", "processor", "money", "recorded_by", "at")
    list_filter = ("processor", "currency")
    search_fields = ("=reference",)
    ordering = ("-at",)
    fields = readonly_fields = list_display
    form_class = SettlementForm

    @admin.display(description=_("amount"), ordering="amount_minor")
    def money(self, settlement: Settlement) -> str:
        return said(settlement.amount)

    def record(self, **cleaned: Any) -> object:
        return record_settlement(**cleaned)


@admin.register(Fill)
class FillAdmin(Recorded):
    list_display = ("reference", "sold_money", "bought_money", "recorded_by", "at")
    search_fields = ("=reference",)
    ordering = ("-at",)
    fields = readonly_fields = list_display
    form_class = FillForm

    @admin.display(description=_("sold"))
    def sold_money(self, fill: Fill) -> str:
        return said(fill.sold)

    @admin.display(description=_("bought"))
    def bought_money(self, fill: Fill) -> str:
        return said(fill.bought)

    def record(self, **cleaned: Any) -> object:
        return record_fill(**cleaned)


def download(file: BankFile) -> SafeString:
    url = reverse("admin:payments_bankfile_download", args=[file.pk])
    return format_html('<a href="{}">{}.xml</a>', url, file.message_id)
