"""Import rules in words: what a column is called, what it says, and how two rules differ."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fx.money import Money, MoneyError
from listings.customs.duty import Spec
from listings.customs.words import in_words, percent, sum_in_words

Text = str | Promise
MONEY = ("vat_threshold_minor", "duty_threshold_minor", "scheme_ceiling_minor")
# In the order in which people ask; what is not here is the same for all rows or for machines.
NAMES: dict[str, Text] = {
    "effective_from": gettext_lazy("In force from"),
    "effective_to": gettext_lazy("In force until"),
    "tax_name": gettext_lazy("Tax"),
    "standard_vat_rate": gettext_lazy("Tax rate"),
    "vat_threshold_minor": gettext_lazy("Tax-free up to"),
    "duty_threshold_minor": gettext_lazy("Duty-free up to"),
    "low_value_duty": gettext_lazy("Duty otherwise"),
    "vat_base": gettext_lazy("Tax is counted on"),
    "threshold_basis": gettext_lazy("Limits are compared with"),
    "import_fee": gettext_lazy("Fees"),
    "scheme": gettext_lazy("Scheme"),
    "scheme_name": gettext_lazy("Name of the scheme"),
    "scheme_ceiling_minor": gettext_lazy("Scheme up to"),
    "relief_needs_scheme": gettext_lazy("Duty-free only inside the scheme"),
    "marketplace_liable": gettext_lazy("The marketplace owes the tax"),
    "currency": gettext_lazy("Currency"),
    "name": gettext_lazy("Name"),
    "country": gettext_lazy("Country"),
    "confidence": gettext_lazy("Confidence"),
    "source": gettext_lazy("Source"),
    "source_date": gettext_lazy("Date of the source"),
    "note": gettext_lazy("Note"),
}

WORDS: dict[str, dict[str, Text]] = {
    "vat_base": {
        "goods": gettext_lazy("goods"),
        "goods+duty": gettext_lazy("goods and duty"),
        "goods+shipping": gettext_lazy("goods and shipping"),
        "goods+shipping+duty": gettext_lazy("goods, shipping and duty"),
        "inside": gettext_lazy("the price with the tax inside"),
        "none": gettext_lazy("nothing"),
    },
    "threshold_basis": {
        "consignment": gettext_lazy("all goods of a parcel"),
        "consignment incl. shipping": gettext_lazy("all goods of a parcel and their shipping"),
        "item": gettext_lazy("the dearest piece"),
    },
}
LIABLE: dict[str, Text] = {
    "yes": gettext_lazy("yes"),
    "no": gettext_lazy("no"),
    "if registered": gettext_lazy("if it is registered"),
    "if certified": gettext_lazy("if it is certified"),
    "state law": gettext_lazy("as the law of the state says"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One column: what it is called, what it said (empty: nothing), what it says."""

    name: Text
    before: str
    after: str


def differences(before: Mapping[str, Any], after: Mapping[str, Any], *, currency: str = "") -> Iterator[Difference]:
    """Column by column where two rows differ. Rows that hold only what changed may lack the `currency`: give it."""
    was, now = before.get("currency") or currency, after.get("currency") or currency
    for column, name in NAMES.items():
        old, new = before.get(column), after.get(column)
        if old != new:
            yield Difference(name, value(column, old, was), value(column, new, now))


def value(column: str, said: Any, currency: str) -> str:
    """What a column says, to be read; empty for nothing. Amounts are minor units of the row's `currency`."""
    if column == "relief_needs_scheme":
        return _("yes") if said else _("no")
    if said is None or said == "" or (column in MONEY and said == 0):
        return ""
    if column in WORDS:
        return str(WORDS[column].get(said, said))
    match column:
        case "standard_vat_rate":
            return _percent(said)
        case "effective_from" | "effective_to":
            return date_format(said if isinstance(said, dt.date) else dt.date.fromisoformat(said))
        case "low_value_duty":
            return duty_in_words(said, currency)
        case "tax_name":
            return in_words(said)
        case "import_fee":
            return " · ".join(fee_in_words(part, currency) for part in said.split("|") if part)
        case "marketplace_liable":
            return _liable(said)
    return _sum(said, currency) if column in MONEY else str(said)


def _liable(said: str) -> str:
    """`yes>NOK50k`: it owes the tax when it sells for more than that a year."""
    word, _above, limit = said.partition(">")
    words = str(LIABLE.get(word, word))
    return _("%(answer)s, above %(limit)s a year") % {"answer": words, "limit": limit} if limit else words


def _percent(said: Any) -> str:
    try:
        return percent(Fraction(Decimal(str(said))) / 100)
    except (InvalidOperation, ValueError):
        return str(said)


def _sum(minor: Any, currency: str) -> str:
    """In the row's currency; where that is not known any more, the number."""
    try:
        return sum_in_words(Money(int(minor), currency))
    except MoneyError:
        return str(minor)


def duty_in_words(text: str, currency: str) -> str:
    """`flat:300:per_hs6:upto=15000` is "€3.00 for each kind of goods up to €150.00"."""
    try:
        return "; ".join(_spec(Spec.parse(part), currency) for part in text.split(";"))
    except (ValueError, ZeroDivisionError, MoneyError):
        return text


def _spec(spec: Spec, currency: str) -> str:
    words = _kind(spec, currency)
    if "upto" in spec.options:
        limit = sum_in_words(Money(spec.options["upto"], currency))
        words = _("%(duty)s up to %(limit)s") % {"duty": words, "limit": limit}
    if spec.senders:
        return _("%(duty)s (sent from %(countries)s)") % {"duty": words, "countries": ", ".join(sorted(spec.senders))}
    return words


def _kind(spec: Spec, currency: str) -> str:
    match spec.name:
        case "none":
            return _("none on ordinary goods")
        case "flat":
            return _("%s for each kind of goods") % sum_in_words(Money(int(spec.figure), currency))
        case "allin":
            return _("%s of the goods, tax included") % percent(spec.rate)
        case "pct" if "minus" in spec.options:
            named = {"rate": percent(spec.rate), "minus": sum_in_words(Money(spec.options["minus"], currency))}
            return _("%(rate)s of goods and shipping, less %(minus)s") % named
        case "pct":
            return _("%s of goods and shipping") % percent(spec.rate)
        case "mfn" | "mfn+origin":
            return _("the normal tariff")
        case "cbec":
            return _("a part of the usual taxes, on platforms that the customs office is connected to")
    return spec.name


def fee_in_words(part: str, currency: str) -> str:
    """`flat:254:per_parcel:Levy` is "Levy: NZ$2.54 for each parcel"."""
    kind, *rest = part.split(":", {"flat": 3, "pct": 2}.get(part.split(":")[0], 1))
    name = in_words(rest[-1].split(" (")[0]) if rest else part
    match kind, rest:
        case "flat", [minor, per, _label] if minor.isdigit():
            words = _("%s for each kind of goods") if per == "per_hs6" else _("%s for each parcel")
            return f"{name}: {words % sum_in_words(Money(int(minor), currency))}"
        case "pct", [rate, _label]:
            return f"{name}: {_percent(rate)}"
        case "unknown", [_label]:
            return _("%s: amount not known") % name
    return part
