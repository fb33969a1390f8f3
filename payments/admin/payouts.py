"""The queue of payouts: approved by one, sent, confirmed by another."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marketplace.admin import ReadOnly
from marketplace.lib.clock import now
from marketplace.lib.failpoints import reach
from payments.admin.bank import download
from payments.admin.pages import attempt, back_to_list, form_page, may, said
from payments.models import Payout, PayoutMethod, PayoutPlan
from payments.payouts.doubts import clear_doubts, is_doubted, what_holds
from payments.payouts.life import approve_payout, cancel_payout, make_bank_file, send_transfer
from payments.payouts.matched import same_currency_first
from payments.services import confirm_payout, payout_came_back, payout_sent_by_hand

Kind = PayoutMethod.Kind
COINS = (Kind.BITCOIN, Kind.ERC20)


class EndForm(forms.Form):
    """What the bank's statement, or the chain, says."""

    outcome = forms.ChoiceField(
        label=_("The bank"),
        choices=[("paid", _("paid it")), ("failed", _("sent it back"))],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(label=_("The bank's reference, or what it said"), max_length=66)


class DecideForm(forms.Form):
    """What becomes of a payout that was asked for."""

    why = forms.CharField(label=_("Why"), max_length=500, required=False)

    def __init__(self, payout: Payout, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        decision = forms.ChoiceField(label=_("Decision"), choices=_decisions(payout), widget=forms.RadioSelect)
        self.fields = {"decision": decision, **self.fields}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("decision") in {"right", "cancel"} and not data.get("why"):
            self.add_error("why", _("Say why."))
        return data


class SentForm(forms.Form):
    transaction_id = forms.CharField(label=_("The transaction's id"), max_length=66)


@admin.register(Payout)
class PayoutAdmin(ReadOnly):
    """Requested, approved by one, sent, confirmed by another."""

    list_display = (
        "money",
        "matched",
        "state",
        "age",
        "next",
        "waits_for",
        "seller",
        "account",
        "approved_by",
        "paid_by",
    )
    list_filter = ("state", "method__kind", ("dormant_at", admin.EmptyFieldListFilter), "currency")
    list_select_related = ("seller", "method", "approved_by", "paid_by", "file")
    search_fields = ("seller__email", "=bank_reference")
    ordering = ("-requested_at",)
    actions = ("approve", "make_file", "transfer", "cancel")
    fields = readonly_fields = (
        "id",
        "seller",
        "money",
        "came_from",
        "account",
        "state",
        "waits_for",
        "doubted",
        "approved_by",
        "approved_at",
        "leaves",
        "sent_by",
        "sent_at",
        "bank_file",
        "paid_by",
        "bank_reference",
        "problem",
        "requested_at",
        "paid_at",
        "failed_by",
        "failed_at",
        "followed_by",
        "dormant_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payout]:
        return super().get_queryset(request).prefetch_related("doubts__cleared_by")

    @admin.display(description=_("age"), ordering="requested_at")
    def age(self, payout: Payout) -> str:
        return timesince(payout.requested_at, now())

    @admin.display(description=_("what holds it"))
    def waits_for(self, payout: Payout) -> str:
        return " ".join(what_holds(payout))

    @admin.display(description=_("what spoke against it"))
    def doubted(self, payout: Payout) -> str:
        cleared = (doubt for doubt in payout.doubts.all() if doubt.cleared_at is not None)
        return "; ".join(f"{doubt}: {doubt.why} ({doubt.cleared_by})" for doubt in cleared)

    @admin.display(description=_("amount"), ordering="amount_minor")
    def money(self, payout: Payout) -> str:
        return said(payout.amount)

    @admin.display(description=_("came in as it"), ordering="matched_minor")
    def matched(self, payout: Payout) -> str:
        return "" if payout.matched is None else said(payout.matched)

    @admin.display(description=_("its money"))
    def came_from(self, payout: Payout) -> str:
        return payout.matched_in_words

    @admin.display(description=_("account"))
    def account(self, payout: Payout) -> str:
        return _destination(payout.method)

    @admin.display(description=_("leaves"))
    def leaves(self, payout: Payout) -> str:
        return "" if payout.send_minor is None else said(payout.sends)

    @admin.display(description=_("bank file"))
    def bank_file(self, payout: Payout) -> str | SafeString:
        return "" if payout.file is None else download(payout.file)

    @admin.display(description=_("next"))
    def next(self, payout: Payout) -> str | SafeString:
        if payout.state == Payout.State.REQUESTED:
            return _link("decide", payout, gettext("Decide"))
        if payout.state == Payout.State.SENT:
            return _link("end", payout, gettext("Confirm"))
        if payout.state == Payout.State.APPROVED and payout.method.kind in COINS:
            return _link("sent", payout, gettext("Sent"))
        return ""

    def has_pay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("payments.change_payout")

    @admin.action(description=_("Approve"), permissions=["pay"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Payout]) -> None:
        user = may(request, "payments.change_payout")
        for payout in same_currency_first(queryset):
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
            reach("bank file made")
            for payout in queryset:
                self.log_change(request, payout, "Put into a bank file")

    @admin.action(description=_("Transfer through Stripe"), permissions=["pay"])
    def transfer(self, request: HttpRequest, queryset: QuerySet[Payout]) -> None:
        user = may(request, "payments.change_payout")
        for payout in same_currency_first(queryset):
            if attempt(request, gettext("It is on its way"), partial(send_transfer, payout, by=user)):
                self.log_change(request, payout, "Transferred")

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(f"<uuid:pk>/{name}/", self.admin_site.admin_view(view), name=f"payments_payout_{name}")
            for name, view in (("decide", self.decide_view), ("sent", self.sent_view), ("end", self.end_view))
        ]
        return own + super().get_urls()

    def decide_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        user, payout = may(request, "payments.change_payout"), _get(pk)
        form = DecideForm(payout, request.POST or None)
        if not form.is_valid():
            facts = [
                (_("Amount"), said(payout.amount)),
                (_("Its money"), payout.matched_in_words),
                *_whose(payout),
                (_("Asked for"), payout.requested_at),
                (_("What holds it"), self.waits_for(payout)),
            ]
            return form_page(self, request, form, title=gettext("Decide about a payout"), facts=facts)
        why, decision = form.cleaned_data["why"], form.cleaned_data["decision"]
        verbs = {
            "approve": lambda: approve_payout(payout, by=user),
            "right": lambda: clear_doubts(payout, by=user, why=why),
            "cancel": lambda: cancel_payout(payout, by=user, why=why),
        }
        if attempt(request, gettext("Noted"), verbs[decision]):
            self.log_change(request, payout, f"{decision}: {why}")
        return back_to_list(self)

    def sent_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        user, payout = may(request, "payments.change_payout"), _get(pk)
        form = SentForm(request.POST or None)
        if not form.is_valid():
            facts = [(_("Send"), self.leaves(payout)), (_("To"), payout.method.destination), *_whose(payout)]
            return form_page(self, request, form, title=gettext("Coins that you sent"), facts=facts)
        transaction = form.cleaned_data["transaction_id"]
        if attempt(request, gettext("Noted"), lambda: payout_sent_by_hand(payout, by=user, transaction_id=transaction)):
            self.log_change(request, payout, f"Sent: {transaction}")
        return back_to_list(self)

    def end_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        user, payout = may(request, "payments.change_payout"), _get(pk)
        form = EndForm(request.POST or None, initial={"text": payout.bank_reference})
        if not form.is_valid():
            facts = [(_("Amount"), said(payout.amount)), (_("File"), payout.file), *_whose(payout)]
            return form_page(self, request, form, title=gettext("Confirm a payout"), facts=facts)
        said_by_bank, outcome = form.cleaned_data["text"], form.cleaned_data["outcome"]
        verbs = {
            "paid": lambda: confirm_payout(payout, by=user, bank_reference=said_by_bank),
            "failed": lambda: payout_came_back(payout, by=user, problem=said_by_bank),
        }
        if attempt(request, gettext("Noted"), verbs[outcome]):
            self.log_change(request, payout, f"{outcome}: {said_by_bank}")
        return back_to_list(self)


@admin.register(PayoutPlan)
class PayoutPlanAdmin(ReadOnly):
    list_display = ("seller", "currency", "every", "least", "next_at", "problem")
    list_filter = ("every", "currency")
    list_select_related = ("seller",)
    search_fields = ("seller__email",)
    fields = readonly_fields = list_display

    @admin.display(description=_("threshold"), ordering="threshold_minor")
    def least(self, plan: PayoutPlan) -> str:
        return said(plan.threshold)


@admin.register(PayoutMethod)
class PayoutMethodAdmin(ReadOnly):
    list_display = (
        "seller",
        "currency",
        "kind",
        "holder",
        "country",
        "masked",
        "is_default",
        "usable_from",
        "verified_at",
        "removed_at",
    )
    list_filter = ("kind", "currency", "country", ("removed_at", admin.EmptyFieldListFilter))
    search_fields = ("seller__email", "holder", "=destination")
    fields = readonly_fields = (*list_display, "created_at")


def _decisions(payout: Payout) -> list[tuple[str, Any]]:
    right = ("right", _("It is right; somebody else may approve it"))
    first = right if is_doubted(payout) else ("approve", _("Approve it"))
    return [first, ("cancel", _("Cancel it: payable again"))]


def _get(pk: Any) -> Payout:
    rows = Payout.objects.select_related("seller", "method", "file", "approved_by")
    return get_object_or_404(rows, pk=pk)


def _whose(payout: Payout) -> list[tuple[Any, Any]]:
    to = f"{payout.seller}: {_destination(payout.method)}"
    return [(_("To"), to), (_("Approved by"), payout.approved_by)]


def _destination(method: PayoutMethod) -> str:
    return f"{method.words} ({method.country})" if method.country else method.words


def _link(page: str, payout: Payout, words: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse(f"admin:payments_payout_{page}", args=[payout.pk]), words)
