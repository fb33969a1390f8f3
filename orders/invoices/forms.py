"""What a seller says for the invoices about our commission."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from listings.fields import CountryField
from listings.models import Shop
from payments.invoices.profiles import Stated
from payments.models import TaxProfile

FIELDS = ("name", "street", "postal_code", "city", "country", "vat_id")


class ProfileForm(forms.Form):
    name = forms.CharField(label=_("Name or company"), max_length=100)
    street = forms.CharField(label=_("Street and number"), max_length=120)
    postal_code = forms.CharField(label=_("Postal code"), max_length=16, required=False)
    city = forms.CharField(label=_("City"), max_length=60)
    country = CountryField(label=_("Country"))
    vat_id = forms.CharField(
        label=_("VAT number"),
        max_length=20,
        required=False,
        help_text=_("With its two letters in front, in the EU. Leave it out if you have none."),
    )

    @property
    def stated(self) -> Stated:
        return Stated(**self.cleaned_data)


def form_of(shop: Shop, data: Any = None) -> ProfileForm:
    """As the seller said it, else with what the shop already says."""
    profile = TaxProfile.objects.filter(seller=shop.owner_id).first()
    known = {"name": shop.owner.name, "city": shop.city, "country": shop.country}
    said = known if profile is None else {field: getattr(profile, field) for field in FIELDS}
    return ProfileForm(data, initial=said)
