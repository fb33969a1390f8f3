"""What the operator keeps: import rules, each checked by a person, with their history, and the customs classes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from listings import services
from listings.admin import rulefiles, rulepreview
from listings.models import HSCode, ImportRule, RuleChange
from listings.rulewords import Difference, differences
from listings.services.rules import care, problems, trouble, wanting_care, with_followers
from marketplace.admin import AnyModelAdmin, ReadOnly, staff
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
        return [("yes", _("Unchecked for 90 days, ending within 60, or ended and nothing follows"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ImportRule]) -> QuerySet[ImportRule]:
        return queryset.filter(pk__in=wanting_care(today()).values("pk")) if self.value() == "yes" else queryset


@admin.register(ImportRule)
class ImportRuleAdmin(AnyModelAdmin):
    """Saving a rule means having checked it. A newer file never overwrites what was edited here."""

    form = ImportRuleForm
    list_display = ("name", "effective_from", "effective_to", "scheme", "standard_vat_rate", "confidence", "look")
    list_filter = (CareFilter, "confidence", "country")
    search_fields = ("name", "country", "scheme_name", "note")
    actions = ("checked",)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("csv/", wrap(partial(rulefiles.sheet, self)), name="listings_importrule_csv"),
            path("load/", wrap(partial(rulefiles.load, self)), name="listings_importrule_load"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportRule]:
        return with_followers(today())

    def save_model(self, request: HttpRequest, obj: ImportRule, form: Any, change: bool) -> None:
        services.save_rule(obj, by=staff(request))

    def delete_model(self, request: HttpRequest, obj: ImportRule) -> None:
        services.remove_rule(obj, by=staff(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ImportRule]) -> None:
        for rule in queryset:
            services.remove_rule(rule, by=staff(request))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method == "GET" and (says := trouble()):
            messages.warning(request, says)
        return super().changelist_view(request, extra_context)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """With the button "Preview" nothing is saved: the form comes back with what it would do to sample parcels."""
        if request.method == "POST" and "_preview" in request.POST:
            answer = rulepreview.answer(self, request, object_id)
            if answer is not None:
                return answer
        pk = int(object_id) if object_id and object_id.isdigit() else 0
        more = {"history": history(pk)}
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), **more})

    @admin.display(description=_("wants a look"))
    def look(self, rule: ImportRule) -> str:
        return care(rule, today(), followed=bool(getattr(rule, "followed", True)))

    @admin.action(description=_("I compared these rules with their source today"), permissions=["change"])
    def checked(self, request: HttpRequest, queryset: QuerySet[ImportRule]) -> None:
        count = services.mark_checked(list(queryset), by=staff(request))
        messages.success(request, gettext("%d rules are checked.") % count)


def history(pk: int) -> list[tuple[RuleChange, list[Difference]]]:
    """What happened to one rule, the newest first, in words."""
    currency = ImportRule.objects.filter(pk=pk).values_list("currency", flat=True).first() or ""
    changes = RuleChange.objects.filter(rule_id=pk).select_related("by")
    return [(change, list(differences(change.before, change.after, currency=currency))) for change in changes]


@admin.register(RuleChange)
class RuleChangeAdmin(ReadOnly):
    """Every change of a rule, also of those that are gone."""

    list_display = ("at", "name", "effective_from", "action", "by", "file", "what")
    list_filter = ("action", "country")
    search_fields = ("name", "country", "file")
    list_select_related = ("by",)
    date_hierarchy = "at"

    @admin.display(description=_("what was changed"))
    def what(self, change: RuleChange) -> str:
        return ", ".join(str(one.name) for one in differences(change.before, change.after))


@admin.register(HSCode)
class HSCodeAdmin(AnyModelAdmin):
    list_display = ("code", "name", "edition")
    search_fields = ("code", "name")
