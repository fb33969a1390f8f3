"""Goods that may not go: written, changed and switched off by the operator, with the history of every row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from listings import services
from listings.models import RestrictedGoods, RestrictionChange
from listings.services.restrictions import trouble_of
from marketplace.admin import AnyModelAdmin, ReadOnly, ReadOnlyInline, staff

if TYPE_CHECKING:
    RestrictionForm = forms.ModelForm[RestrictedGoods]
else:
    RestrictionForm = forms.ModelForm


class RestrictedGoodsForm(RestrictionForm):
    class Meta:
        model = RestrictedGoods
        fields = ("scope", "prefixes", "words", "rule", "reason", "remedy", "confidence", "source", "active")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and (found := trouble_of(RestrictedGoods(**data))):
            raise ValidationError(found)
        return data


class Changes(ReadOnlyInline):
    model = RestrictionChange
    fields = ("at", "by", "before", "after")
    verbose_name_plural = _("History")


@admin.register(RestrictedGoods)
class RestrictedGoodsAdmin(AnyModelAdmin):
    """What is saved here holds from the next page on, for listings, search and baskets."""

    form = RestrictedGoodsForm
    list_display = ("reason", "scope", "prefixes", "rule", "remedy", "confidence", "source", "active")
    list_filter = ("active", "rule", "confidence", "scope")
    search_fields = ("reason", "prefixes", "words", "source")
    inlines = (Changes,)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: RestrictedGoods, form: Any, change: bool) -> None:
        services.save_restriction(obj, by=staff(request))


@admin.register(RestrictionChange)
class RestrictionChangeAdmin(ReadOnly):
    list_display = ("at", "restriction", "by", "before", "after")
    list_select_related = ("restriction", "by")
