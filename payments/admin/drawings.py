"""The platform's own income on its way to the operator: proposed, approved by another, confirmed."""

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

from payments.admin.bank import Recorded
from payments.admin.pages import AmountField, attempt, back_to_list, form_page, may, said
from payments.drawings import approve_drawing, cancel_drawing, propose_drawing, record_drawing, rooms
from payments.models import Drawing

DECISIONS = {
    Drawing.State.APPROVED: ("approve", _("Approve it: it is kept back at the bank")),
    Drawing.State.TAKEN: ("taken", _("The bank has sent it")),
    Drawing.State.CANCELED: ("cancel", _("Cancel it")),
}


class ProposeForm(forms.Form):
    amount = AmountField(label=_("Amount"))
    why = forms.CharField(label=_("Why"), max_length=200)


class DecideForm(forms.Form):
    bank_reference = forms.CharField(
        label=_("The bank's reference, once it has sent it"), max_length=128, required=False
    )

    def __init__(self, drawing: Drawing, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ways = [way for state, way in DECISIONS.items() if state in Drawing.NEXT[drawing.state]]
        decision = forms.ChoiceField(label=_("Decision"), choices=ways, widget=forms.RadioSelect)
        self.fields = {"decision": decision, **self.fields}
        if Drawing.State.TAKEN not in Drawing.NEXT[drawing.state]:
            del self.fields["bank_reference"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("decision") == "taken" and not data.get("bank_reference"):
            self.add_error("bank_reference", _("Give the bank's reference."))
        return data


@admin.register(Drawing)
class DrawingAdmin(Recorded):
    list_display = ("money", "state", "why", "proposed_by", "approved_by", "ended_by", "bank_reference", "next")
    list_filter = ("state", "currency")
    list_select_related = ("proposed_by", "approved_by", "ended_by")
    search_fields = ("=bank_reference", "why")
    ordering = ("-proposed_at",)
    fields = readonly_fields = (*list_display, "proposed_at", "approved_at", "ended_at")
    form_class = ProposeForm

    def facts(self) -> list[tuple[Any, Any]]:
        """How much there is room for, and why."""
        words = gettext(
            "%(most)s can be taken out: %(earned)s earned, %(beyond)s beyond what is owed, %(bank)s at the bank"
        )
        found = [(one, {name: said(getattr(one, name)) for name in ("most", "earned", "beyond")}) for one in rooms()]
        lines = [(one.most.currency, words % (named | {"bank": said(one.at_bank)})) for one, named in found]
        return lines or [(_("Nothing to take out"), _("nothing is earned yet"))]

    def record(self, **cleaned: Any) -> object:
        return propose_drawing(**cleaned)

    @admin.display(description=_("amount"), ordering="amount_minor")
    def money(self, drawing: Drawing) -> str:
        return said(drawing.amount)

    @admin.display(description=_("next"))
    def next(self, drawing: Drawing) -> SafeString | str:
        if not Drawing.NEXT[drawing.state]:
            return ""
        url = reverse("admin:payments_drawing_decide", args=[drawing.pk])
        return format_html('<a href="{}">{}</a>', url, _("Decide"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.decide_view)
        return [path("<uuid:pk>/decide/", view, name="payments_drawing_decide"), *super().get_urls()]

    def decide_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        user = may(request, "payments.change_drawing")
        drawing = get_object_or_404(Drawing.objects.select_related("proposed_by", "approved_by"), pk=pk)
        form = DecideForm(drawing, request.POST or None)
        if not form.is_valid():
            facts = [
                (_("Amount"), said(drawing.amount)),
                (_("Why"), drawing.why),
                (_("Proposed by"), drawing.proposed_by),
                (_("Approved by"), drawing.approved_by),
            ]
            if drawing.state == Drawing.State.APPROVED:
                words = _("What to write on the transfer, so that the bank’s statement is recognized")
                facts.append((words, drawing.pk.hex))
            return form_page(self, request, form, title=gettext("Withdrawal of own income"), facts=facts)
        reference = form.cleaned_data.get("bank_reference", "")
        verbs = {
            "approve": lambda: approve_drawing(drawing, by=user),
            "taken": lambda: record_drawing(drawing, by=user, bank_reference=reference),
            "cancel": lambda: cancel_drawing(drawing, by=user),
        }
        if attempt(request, gettext("Noted"), verbs[form.cleaned_data["decision"]]):
            self.log_change(request, drawing, f"{form.cleaned_data['decision']} {reference}".strip())
        return back_to_list(self)
