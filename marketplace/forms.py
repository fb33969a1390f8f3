"""Forms about the person: where to, in which money, in which language."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from fx.errors import FxError
from fx.services import current_rates
from marketplace.lib.places import DISPLAY_CURRENCIES, countries, currency_name, currency_of, language_name
from marketplace.lib.visitor import Visitor

USUAL = "usual"  # in place of a currency: that of the country


def offered_currencies() -> list[str]:
    """What prices can be shown in now: those with a rate; the euro, which needs none, always."""
    try:
        rated = set(current_rates().per_eur)
    except FxError:
        rated = set()
    return [code for code in DISPLAY_CURRENCIES if code in rated or code == "EUR"]


class VisitorForm(forms.Form):
    country = forms.ChoiceField(
        label=_("Send things to"), help_text=_("Shipping, duty and tax are worked out for this country.")
    )
    currency = forms.ChoiceField(
        label=_("Show prices in"),
        help_text=_("You pay in this money. Sellers are paid in theirs."),
    )
    language = forms.ChoiceField(label=_("Language"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "en"
        self.fields["country"].choices = countries(language)  # type: ignore[attr-defined]
        self.fields["currency"].choices = _currency_choices(language)  # type: ignore[attr-defined]
        self.fields["language"].choices = [(code, language_name(code)) for code, _name in settings.LANGUAGES]  # type: ignore[attr-defined]

    @property
    def visitor(self) -> Visitor:
        data = self.cleaned_data
        currency = currency_of(data["country"]) if data["currency"] == USUAL else data["currency"]
        return Visitor(data["country"], currency, data["language"])


def _currency_choices(language: str) -> list[tuple[str, Any]]:
    named = [(code, f"{code}, {currency_name(code, language)}") for code in offered_currencies()]
    return [(USUAL, _("What is usual there")), *named]


class ProfileForm(VisitorForm):
    """The visitor's choices and the name of whoever is logged in."""

    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ("name", "country", "currency", "language")
