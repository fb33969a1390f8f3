"""Calls to processors; where an outcome could not be learnt, a person says what happened."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marketplace.admin import ReadOnly
from marketplace.models import User
from payments.admin.pages import attempt, back_to_list, form_page, may, said
from payments.models import Operation, Payment, Refund
from payments.services import it_happened, it_never_happened

WHAT = [
    ("never", _("It did not happen: the processor does not show it")),
    ("happened", _("It happened: the processor shows it")),
]


class DecisionForm(forms.Form):
    what = forms.ChoiceField(label=_("What the processor's own pages show"), choices=WHAT, widget=forms.RadioSelect)
    reference = forms.CharField(
        label=_("Its reference there"),
        max_length=128,
        required=False,
        help_text=_("Of the payment or refund that was made, like pi_… or re_…. Not needed for the rest."),
    )
    why = forms.CharField(label=_("How you know"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


@admin.register(Operation)
class OperationAdmin(ReadOnly):
    list_display = ("key", "kind", "processor", "state", "attempts", "run_at", "error", "decide")
    list_filter = ("state", "kind", "processor")
    search_fields = ("=key", "=subject")
    ordering = ("-created_at",)
    form_class: ClassVar[type[forms.Form]] = DecisionForm

    @admin.display(description="")
    def decide(self, operation: Operation) -> str | SafeString:
        if operation.state != Operation.State.DEAD:
            return ""
        url = reverse("admin:payments_operation_decide", args=[operation.pk])
        return format_html('<a href="{}">{}</a>', url, gettext("Say what happened"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.decide_view)
        return [path("<uuid:pk>/decide/", view, name="payments_operation_decide"), *super().get_urls()]

    def decide_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        user = may(request, "payments.change_operation")
        operation = get_object_or_404(Operation, pk=pk)
        form = self.form_class(request.POST or None)
        if not form.is_valid():
            return form_page(self, request, form, title=gettext("Say what happened"), facts=_facts(operation))
        if attempt(request, gettext("Noted"), lambda: _decide(operation, user, **form.cleaned_data)):
            self.log_change(request, operation, "{what} {reference}: {why}".format(**form.cleaned_data))
        return back_to_list(self)


def _decide(operation: Operation, by: User, *, what: str, reference: str, why: str) -> Operation:
    if what == "happened":
        return it_happened(operation, by=by, reference=reference, why=why)
    return it_never_happened(operation, by=by, why=why)


def _facts(operation: Operation) -> list[tuple[Any, Any]]:
    return [
        (_("Call"), f"{operation.get_kind_display()}: {operation.processor} {operation.key}"),
        (_("Amount"), _amount(operation)),
        (_("First sent"), operation.sent_at),
        (_("State"), operation.get_state_display()),
        (_("Problem"), operation.error),
    ]


def _amount(operation: Operation) -> str:
    rows = Refund if operation.kind == Operation.Kind.REFUND else Payment
    subject = rows.objects.filter(pk=operation.subject).first()
    return "" if subject is None else said(subject.amount)
