"""The operator's registrations: entered with a number that can be right, ended once, never deleted."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from listings import services
from listings.errors import ListingError
from listings.models import Registration
from listings.services.registrations import check, known_schemes
from marketplace.admin import AnyModelAdmin, staff
from marketplace.lib.clock import today

if TYPE_CHECKING:
    RegistrationForm = forms.ModelForm[Registration]
else:
    RegistrationForm = forms.ModelForm


class NewForm(RegistrationForm):
    scheme = forms.ChoiceField(label=_("scheme"), choices=lambda: [(name, name) for name in known_schemes()])

    class Meta:
        model = Registration
        fields = ("scheme", "number", "country", "valid_from", "valid_until", "note")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                check(Registration(**data))
            except ListingError as error:
                raise ValidationError(str(error)) from error
        return data


class EndForm(RegistrationForm):
    valid_until = forms.DateField(label=_("first day without it"), help_text=_("It can be said once."))

    class Meta:
        model = Registration
        fields = ("valid_until",)

    def clean_valid_until(self) -> dt.date:
        day: dt.date = self.cleaned_data["valid_until"]
        if day < self.instance.valid_from:
            raise ValidationError(gettext("The registration ends before it starts."))
        return day


@admin.register(Registration)
class RegistrationAdmin(AnyModelAdmin):
    """What is in force decides which tax is collected at checkout."""

    list_display = ("scheme", "number", "country", "valid_from", "valid_until", "now_in_force", "by", "at")
    list_filter = ("scheme",)
    list_select_related = ("by",)
    search_fields = ("scheme", "number", "note")
    fields = ("scheme", "number", "country", "valid_from", "valid_until", "note")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        may = obj is not None and self.has_change_permission(request, obj)
        form = EndForm if may else NewForm if obj is None else RegistrationForm
        return super().get_form(request, obj, change, **{**kwargs, "form": form})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.fields, "by", "at", "ended_by", "ended_at") if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [name for name in self.get_fields(request, obj) if name != "valid_until"] if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        open_ended = obj is None or obj.valid_until is None
        return open_ended and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Registration, form: Any, change: bool) -> None:
        if change:
            services.end_registration(obj, valid_until=form.cleaned_data["valid_until"], by=staff(request))
        else:
            services.register(obj, by=staff(request))

    @admin.display(description=_("in force"), boolean=True)
    def now_in_force(self, registration: Registration) -> bool:
        return registration.covers(today())
