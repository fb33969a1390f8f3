"""Customs duty from a rule's `low_value_duty`: parts joined by `;`, the first whose `upto` holds.

Every part may name the countries it is for: `allin:19:from=US+CA` counts for parcels sent from there.

`none` | `mfn` or `mfn+origin` (the normal tariff: needs a `TariffSource`) |
`flat:300:per_hs6:upto=15000` | `pct:60:minus=2000:upto=300000` (of goods + shipping) | `allin:33.5`
(of goods, tax included). Amounts are minor units of the rule's currency. What is not understood is
the normal tariff, so it is never computed too low.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Protocol

from django.utils.translation import ngettext

from fx.money import Money, total
from listings.customs.result import Certainty, Charge, Kind
from listings.customs.shipment import Declared, Line, share
from listings.customs.words import percent, sum_in_words
from listings.customs.words import say as _


class TariffSource(Protocol):
    """Normal duty rates from outside."""

    def rate(self, hs_code: str, origin: str, destination: str, on: dt.date) -> Fraction | None:
        """The whole rate (0.12 is 12 %) with every surcharge by origin; None when it is not known."""


@dataclass(frozen=True, slots=True)
class Spec:
    """`flat:300:per_hs6:upto=15000` is Spec("flat", "300", {"upto": 15000})."""

    name: str
    figure: str = "0"
    options: dict[str, int] = field(default_factory=dict)
    senders: frozenset[str] = frozenset()  # empty: from anywhere

    @classmethod
    def parse(cls, text: str) -> Spec:
        name, *rest = text.split(":")
        options = dict(part.split("=") for part in rest if "=" in part)
        senders = frozenset(filter(None, options.pop("from", "").split("+")))
        figure = rest[0] if rest and "=" not in rest[0] else "0"
        return cls(name, figure, {key: int(value) for key, value in options.items()}, senders)

    @property
    def rate(self) -> Fraction:
        return Fraction(self.figure) / 100

    def covers(self, value: int, sender: str) -> bool:
        if self.senders and sender not in self.senders:
            return False
        return "upto" not in self.options or value <= self.options["upto"]


def duty(parcel: Declared, *, in_scheme: bool, on: dt.date, tariff: TariffSource | None, sure: Certainty) -> Charge:
    """The duty on a parcel, zero below the rule's limit (where the relief does not depend on a
    scheme that is missing).
    """
    rule = parcel.rule
    limit = 0 if rule.relief_needs_scheme and not in_scheme else rule.duty_free or 0
    if limit and parcel.value <= limit:
        why = _("goods of %(value)s do not exceed the duty-free limit of %(limit)s") % {
            "value": sum_in_words(parcel.money(parcel.value)),
            "limit": sum_in_words(parcel.money(limit)),
        }
        return _charge(parcel, 0, why, sure)
    specs = (Spec.parse(text) for text in rule.low_value_duty.split(";"))
    spec = next((spec for spec in specs if spec.covers(parcel.value, parcel.shipment.seller_country)), Spec("mfn"))
    match spec.name:
        case "none":
            return _charge(parcel, 0, _("no customs duty on ordinary goods"), sure)
        case "flat":
            return _flat(parcel, spec, sure)
        case "pct":
            return _percentage(parcel, spec)
        case "allin":
            why = _("all-in rate of %(rate)s: duty and tax together") % {"rate": percent(spec.rate)}
            return _charge(parcel, share(parcel.goods, spec.rate).amount, why, Certainty.ESTIMATE)
        case _:
            return _normal(parcel, tariff, on)


def flat_duty(text: str, currency: str) -> Money | None:
    """What a rule's `low_value_duty` asks for each kind of goods, if it does."""
    specs = (Spec.parse(part) for part in text.split(";") if part)
    return next((Money(int(spec.figure), currency) for spec in specs if spec.name == "flat"), None)


def _flat(parcel: Declared, spec: Spec, sure: Certainty) -> Charge:
    each, codes = parcel.money(int(spec.figure)), parcel.shipment.tariff_codes
    why = ngettext(
        "%(each)s × %(count)d kind of goods: %(codes)s",
        "%(each)s × %(count)d kinds of goods: %(codes)s",
        len(codes),
    )
    why %= {"each": sum_in_words(each), "count": len(codes), "codes": ", ".join(codes)}
    upto = parcel.money(spec.options["upto"]) if "upto" in spec.options else None
    return replace(_charge(parcel, each.amount * len(codes), why, sure), each=each, upto=upto)


def _percentage(parcel: Declared, spec: Spec) -> Charge:
    minus = parcel.money(spec.options.get("minus", 0))
    amount = share(parcel.goods + parcel.shipping, spec.rate) - minus
    why = _("%(rate)s of goods and shipping") % {"rate": percent(spec.rate)}
    if minus:
        why = _("%(rate)s of goods and shipping, less %(minus)s") % {
            "rate": percent(spec.rate),
            "minus": sum_in_words(minus),
        }
    return _charge(parcel, max(0, amount.amount), why, Certainty.ESTIMATE)


def _normal(parcel: Declared, tariff: TariffSource | None, on: dt.date) -> Charge:
    """Line by line at the normal tariff; unknown as soon as one rate is."""
    rated: list[tuple[Line, Fraction]] = []
    missing: set[str] = set()
    for line in parcel.shipment.lines:
        rate = _rate(parcel, line, tariff, on)
        if rate is None:
            missing.add(line.hs_code)
        else:
            rated.append((line, rate))
    if missing:
        why = _("the normal tariff applies; we have no rate for %(codes)s") % {"codes": ", ".join(sorted(missing))}
        return Charge(Kind.DUTY, _("Customs duty"), None, why, Certainty.UNKNOWN)
    weights = [line.unit.amount * line.quantity for line, _rate in rated]
    values = parcel.goods.split(*weights)
    shares = (share(value, rate) for value, (_line, rate) in zip(values, rated, strict=True))
    amount = total(shares, parcel.rule.currency)
    return _charge(parcel, amount.amount, _("normal tariff, line by line"), Certainty.ESTIMATE)


def _rate(parcel: Declared, line: Line, tariff: TariffSource | None, on: dt.date) -> Fraction | None:
    if tariff is None:
        return None
    return tariff.rate(line.hs_code, line.origin, parcel.rule.country, on)


def _charge(parcel: Declared, minor: int, why: str, certainty: Certainty) -> Charge:
    return Charge(Kind.DUTY, _("Customs duty"), parcel.money(minor), why, certainty)
