"""Transactions in coin: refunds that are ready go into one, which is signed outside and found again on the chain."""

from __future__ import annotations

import base64
from typing import Any

import segno
from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from marketplace.admin import ReadOnly
from payments.admin.flow import Part
from payments.admin.pages import attempt, form_page, may, said
from payments.chain.qr import svg
from payments.models import CoinInput, CoinOutput, CoinSending
from payments.refunds import sendings

PERMISSION = "payments.change_refund"
QR_MOST = 1_800  # characters that a camera still reads from a screen
State = CoinSending.State


class MakeForm(forms.Form):
    refunds = forms.MultipleChoiceField(label=_("Refunds"), widget=forms.CheckboxSelectMultiple)
    fee_rate = forms.IntegerField(
        label=_("Fee, satoshi per byte"),
        required=False,
        min_value=1,
        max_value=10_000,
        help_text=_("Empty: as the node says for the next hour."),
    )

    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        self.found = {str(refund.pk): refund for refund in sendings.ready()}
        choices = [(pk, f"{said(one.owed)} → {one.destination}") for pk, one in self.found.items()]
        self.fields["refunds"] = forms.MultipleChoiceField(
            label=_("Refunds"), choices=choices, widget=forms.CheckboxSelectMultiple
        )


class SentForm(forms.Form):
    text = forms.CharField(
        label=_("Transaction id, or what your wallet signed"),
        max_length=400_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("64 digits, a signed PSBT in base64, or the transaction in hexadecimal digits."),
    )
    file = forms.FileField(label=_("Or the signed file"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file = data.get("file")
        if file is not None and file.size <= 400_000:
            data["text"] = _text_of(file.read())
        if not data.get("text", "").strip():
            raise forms.ValidationError(_("Give the transaction's id, or what was signed."))
        return data


def _text_of(content: bytes) -> str:
    """A file that a wallet wrote: PSBT as bytes or as text, or a transaction."""
    if content.startswith(b"psbt\xff"):
        return base64.b64encode(content).decode()
    return content.decode("ascii", "replace")


class InputInline(Part):
    model = CoinInput
    fields = readonly_fields = ("txid", "vout", "money", "branch", "index")

    @admin.display(description=_("amount"))
    def money(self, one: CoinInput) -> str:
        return said(Money(one.amount_minor, one.sending.currency))


class OutputInline(Part):
    model = CoinOutput
    fields = readonly_fields = ("refund", "destination", "money")

    @admin.display(description=_("amount"))
    def money(self, one: CoinOutput) -> str:
        return said(Money(one.amount_minor, one.sending.currency))


@admin.register(CoinSending)
class CoinSendingAdmin(ReadOnly):
    list_display = ("txid", "state", "network_fee", "made_by", "made_at", "acts")
    list_filter = ("state", "chain")
    search_fields = ("=txid", "=outputs__destination")
    ordering = ("-made_at",)
    inlines = (OutputInline, InputInline)
    change_list_template = "admin/payments/coinsending/change_list.html"
    fields = readonly_fields = (
        "txid",
        "state",
        "chain",
        "network_fee",
        "fee_rate",
        "change_money",
        "acts",
        "psbt",
        "qr",
        "made_by",
        "made_at",
        "sent_by",
        "sent_at",
        "final_at",
    )

    @admin.display(description=_("network fee, ours"))
    def network_fee(self, sending: CoinSending) -> str:
        return said(sending.fee)

    @admin.display(description=_("change, back to us"))
    def change_money(self, sending: CoinSending) -> str:
        return said(sending.change)

    @admin.display(description=_("QR code"))
    def qr(self, sending: CoinSending) -> str | SafeString:
        if len(sending.psbt) > QR_MOST or sending.state != State.OPEN:
            return gettext("Too large for a QR code: take the file.") if sending.state == State.OPEN else ""
        return svg(segno.make(sending.psbt, error="l", micro=False), title=gettext("The unsigned transaction"))

    @admin.display(description="")
    def acts(self, sending: CoinSending) -> str | SafeString:
        links = [("file", gettext("PSBT as a file"))] if sending.state == State.OPEN else []
        if sending.state != State.FINAL:
            links.append(("sent", gettext("Sent")))
        if sending.state == State.OPEN:
            links.append(("discard", gettext("Discard")))
        made = [(reverse(f"admin:payments_coinsending_{name}", args=[sending.pk]), text) for name, text in links]
        return SafeString(" · ").join(format_html('<a href="{}">{}</a>', *one) for one in made)

    def get_urls(self) -> list[URLPattern]:
        wrap, name = self.admin_site.admin_view, "payments_coinsending_"
        return [
            path("make/", wrap(self.make), name=f"{name}make"),
            path("<int:pk>/file/", wrap(self.file), name=f"{name}file"),
            path("<int:pk>/sent/", wrap(self.sent), name=f"{name}sent"),
            path("<int:pk>/discard/", wrap(self.discard), name=f"{name}discard"),
            *super().get_urls(),
        ]

    def make(self, request: HttpRequest) -> HttpResponse:
        user = may(request, PERMISSION)
        form = MakeForm(request.POST or None)
        if not form.is_valid():
            title = gettext("An unsigned transaction for refunds")
            return form_page(self, request, form, title=title, facts=[(_("Ready"), str(len(form.found)))])
        chosen = [form.found[pk] for pk in form.cleaned_data["refunds"]]
        rate, made = form.cleaned_data["fee_rate"], []
        if not attempt(
            request,
            gettext("Made. Sign it with your wallet."),
            lambda: made.append(sendings.make_sending(chosen, by=user, fee_rate=rate)),
        ):
            return redirect("admin:payments_coinsending_make")
        self.log_change(request, made[0], "Made")
        return redirect("admin:payments_coinsending_change", made[0].pk)

    def file(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The unsigned transaction as wallets read it (BIP 174)."""
        may(request, PERMISSION)
        sending = get_object_or_404(CoinSending, pk=pk)
        answer = HttpResponse(base64.b64decode(sending.psbt), content_type="application/octet-stream")
        answer["Content-Disposition"] = f'attachment; filename="refunds-{sending.pk}.psbt"'
        return answer

    def sent(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = may(request, PERMISSION)
        sending = get_object_or_404(CoinSending, pk=pk)
        form = SentForm(request.POST or None, request.FILES or None)
        if not form.is_valid():
            return form_page(self, request, form, title=gettext("Sent"), facts=_facts(sending))
        text = form.cleaned_data["text"]
        if attempt(request, gettext("Noted"), lambda: sendings.record_sent(sending, by=user, text=text)):
            self.log_change(request, sending, "Sent")
        return redirect("admin:payments_coinsending_change", pk)

    def discard(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = may(request, PERMISSION)
        sending = get_object_or_404(CoinSending, pk=pk)
        if request.method != "POST":
            return form_page(self, request, forms.Form(), title=gettext("Discard"), facts=_facts(sending))
        if attempt(request, gettext("Discarded"), lambda: sendings.discard(sending, by=user)):
            self.log_change(request, sending, "Discarded")
        return redirect("admin:payments_coinsending_change", pk)


def _facts(sending: CoinSending) -> list[tuple[Any, Any]]:
    paid = [
        (one.destination, said(Money(one.amount_minor, sending.currency))) for one in sending.outputs.order_by("pk")
    ]
    return [(_("Transaction"), sending.txid), *paid, (_("Network fee, ours"), said(sending.fee))]
