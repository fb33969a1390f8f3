"""Audits: what each night found, and a button to look again."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from marketplace.admin import ReadOnlyInline
from payments.admin.bank import Recorded
from payments.auditing import ask
from payments.models import AuditFinding, AuditRun


class FindingInline(ReadOnlyInline):
    model = AuditFinding
    fields = readonly_fields = ("invariant", "severity", "statement", "count", "examples", "error")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    @admin.display(description=_("examples"))
    def examples(self, finding: AuditFinding) -> str:
        return ", ".join(finding.samples)


class AskForm(forms.Form):
    """Nothing to fill in."""


@admin.register(AuditRun)
class AuditRunAdmin(Recorded):
    list_display = ("asked_at", "by", "started_at", "ended_at", "checked", "result")
    list_select_related = ("by",)
    ordering = ("-asked_at", "-pk")
    inlines = (FindingInline,)
    fields = readonly_fields = ("asked_at", "by", "started_at", "ended_at", "checked", "result")
    form_class: ClassVar[type[forms.Form]] = AskForm

    def facts(self) -> list[tuple[Any, Any]]:
        return [
            (_("What happens"), _("All invariants are checked on one snapshot, within minutes. It stops nobody.")),
            (_("What it may do"), _("A finding of severity 1 freezes payouts.")),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("findings")

    def record(self, **cleaned: Any) -> object:
        return ask(**cleaned)

    @admin.display(description=_("result"))
    def result(self, run: AuditRun) -> str:
        return run.result
