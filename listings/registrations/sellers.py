"""Whether a seller's number can be right: by check digits where its country has them, else by its shape."""

from __future__ import annotations

from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

from listings.models import Shop, ShopNumber
from listings.registrations.numbers import FORMATS, OTHER, Format, WrongNumber, shape

# LUCID of Germany's packaging register, and the unique identifier (IDU) of ADEME in France.
EPR = {
    ("epr-packaging", "DE"): Format(shape(r"DE\d{13}"), "DE1234567890123"),
    ("epr-electrical", "DE"): Format(shape(r"(WEEE)?DE\d{8}"), "DE12345678"),
    **{
        (kind.value, "FR"): Format(shape(r"FR\d{6}_\d{2}[A-Z]{4}"), "FR123456_01ABCD")
        for kind in ShopNumber.Kind
        if kind.value.startswith("epr-")
    },
}


def registrations_of(shop: Shop) -> dict[tuple[str, str], str]:
    """The shop's numbers by kind and country, like {("eori", "DE"): "DE123456789012345"}, checked or not."""
    return {(row.kind, row.country): row.number for row in shop.numbers.all()}


def read_own(kind: str, country: str, number: str) -> str:
    """The number in its plain form; WrongNumber when it cannot be one of that kind and country."""
    form = _format(kind, country)
    try:
        plain = form.read(number)
    except ValidationError as error:
        raise WrongNumber(form.example) from error
    return plain


def _format(kind: str, country: str) -> Format:
    if kind == "eori":
        return Format(shape(rf"{country}[A-Z0-9]{{1,15}}"), f"{country}123456789012")
    if kind == "ioss":
        return FORMATS["IOSS"]
    if kind == "vat":
        module = get_cc_module(country, "vat")
        return OTHER if module is None else Format(module.validate, "")
    return EPR.get((kind, country), OTHER)
