"""Which country taxes the platform's fee to a seller, by the articles of Directive 2006/112/EC. Pure.

What these rules do not know they say; no case is guessed. See docs/decisions/0049-commission-invoices.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from stdnum.eu import vat
from stdnum.exceptions import ValidationError

from marketplace.lib.places import EU
from payments.invoices.operator import Operator
from payments.models import Treatment, Wait

# Parts of these countries that are outside the EU's VAT area (article 6), by the start of their postal codes.
ELSEWHERE = {
    "DE": ("27498", "78266"),  # Heligoland, Büsingen
    "ES": ("35", "38", "51", "52"),  # the Canary Islands, Ceuta, Melilla
    "FI": ("22",),  # Åland
    "FR": ("97", "98"),  # overseas
    "GR": ("63086", "63087"),  # Mount Athos
    "IT": ("23041", "22061", "22060"),  # Livigno, Campione
}
# Taxed as if they were another country's, or in part: we know no rule that is safe.
ODD = frozenset({"MC", "IM", "XI", "AX", "SM", "VA"})


@dataclass(frozen=True, slots=True)
class Party:
    """A seller, as far as tax is concerned."""

    country: str
    postal_code: str
    vat_id: str


@dataclass(frozen=True, slots=True)
class Taxed:
    """`country` whose rate is inside the fee; empty: no tax."""

    treatment: Treatment
    country: str = ""


def decide(operator: Operator, seller: Party) -> Taxed | Wait:
    """How a fee from `operator` to `seller` is taxed, or why that cannot be said."""
    if operator.missing:
        return Wait.OPERATOR
    if seller.country in ODD or operator.country in ODD or _elsewhere(seller):
        return Wait.LAW
    if not operator.vat_id:
        return _by_a_small_business(operator, seller)
    if seller.country == operator.country:
        return Taxed(Treatment.DOMESTIC, operator.country)
    if operator.country not in EU:
        return Wait.LAW
    if seller.country not in EU:
        return Taxed(Treatment.OUTSIDE)  # articles 44 and 59
    return _within_the_eu(operator, seller)


def _within_the_eu(operator: Operator, seller: Party) -> Taxed | Wait:
    if seller.vat_id:  # articles 44 and 196
        return Taxed(Treatment.REVERSE) if is_vat_id(seller.vat_id, seller.country) else Wait.VAT_ID
    # Whoever gives no number may be treated as not taxable: Regulation 282/2011, article 18. Then article 58, or 59c.
    match operator.consumers:
        case "oss":
            return Taxed(Treatment.CONSUMER, seller.country)
        case "home":
            return Taxed(Treatment.HOME, operator.country)
    return Wait.CONSUMERS


def _by_a_small_business(operator: Operator, seller: Party) -> Taxed | Wait:
    """Exempt at home (article 284). A business elsewhere in the EU is taxed there, and to say so needs a VAT number."""
    abroad = seller.country != operator.country and seller.country in EU and operator.country in EU
    if abroad and (seller.vat_id or operator.consumers == "oss"):
        return Wait.LAW
    return Taxed(Treatment.EXEMPT)


def is_vat_id(number: str, country: str) -> bool:
    """Whether `number` has the form and check digits of a VAT number of `country`, one of the EU, with its prefix."""
    try:
        return bool(vat.validate(number)) and number[:2] == _prefix(country)
    except ValidationError:
        return False


def _prefix(country: str) -> str:
    return "EL" if country == "GR" else country


def _elsewhere(seller: Party) -> bool:
    return seller.postal_code.replace(" ", "").startswith(ELSEWHERE.get(seller.country, ("-",)))
