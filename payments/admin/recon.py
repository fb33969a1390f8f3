"""Reconciliation: runs to look at, differences to close."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from marketplace.admin import ReadOnly, ReadOnlyInline
from payments.admin.pages import attempt, back_to_list, form_page, may, said
from payments.models import ReconItem, ReconRun, ReconSum, StatementLine
from payments.reconciliation.closing import close
from payments.reconciliation.share import in_percent, latest, share_of

BOOKINGS = [
    ("none", _("no journal: the reason explains it")),
    ("loss", _("the platform's loss, or gain")),
    ("suspense", _("money that waits in suspense")),
    ("fee", _("the processor's fee")),
]


class SumInline(ReadOnlyInline):
    model = ReconSum
    fields = readonly_fields = ("currency", "theirs", "ours", "differing", "young", "share")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    @admin.display(description=_("their record"))
    def theirs(self, row: ReconSum) -> str:
        return said(Money(row.theirs_minor, row.currency))

    @admin.display(description=_("our clearing account"))
    def ours(self, row: ReconSum) -> str:
        return said(Money(row.ours_minor, row.currency))

    @admin.display(description=_("differs"))
    def differing(self, row: ReconSum) -> str:
        return said(Money(row.differing_minor, row.currency))

    @admin.display(description=_("too young to tell"))
    def young(self, row: ReconSum) -> str:
        return said(Money(row.young_minor, row.currency))

    @admin.display(description=_("explained"))
    def share(self, row: ReconSum) -> str:
        return in_percent(row.explained_bps)


@admin.register(ReconRun)
class ReconRunAdmin(ReadOnly):
    list_display = ("processor", "at", "counted", "healed", "open_items", "share")
    list_filter = ("processor",)
    ordering = ("-at",)
    inlines = (SumInline,)
    fields = readonly_fields = ("processor", "at", "by", "counted", "healed", "open_items", "share")

    date_hierarchy = "at"

    @admin.display(description=_("explained"))
    def share(self, run: ReconRun) -> str:
        return in_percent(run.explained_bps)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the one number over the latest run of every processor."""
        subtitle = gettext("Nothing has been reconciled yet")
        if runs := latest():
            words = gettext("%(share)s of the money is explained by the latest of each processor")
            subtitle = words % {"share": in_percent(share_of(runs))}
        return super().changelist_view(request, {**(extra_context or {}), "subtitle": subtitle})


@admin.register(StatementLine)
class StatementLineAdmin(ReadOnly):
    list_display = ("line", "processor", "kind", "category", "ref", "net", "was", "at")
    list_filter = ("processor", "kind", "currency")
    search_fields = ("=line", "=ref")
    ordering = ("-at",)
    fields = readonly_fields = (
        *("processor", "line", "kind", "category", "ref", "bound"),
        *("currency", "amount_minor", "fee_minor", "was", "rate", "journal_key", "at"),
    )

    @admin.display(description=_("exchanged from"))
    def was(self, line: StatementLine) -> str:
        return "" if line.origin is None else said(line.origin)

    @admin.display(description=_("amount"))
    def net(self, line: StatementLine) -> str:
        return said(line.net)


class CloseForm(forms.Form):
    booking = forms.ChoiceField(label=_("What it is"), choices=BOOKINGS, widget=forms.RadioSelect, initial="none")
    note = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


@admin.register(ReconItem)
class ReconItemAdmin(ReadOnly):
    """A queue: open differences first."""

    list_display = ("ref", "processor", "kind", "our_side", "their_side", "off", "opened_at", "settle")
    list_filter = (("closed_at", admin.EmptyFieldListFilter), "kind", "processor")
    search_fields = ("=ref",)
    ordering = ("-closed_at", "opened_at")
    fields = readonly_fields = (
        *("processor", "ref", "kind", "our_side", "their_side", "off"),
        *("opened_at", "closed_at", "closed_by", "note", "journal_key"),
    )

    @admin.display(description=_("here"))
    def our_side(self, item: ReconItem) -> str:
        return said(item.ours)

    @admin.display(description=_("there"))
    def their_side(self, item: ReconItem) -> str:
        return said(item.theirs)

    @admin.display(description=_("difference"))
    def off(self, item: ReconItem) -> str:
        return said(item.difference)

    @admin.display(description="")
    def settle(self, item: ReconItem) -> str | SafeString:
        if item.closed_at is not None:
            return ""
        url = reverse("admin:payments_reconitem_close", args=[item.pk])
        return format_html('<a href="{}">{}</a>', url, gettext("Close"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.close_view)
        return [path("<int:pk>/close/", view, name="payments_reconitem_close"), *super().get_urls()]

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = may(request, "payments.change_reconitem")
        item = get_object_or_404(ReconItem, pk=pk)
        form = CloseForm(request.POST or None)
        if not form.is_valid():
            facts = [
                (_("What"), f"{item.get_kind_display()}: {item.processor} {item.ref}"),
                (_("Here"), said(item.ours)),
                (_("There"), said(item.theirs)),
                (_("Difference"), said(item.difference)),
            ]
            return form_page(self, request, form, title=gettext("Close a difference"), facts=facts)
        data = form.cleaned_data
        if attempt(request, gettext("Closed"), lambda: close(item, by=user, **data)):
            self.log_change(request, item, f"Closed: {data['note']}")
        return back_to_list(self)
