"""Payments, refunds, calls, webhooks to look at; cases to settle."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from marketplace.admin import ReadOnly, ReadOnlyInline
from payments.admin.pages import attempt, back_to_list, form_page, may, said
from payments.bankin.payins import came_from
from payments.cases import close_case
from payments.models import Case, InboxEvent, Operation, Payment, PaymentLine, Refund
from payments.processors import registry
from payments.refunds.prices import live_price, lock_price
from payments.services import retry_refund, sent_by_hand


class Part(ReadOnlyInline):
    """Who may see the payment sees its parts."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


class LineInline(Part):
    model = PaymentLine
    fields = readonly_fields = ("ref", "component", "seller", "account", "paid", "becomes")

    @admin.display(description=_("paid"))
    def paid(self, line: PaymentLine) -> str:
        return said(Money(line.pay_minor, line.payment.currency))

    @admin.display(description=_("becomes"))
    def becomes(self, line: PaymentLine) -> str:
        return said(line.target)


class RefundInline(Part):
    model = Refund
    fields = readonly_fields = ("ref", "reason", "money", "state", "problem", "created_at")

    @admin.display(description=_("amount"))
    def money(self, refund: Refund) -> str:
        return said(refund.owed)


@admin.register(Payment)
class PaymentAdmin(ReadOnly):
    list_display = ("ref", "processor", "state", "money", "received_money", "user", "created_at")
    list_filter = ("state", "processor", "currency")
    list_select_related = ("user",)
    search_fields = ("=ref", "=processor_ref", "user__email")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    inlines = (LineInline, RefundInline)
    fields = readonly_fields = (
        "id",
        "ref",
        "user",
        "processor",
        "processor_ref",
        "state",
        "money",
        "received_money",
        "fee",
        "refund_terms",
        "until",
        "problem",
        "operations",
        "journals",
        "created_at",
        "expires_at",
        "captured_at",
    )

    @admin.display(description=_("amount"), ordering="amount_minor")
    def money(self, payment: Payment) -> str:
        return said(payment.amount)

    @admin.display(description=_("received"))
    def received_money(self, payment: Payment) -> str:
        return said(payment.received)

    @admin.display(description=_("kept by the processor"))
    def fee(self, payment: Payment) -> str:
        return "" if payment.fee_minor is None else said(Money(payment.fee_minor, payment.currency))

    @admin.display(description=_("coins themselves until"))
    def until(self, payment: Payment) -> str:
        until = payment.coin_until
        return "" if until is None else date_format(until, "DATETIME_FORMAT")

    @admin.display(description=_("calls"))
    def operations(self, payment: Payment) -> str:
        made = Operation.objects.filter(subject=payment.pk).order_by("created_at")
        return ", ".join(f"{row.get_kind_display()}: {row.get_state_display()}" for row in made)

    @admin.display(description=_("books"))
    def journals(self, payment: Payment) -> SafeString:
        url = reverse("admin:payments_journal_changelist")
        return format_html('<a href="{}?q={}">{}</a>', url, payment.ref, gettext("its journals"))


class HandForm(forms.Form):
    reference = forms.CharField(
        label=_("Reference"), max_length=128, help_text=_("What finds it at the other end, like a transaction's id.")
    )


@admin.register(Refund)
class RefundAdmin(ReadOnly):
    list_display = ("payment", "ref", "money", "state", "reason", "created_at", "send")
    list_filter = ("state", "currency", "reason")
    list_select_related = ("payment",)
    search_fields = ("=ref", "=payment__ref", "=processor_ref", "=destination")
    ordering = ("-created_at",)
    actions = ("retry",)
    fields = readonly_fields = (
        "payment",
        "ref",
        "reason",
        "terms",
        "money",
        "sends_money",
        "state",
        "destination",
        "processor_ref",
        "attempt",
        "problem",
        "requested_by",
        "created_at",
        "succeeded_at",
    )

    @admin.display(description=_("amount"), ordering="amount_minor")
    def money(self, refund: Refund) -> str:
        return said(refund.owed)

    @admin.display(description=_("terms"))
    def terms(self, refund: Refund) -> str:
        return refund.payment.get_refund_terms_display()

    @admin.display(description=_("leaves"))
    def sends_money(self, refund: Refund) -> str:
        return said(refund.sends) if refund.is_priced else ""

    @admin.display(description="")
    def send(self, refund: Refund) -> str | SafeString:
        if refund.state not in {Refund.State.REQUESTED, Refund.State.FAILED}:
            return ""
        if refund.value_minor is not None and live_price(refund) is None:
            url = reverse("admin:payments_refund_price", args=[refund.pk])
            return format_html('<a href="{}">{}</a>', url, gettext("Lock the amount"))
        url = reverse("admin:payments_refund_by_hand", args=[refund.pk])
        return format_html('<a href="{}">{}</a>', url, gettext("Sent by hand"))

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("payments.change_refund")

    @admin.action(description=_("Try again"), permissions=["send"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        user = may(request, "payments.change_refund")
        for refund in queryset:
            if attempt(request, gettext("Tried again"), partial(retry_refund, refund, by=user)):
                self.log_change(request, refund, "Tried again")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.by_hand)
        price = self.admin_site.admin_view(self.price)
        return [
            path("<uuid:pk>/by-hand/", view, name="payments_refund_by_hand"),
            path("<uuid:pk>/price/", price, name="payments_refund_price"),
            *super().get_urls(),
        ]

    def price(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Lock what leaves for a refund by value, then say where it goes."""
        user = may(request, "payments.change_refund")
        refund = get_object_or_404(Refund.objects.select_related("payment"), pk=pk)
        form = forms.Form(request.POST or None)
        if request.method != "POST":
            return form_page(self, request, form, title=gettext("Lock the amount"), facts=_facts(refund))
        if not attempt(request, gettext("Locked"), lambda: lock_price(refund, by=user)):
            return back_to_list(self)
        self.log_change(request, refund, "Locked the amount")
        return redirect("admin:payments_refund_by_hand", refund.pk)

    def by_hand(self, request: HttpRequest, pk: Any) -> HttpResponse:
        user = may(request, "payments.change_refund")
        refund = get_object_or_404(Refund.objects.select_related("payment"), pk=pk)
        form = HandForm(request.POST or None)
        if not form.is_valid():
            return form_page(self, request, form, title=gettext("Sent by hand"), facts=_facts(refund))
        reference = form.cleaned_data["reference"]
        if attempt(request, gettext("Noted"), lambda: sent_by_hand(refund, by=user, reference=reference)):
            self.log_change(request, refund, f"Sent by hand: {reference}")
        return back_to_list(self)


def _facts(refund: Refund) -> list[tuple[Any, Any]]:
    """What a person needs to send it: how much of what, where to, and until when that is right."""
    facts: list[tuple[Any, Any]] = [(_("Owed"), said(refund.owed))]
    if refund.is_priced:
        facts.append((_("Send exactly"), said(refund.sends)))
    price = refund.prices.order_by("-pk").first()
    if price is not None:
        facts.append((_("Rate"), f"1 {price.currency} = {price.rate} {price.value_currency} ({price.source})"))
        until = date_format(price.expires_at, "DATETIME_FORMAT") + " UTC"
        facts.append((_("Locked until"), until if price.is_live else gettext("%(time)s: over") % {"time": until}))
    facts.append((_("Send it to"), refund.destination or came_from(refund.payment)))
    if refund.is_priced and refund.destination and refund.payment.processor in settings.PROCESSORS:
        facts += registry.get(refund.payment.processor).instructions(refund.sends, refund.destination).items()
    return [*facts, (_("Problem"), refund.problem)]


@admin.register(InboxEvent)
class InboxEventAdmin(ReadOnly):
    list_display = ("event_id", "processor", "received_at", "processed_at", "attempts", "error")
    list_filter = (
        "processor",
        ("processed_at", admin.EmptyFieldListFilter),
        ("dead_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("=event_id",)
    ordering = ("-received_at",)
    fields = readonly_fields = (
        "processor",
        "event_id",
        "news",
        "text",
        "received_at",
        "processed_at",
        "run_at",
        "attempts",
        "error",
        "dead_at",
    )

    @admin.display(description=_("as it came"))
    def text(self, event: InboxEvent) -> str:
        return bytes(event.body).decode("utf-8", "replace")[:20_000]


class NoteForm(forms.Form):
    note = forms.CharField(label=_("What was done about it"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


@admin.register(Case)
class CaseAdmin(ReadOnly):
    """A queue: open cases first."""

    list_display = ("kind", "processor", "ref", "opened_at", "closed_at", "closed_by", "settle")
    list_filter = (("closed_at", admin.EmptyFieldListFilter), "kind", "processor")
    search_fields = ("=ref",)
    ordering = ("-closed_at", "opened_at")
    fields = readonly_fields = (
        "kind",
        "processor",
        "ref",
        "detail",
        "opened_at",
        "closed_at",
        "closed_by",
        "note",
    )
    form_class: ClassVar[type[forms.Form]] = NoteForm

    @admin.display(description="")
    def settle(self, case: Case) -> str | SafeString:
        if case.closed_at is not None:
            return ""
        url = reverse("admin:payments_case_settle", args=[case.pk])
        return format_html('<a href="{}">{}</a>', url, gettext("Settle"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.settle_view)
        return [path("<int:pk>/settle/", view, name="payments_case_settle"), *super().get_urls()]

    def settle_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = may(request, "payments.change_case")
        case = get_object_or_404(Case, pk=pk)
        form = self.form_class(request.POST or None)
        if not form.is_valid():
            facts = [
                (_("What"), case.get_kind_display()),
                (_("Where"), f"{case.processor} {case.ref}"),
                *case.detail.items(),
            ]
            return form_page(self, request, form, title=gettext("Settle"), facts=facts)
        note = form.cleaned_data["note"]
        if attempt(request, gettext("Settled"), lambda: close_case(case, by=user, note=note)):
            self.log_change(request, case, f"Settled: {note}")
        return back_to_list(self)
