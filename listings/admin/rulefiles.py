"""Import rules as a file: out as CSV, and in again in two steps: what it would do, then that."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from listings import services
from listings.customs.seed import COLUMNS, parse_rules, write_rules
from listings.models import ImportRule
from listings.rulewords import differences
from marketplace.admin import staff
from marketplace.lib.clock import today

BIGGEST = 1_000_000


class RuleFileForm(forms.Form):
    """A file, or the text of one that was looked at in the step before."""

    file = forms.FileField(label=_("CSV file"), required=False)
    name = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
    text = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        upload = data.get("file")
        if upload is not None:
            data["name"], data["text"] = str(upload.name)[:200], _text(upload)
        if not data.get("text"):
            raise ValidationError(_("Choose a CSV file with the columns of an export."))
        try:
            data["rows"] = parse_rules(data["text"], data["name"])
        except ValueError as error:
            raise ValidationError(str(error)) from error
        return data


def _text(upload: Any) -> str:
    if upload.size > BIGGEST:
        raise ValidationError(_("The file is larger than one megabyte. Import rules are some hundred lines."))
    try:
        return str(upload.read().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValidationError(_("The file is not UTF-8 text. Save it as CSV, UTF-8.")) from error


def sheet(desk: Any, request: HttpRequest) -> HttpResponse:
    """Every rule, with the columns of the file that comes with the software."""
    if not desk.has_view_permission(request):
        raise PermissionDenied
    rows = ImportRule.objects.order_by("country", "effective_from").values(*COLUMNS)
    answer = HttpResponse(write_rules(rows), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="import_rules-{today():%Y-%m-%d}.csv"'
    return answer


def load(desk: Any, request: HttpRequest) -> HttpResponse:
    """Choose a file, read what it would do, and let it: nothing happens before the second step."""
    if not (desk.has_add_permission(request) and desk.has_change_permission(request)):
        raise PermissionDenied
    form = RuleFileForm(request.POST, request.FILES) if request.method == "POST" else RuleFileForm()
    if not form.is_valid():
        return _page(desk, request, {"form": form})
    data = form.cleaned_data
    sure = "sure" in request.POST
    plan = services.load_file(data["rows"], by=staff(request), file=data["name"], rehearse=not sure)
    if sure:
        done = ngettext("%(n)d import rule was written.", "%(n)d import rules were written.", len(plan.changes))
        messages.success(request, done % {"n": len(plan.changes)})
        for sentence in (*plan.kept, *plan.refused):
            messages.warning(request, gettext("Left alone: %s") % sentence)
        return redirect("admin:listings_importrule_changelist")
    again = RuleFileForm(initial={"name": data["name"], "text": data["text"]})
    changes = [(change, list(differences(change.before, change.after))) for change in plan.changes]
    return _page(desk, request, {"form": again, "plan": plan, "changes": changes, "name": data["name"]})


def _page(desk: Any, request: HttpRequest, more: dict[str, Any]) -> HttpResponse:
    context = {**desk.admin_site.each_context(request), "title": _("Load import rules from a file"), **more}
    status = 422 if more["form"].is_bound and not more["form"].is_valid() else 200
    return TemplateResponse(request, "admin/listings/importrule/load.html", context, status=status)
