"""Who an invoice is made out to: what a seller says of themselves, checked as far as a number can be."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.lib.clock import now
from marketplace.lib.places import EU, is_country
from marketplace.models import User
from payments.errors import InvoiceRefused
from payments.invoices.rules import Party, is_vat_id
from payments.models import TaxProfile


@dataclass(frozen=True, slots=True)
class Stated:
    """A seller's own words. `vat_id` with its country's prefix inside the EU; empty: none."""

    name: str
    street: str
    postal_code: str
    city: str
    country: str
    vat_id: str


@transaction.atomic
def set_profile(*, seller: User, by: User, stated: Stated) -> TaxProfile:
    """Invoices from now on are made out to this; those that were issued stay. InvoiceRefused names what is wrong."""
    assert by == seller, "only sellers say who they are"
    if not is_country(stated.country):
        raise InvoiceRefused(_("“%s” is no country: write two letters such as DE.") % stated.country)
    number = compact(stated.vat_id)
    if number and stated.country in EU and not is_vat_id(number, stated.country):
        raise InvoiceRefused(
            _("“%(number)s” is no VAT number of %(country)s. Write it with its two letters, or leave it out.")
            % {"number": stated.vat_id, "country": stated.country}
        )
    said = {field: getattr(stated, field) for field in ("name", "street", "postal_code", "city", "country")}
    row, _created = TaxProfile.objects.update_or_create(
        seller=seller, defaults={**said, "vat_id": number, "updated_at": now()}
    )
    return row


def party(profile: TaxProfile) -> Party:
    return Party(profile.country, profile.postal_code, profile.vat_id)


def compact(number: str) -> str:
    """As it is compared: capitals and digits, without blanks, points and dashes."""
    return "".join(sign for sign in number.upper() if sign not in " .-")
