"""Payouts to decide, files to download, settlements and exchanges to record."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marketplace.admin import ReadOnly
from payments.admin.pages import AmountField, attempt, back_to_list, form_page, may, said
from payments.models import BankFile, Fill, Payout, PayoutMethod, Settlement
from payments.payouts import (
    approve_payout,
    cancel_payout,
    make_bank_file,
    mark_failed,
    mark_paid,
    record_fill,
    record_settlement,
)


class EndForm(forms.Form):
    """What the bank's statement says."""

    outcome = forms.ChoiceField(
        label=_("The bank"),
        choices=[("paid", _("paid it")), ("failed", _("sent it back"))],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(label=_("The bank's reference, or what it said"), max_length=64)


@admin.register(Payout)
class PayoutAdmin(ReadOnly):
    """Requested, approved by one, put into a file, confirmed by another."""

    list_display = ("money", "state", "end", "seller", "account", "approved_by", "paid_by", "requested_at")
    list_filter = ("state", "currency")
    list_select_related = ("seller", "method", "approved_by", "paid_by", "file")
    search_fields = ("seller__email", "=bank_reference")
    ordering = ("-requested_at",)
    actions = ("approve", "make_file", "cancel")
    fields = readonly_fields = (
        "id",
        "seller",
        "money",
        "account",
        "state",
        "approved_by",
        "bank_file",
        "paid_by",
        "bank_reference",
        "problem",
        "requested_at",
        "paid_at",
    )

    @admin.display(description=_("amount"), ordering="amount_minor")
    def money(self, payout: Payout) -> str:
        return said(payout.amount)

    @admin.display(description=_("account"))
    def account(self, payout: Payout) -> str:
        return f"{payout.method} ({payout.method.country})"

    @admin.display(description=_("bank file"))
    def bank_file(self, payout: Payout) -> str | SafeString:
        return "" if payout.file is None else _download(payout.file)

    @admin.display(description="")
    def end(self, payout: Payout) -> str | SafeString:
        if payout.state != Payout.State.SENT:
            return ""
        url = reverse("admin:payments_payout_end", args=[payout.pk])
        return format_html('<a href="{}">{}</a>', url, gettext("Confirm"))

    def has_pay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("payments.change_payout")

    @admin.action(description=_("Approve"), permissions=["pay"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Payout]) -> None:
        user = may(request, "payments.change_payout")
        for payout in queryset.order_by("requested_at"):
            if attempt(request, gettext("Approved"), partial(approve_payout, payout, by=user)):
                self.log_change(request, payout, "Approved")

    @admin.action(description=_("Cancel: payable again"), permissions=["pay"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Payout]) -> None:
        user = may(request, "payments.change_payout")
        for payout in queryset:
            if attempt(request, gettext("Canceled"), partial(cancel_payout, payout, by=user)):
                self.log_change(request, payout, "Canceled")

    @admin.action(description=_("Make a bank file"), permissions=["pay"])
    def make_file(self, request: HttpRequest, queryset: QuerySet[Payout]) -> None:
        user = may(request, "payments.change_payout")
        if attempt(request, gettext("Made a bank file"), lambda: make_bank_file(list(queryset), by=user)):
            for payout in queryset:
                self.log_change(request, payout, "Put into a bank file")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.end_view)
        return [path("<uuid:pk>/end/", view, name="payments_payout_end"), *super().get_urls()]

    def end_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        user = may(request, "payments.change_payout")
        payout = get_object_or_404(Payout.objects.select_related("seller", "method", "file"), pk=pk)
        form = EndForm(request.POST or None)
        if not form.is_valid():
            facts = [
                (_("Amount"), said(payout.amount)),
                (_("To"), f"{payout.seller}: {payout.method}"),
                (_("File"), payout.file),
                (_("Approved by"), payout.approved_by),
            ]
            return form_page(self, request, form, title=gettext("Confirm a payout"), facts=facts)
        said_by_bank, outcome = form.cleaned_data["text"], form.cleaned_data["outcome"]
        verbs = {
            "paid": lambda: mark_paid(payout, by=user, bank_reference=said_by_bank),
            "failed": lambda: mark_failed(payout, by=user, problem=said_by_bank),
        }
        if attempt(request, gettext("Noted"), verbs[outcome]):
            self.log_change(request, payout, f"{outcome}: {said_by_bank}")
        return back_to_list(self)


@admin.register(PayoutMethod)
class PayoutMethodAdmin(ReadOnly):
    list_display = ("seller", "currency", "holder", "country", "masked", "created_at", "replaced_at")
    list_filter = ("currency", "country")
    search_fields = ("seller__email", "holder")
    fields = readonly_fields = list_display


@admin.register(BankFile)
class BankFileAdmin(ReadOnly):
    list_display = ("message_id", "currency", "made_by", "made_at", "download")
    list_filter = ("currency",)
    ordering = ("-made_at",)
    fields = readonly_fields = ("message_id", "currency", "made_by", "made_at", "download")

    @admin.display(description=_("file"))
    def download(self, file: BankFile) -> SafeString:
        return _download(file)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.download_view)
        return [path("<int:pk>/download/", view, name="payments_bankfile_download"), *super().get_urls()]

    def download_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        may(request, "payments.view_bankfile")
        file = get_object_or_404(BankFile, pk=pk)
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
    facts: ClassVar[list[tuple[Any, Any]]] = []

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(f"payments.add_{self.opts.model_name}")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        user = may(request, f"payments.add_{self.opts.model_name}")
        form = self.form_class(request.POST or None)
        done = gettext("Recorded")
        if form.is_valid() and attempt(request, done, lambda: self.record(by=user, **form.cleaned_data)):
            return back_to_list(self)
        title = gettext("Record: %(what)s") % {"what": self.opts.verbose_name}
        return form_page(self, request, form, title=title, facts=self.facts)

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


def _download(file: BankFile) -> SafeString:
    url = reverse("admin:payments_bankfile_download", args=[file.pk])
    return format_html('<a href="{}">{}.xml</a>', url, file.message_id)
