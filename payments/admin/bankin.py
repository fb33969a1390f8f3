"""Files of the bank to upload, and the lines on them that only a person can explain."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marketplace.admin import ReadOnly
from marketplace.lib.failpoints import reach
from payments.admin.pages import attempt, back_to_list, form_page, may, said
from payments.bankin import explain_line, receive_message
from payments.errors import PaymentError
from payments.iso20022.reading import LONGEST
from payments.ledger.posting import LedgerRefused
from payments.models import BankLine, BankMessage, BankStatement

Meaning = BankLine.Meaning
BY_PEOPLE = (Meaning.OWN, Meaning.SETTLEMENT, Meaning.PAYIN, Meaning.PAID, Meaning.RETURNED, Meaning.DRAWN)


class UploadForm(forms.Form):
    file = forms.FileField(label=_("pain.002 or camt.053"), max_length=200)

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        body: bytes = file.read(LONGEST + 1)
        return body


class ExplainForm(forms.Form):
    meaning = forms.ChoiceField(label=_("What it is"), widget=forms.RadioSelect)
    reference = forms.CharField(
        label=_("A settlement's processor, a payout's or a withdrawal's id, a buyer's reference"),
        max_length=40,
        required=False,
    )
    why = forms.CharField(label=_("Why"), max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.value, one.label) for one in BY_PEOPLE]
        self.fields["meaning"] = forms.ChoiceField(label=_("What it is"), choices=choices, widget=forms.RadioSelect)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("meaning") == Meaning.SETTLEMENT and data.get("reference") not in _processors():
            self.add_error("reference", _("Write one of these: %(all)s.") % {"all": ", ".join(_processors())})
        return data


def _processors() -> list[str]:
    return [slug for slug in settings.PROCESSORS if slug != "bank"]


@admin.register(BankMessage)
class BankMessageAdmin(ReadOnly):
    list_display = ("message_id", "kind", "uploaded_by", "at", "lines")
    list_filter = ("kind",)
    search_fields = ("=message_id",)
    ordering = ("-at",)
    fields = readonly_fields = ("message_id", "kind", "uploaded_by", "at", "sha256", "lines", "xml")

    @admin.display(description=_("what it meant"))
    def lines(self, message: BankMessage) -> SafeString:
        url = reverse("admin:payments_bankline_changelist")
        return format_html('<a href="{}?message__id__exact={}">{}</a>', url, message.pk, gettext("Its lines"))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("payments.add_bankmessage")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        user = may(request, "payments.add_bankmessage")
        form = UploadForm(request.POST or None, request.FILES or None)
        if form.is_valid():
            try:
                message, is_new = receive_message(form.cleaned_data["file"], by=user)
            except (PaymentError, LedgerRefused) as error:
                messages.error(request, str(error))
            else:
                reach("statement used")
                words = gettext("Used: every line is in the books.") if is_new else gettext("It was used before.")
                messages.success(request, words)
                url = reverse("admin:payments_bankline_changelist")
                return HttpResponseRedirect(f"{url}?message__id__exact={message.pk}")
        return form_page(self, request, form, title=gettext("Upload a file of the bank"), facts=[])


@admin.register(BankStatement)
class BankStatementAdmin(ReadOnly):
    list_display = ("statement_id", "currency", "iban", "opens", "closes", "closed_on", "message")
    list_filter = ("currency",)
    list_select_related = ("message",)
    ordering = ("-pk",)
    fields = readonly_fields = list_display

    @admin.display(description=_("opening balance"))
    def opens(self, statement: BankStatement) -> str:
        return said(statement.opening)

    @admin.display(description=_("closing balance"))
    def closes(self, statement: BankStatement) -> str:
        return said(statement.closing)


@admin.register(BankLine)
class BankLineAdmin(ReadOnly):
    list_display = ("number", "money", "meaning", "name", "text", "payout", "explain", "message")
    list_filter = ("meaning", "currency", "message")
    list_select_related = ("message", "payout__method")
    search_fields = ("=reference", "=end_to_end", "text", "name")
    ordering = ("-message", "number")
    fields = readonly_fields = (
        *("message", "statement", "number", "money", "meaning", "reference", "end_to_end", "name", "iban", "text"),
        *("payout", "explained_by", "explained_at", "why"),
    )

    @admin.display(description=_("amount"), ordering="amount_minor")
    def money(self, line: BankLine) -> str:
        return said(line.amount)

    @admin.display(description="")
    def explain(self, line: BankLine) -> str | SafeString:
        if line.meaning != Meaning.UNKNOWN:
            return ""
        url = reverse("admin:payments_bankline_explain", args=[line.pk])
        return format_html('<a href="{}">{}</a>', url, gettext("Explain"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.explain_view)
        return [path("<int:pk>/explain/", view, name="payments_bankline_explain"), *super().get_urls()]

    def explain_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        user, line = may(request, "payments.change_bankline"), get_object_or_404(BankLine, pk=pk)
        form = ExplainForm(request.POST or None)
        if not form.is_valid():
            facts = [(_("Amount"), said(line.amount)), (_("Name"), line.name), (_("IBAN"), line.iban)]
            facts += [(_("Text"), line.text), (_("The bank's reference"), line.reference)]
            return form_page(self, request, form, title=gettext("Explain a line of the bank"), facts=facts)
        if attempt(request, gettext("Noted"), lambda: explain_line(line, by=user, **form.cleaned_data)):
            self.log_change(request, line, f"Explained: {form.cleaned_data['why']}")
        return back_to_list(self)
