"""Import tax (VAT, GST ...) and government fees of a parcel."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from listings.customs.lower import taxed_lower
from listings.customs.result import Certainty, Charge, Kind
from listings.customs.shipment import Declared, share
from listings.customs.words import in_words, percent, sum_in_words
from listings.customs.words import say as _


def tax(parcel: Declared, duty: Charge, sure: Certainty) -> Charge | None:
    """The tax on goods, shipping and duty as `vat_base` says; `inside` is a share of the price
    with tax. None: no tax there.
    """
    rule = parcel.rule
    if not rule.vat_rate or rule.vat_base in {"", "none"}:
        return None
    if rule.vat_free and parcel.value <= rule.vat_free:
        why = _("goods of %(value)s do not exceed the tax-free limit of %(limit)s") % {
            "value": sum_in_words(parcel.money(parcel.value)),
            "limit": sum_in_words(parcel.money(rule.vat_free)),
        }
        return Charge(Kind.TAX, in_words(rule.tax_name), parcel.money(0), why, sure)
    base, words = _base(parcel, duty)
    why = _("%(rate)s on %(base)s") % {"rate": percent(rule.vat_rate), "base": words}
    rate = rule.vat_rate
    if rule.vat_base == "inside":
        rate = rate / (1 - rate)
        why = _("%(rate)s of the price with tax, on %(base)s") % {"rate": percent(rule.vat_rate), "base": words}
    certainty = sure if duty.certainty is Certainty.EXACT else Certainty.ESTIMATE
    if lower := taxed_lower([line.hs_code for line in parcel.shipment.lines], rule.lower):
        certainty = Certainty.ESTIMATE
        why = _("%(why)s; a lower rate may apply to %(goods)s") % {"why": why, "goods": ", ".join(map(in_words, lower))}
    return Charge(Kind.TAX, in_words(rule.tax_name), share(parcel.money(base), rate), why, certainty)


def _base(parcel: Declared, duty: Charge) -> tuple[int, str]:
    base, words = parcel.goods.amount, [_("goods")]
    if "shipping" in parcel.rule.vat_base or parcel.rule.vat_base == "inside":
        base, words = base + parcel.shipping.amount, [*words, _("shipping")]
    if duty.amount and ("duty" in parcel.rule.vat_base or parcel.rule.vat_base == "inside"):
        base, words = base + duty.amount.amount, [*words, _("duty")]
    return base, " + ".join(words)


def fees(parcel: Declared, sure: Certainty) -> Iterator[Charge]:
    """The parts of `import_fee`, joined by `|`: `flat:254:per_parcel:Levy`, `pct:4.5:Levy` of
    goods, `unknown:Fee (why)`. What is not known is left out where the parcel is below the limits of tax and of duty.
    """
    free = parcel.value <= min(parcel.rule.vat_free or 0, parcel.rule.duty_free or 0)
    for spec in filter(None, parcel.rule.import_fee.split("|")):
        if free and spec.startswith("unknown:"):
            continue
        yield _fee(parcel, spec, sure)


def _fee(parcel: Declared, spec: str, sure: Certainty) -> Charge:
    kind, _colon, rest = spec.partition(":")
    if kind == "flat":
        minor, per, label = rest.split(":", 2)
        count = len(parcel.shipment.tariff_codes) if per == "per_hs6" else 1
        return _known(parcel, int(minor) * count, label, sure)
    if kind == "pct":
        points, label = rest.split(":", 1)
        amount = share(parcel.goods, Fraction(points) / 100)
        return _known(parcel, amount.amount, label, sure)
    name, why = _named(rest)
    return Charge(Kind.FEE, name, None, why or _("amount not known"), Certainty.UNKNOWN)


def _known(parcel: Declared, minor: int, label: str, sure: Certainty) -> Charge:
    name, why = _named(label)
    return Charge(Kind.FEE, name, parcel.money(minor), why or _("government fee"), sure)


def _named(label: str) -> tuple[str, str]:
    """`Fee (why)` as its name and its reason, in the reader's language."""
    name, _bracket, why = label.partition(" (")
    return in_words(name), in_words(why.removesuffix(")"))
