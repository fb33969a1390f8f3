"""What saving a rule would do: sample parcels before and after, above the form. Nothing is saved."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from listings.customs.rule import Rule, RuleBook
from listings.customs.samples import Compared, compare
from listings.customs.seed import COLUMNS
from listings.models import ImportRule
from listings.services.rulechanges import columns
from marketplace.lib.clock import today


def answer(desk: Any, request: HttpRequest, object_id: str | None) -> HttpResponse | None:
    """The form again with the preview above it; None where the form is wrong, so that Django says why."""
    rule = desk.get_object(request, object_id) if object_id else None
    allowed = desk.has_change_permission(request, rule) if rule else desk.has_add_permission(request)
    if not allowed:
        raise PermissionDenied
    form = desk.get_form(request, rule, change=rule is not None)(request.POST, instance=rule)
    if not form.is_valid():
        return None
    edited: ImportRule = form.instance
    whole = AdminForm(form, list(desk.get_fieldsets(request, rule)), {}, (), model_admin=desk)
    context = {
        **desk.admin_site.each_context(request),
        "title": edited.name,
        "subtitle": "",
        "adminform": whole,
        "object_id": object_id,
        "original": rule,
        "is_popup": False,
        "to_field": None,
        "media": desk.media + whole.media,
        "inline_admin_formsets": [],
        "errors": [],
        "preserved_filters": desk.get_preserved_filters(request),
        "preview": _compared(edited),
        "preview_of": edited,
    }
    page: HttpResponse = desk.render_change_form(request, context, add=rule is None, change=rule is not None, obj=rule)
    return page


def _compared(rule: ImportRule) -> list[Compared]:
    """On the day on which the edited rule counts: today, or its first or last."""
    rows = {row.pop("pk"): row for row in ImportRule.objects.values("pk", *COLUMNS)}
    before = RuleBook(Rule.of(row) for row in rows.values())
    after = RuleBook(Rule.of(row) for row in {**rows, rule.pk: columns(rule)}.values())
    on = max(today(), rule.effective_from)
    if rule.effective_to is not None:
        on = min(on, rule.effective_to)
    return compare(rule.country, before, after, on)
