"""What the operator keeps: import rules, each checked by a person, and the customs classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from listings import services
from listings.models import HSCode, ImportRule
from listings.services.rules import care, problems, wanting_care
from marketplace.admin import AnyModelAdmin, staff
from marketplace.lib.clock import today

if TYPE_CHECKING:
    RuleForm = forms.ModelForm[ImportRule]
else:
    RuleForm = forms.ModelForm


class ImportRuleForm(RuleForm):
    class Meta:
        model = ImportRule
        exclude = ("checked_on", "checked_by")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            rule = ImportRule(pk=self.instance.pk, **data)
            if found := problems(rule):
                raise ValidationError(found)
        return data


class CareFilter(admin.SimpleListFilter):
    title = _("wants a look")
    parameter_name = "care"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Unchecked for 90 days, or ending within 60"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ImportRule]) -> QuerySet[ImportRule]:
        return queryset.filter(wanting_care(today())) if self.value() == "yes" else queryset


@admin.register(ImportRule)
class ImportRuleAdmin(AnyModelAdmin):
    """Saving a rule means having checked it. A newer file never overwrites what was edited here."""

    form = ImportRuleForm
    list_display = ("name", "effective_from", "effective_to", "scheme", "standard_vat_rate", "confidence", "look")
    list_filter = (CareFilter, "confidence", "country")
    search_fields = ("name", "country", "scheme_name", "note")
    actions = ("checked",)

    def save_model(self, request: HttpRequest, obj: ImportRule, form: Any, change: bool) -> None:
        services.save_rule(obj, by=staff(request))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        count = ImportRule.objects.filter(wanting_care(today())).count()
        if count and request.method == "GET":
            text = gettext("%d import rules want a look: unchecked for 90 days, or ending within 60.")
            messages.warning(request, text % count)
        return super().changelist_view(request, extra_context)

    @admin.display(description=_("wants a look"))
    def look(self, rule: ImportRule) -> str:
        return care(rule, today())

    @admin.action(description=_("I compared these rules with their source today"), permissions=["change"])
    def checked(self, request: HttpRequest, queryset: QuerySet[ImportRule]) -> None:
        count = services.mark_checked(list(queryset), by=staff(request))
        messages.success(request, gettext("%d rules are checked.") % count)


@admin.register(HSCode)
class HSCodeAdmin(AnyModelAdmin):
    list_display = ("code", "name", "edition")
    search_fields = ("code", "name")
