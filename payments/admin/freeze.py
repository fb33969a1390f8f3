"""The switch that stops payouts, and its history."""

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

from payments.admin.bank import Recorded
from payments.admin.pages import attempt, back_to_list, form_page, may
from payments.models import Freeze
from payments.payouts.freezing import freeze, lift, still_found


class FreezeForm(forms.Form):
    reason = forms.CharField(label=_("Why no payout may leave"), max_length=500)


class LiftForm(forms.Form):
    why = forms.CharField(label=_("Why payouts may leave again"), max_length=500)
    despite = forms.BooleanField(label=_("They may leave although the newest audit says so"), required=False)

    def __init__(self, *args: Any, found: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not found:
            del self.fields["despite"]


@admin.register(Freeze)
class FreezeAdmin(Recorded):
    list_display = ("reason", "by", "at", "lifted_at", "lifted_by", "lifted_why", "lifted_despite", "end")
    list_select_related = ("by", "lifted_by")
    ordering = ("-at",)
    fields = readonly_fields = ("reason", "by", "at", "lifted_at", "lifted_by", "lifted_why", "lifted_despite")
    form_class: ClassVar[type[forms.Form]] = FreezeForm

    def record(self, **cleaned: Any) -> object:
        return freeze(**cleaned)

    @admin.display(description="")
    def end(self, row: Freeze) -> str | SafeString:
        if row.lifted_at is not None:
            return ""
        return format_html('<a href="{}">{}</a>', reverse("admin:payments_freeze_lift", args=[row.pk]), gettext("Lift"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.lift_view)
        return [path("<int:pk>/lift/", view, name="payments_freeze_lift"), *super().get_urls()]

    def lift_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = may(request, "payments.change_freeze")
        row = get_object_or_404(Freeze.objects.select_related("by"), pk=pk)
        found = still_found()
        form = LiftForm(request.POST or None, found=found)
        if not form.is_valid():
            facts = [(_("Reason"), row.reason), (_("Set by"), row.by or _("the audit")), (_("Since"), row.at)]
            facts.append((_("The newest audit says"), found or _("nothing against it")))
            return form_page(self, request, form, title=gettext("Let payouts go again"), facts=facts)
        said = form.cleaned_data
        if attempt(request, gettext("Payouts may leave again"), lambda: lift(by=user, **said)):
            self.log_change(request, row, f"Lifted: {said['why']}")
        return back_to_list(self)
