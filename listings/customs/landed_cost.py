"""Landed cost: what a parcel costs at the buyer's door, each part with its reason, certainty, payer and source.

Pure: no clock, no database, no network, integers only. The caller gives the day, the rules and the
conversions, so a bill can be computed again years later. What is not known is said, never invented.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils.translation import ngettext

from fx.errors import RateMissing
from fx.money import Money
from listings.customs.duty import TariffSource, duty
from listings.customs.result import Certainty, Charge, Component, Kind, LandedCost, Payer
from listings.customs.rule import Rule, RuleBook
from listings.customs.shipment import Convert, Declared, Line, Shipment
from listings.customs.tax import fees, tax
from listings.customs.words import say as _
from listings.customs.words import sum_in_words


def landed_cost(
    shipment: Shipment,
    rules: RuleBook,
    *,
    on: dt.date,
    currency: str,
    convert: Convert,
    registrations: frozenset[str] = frozenset(),
    tariff: TariffSource | None = None,
    value: Convert | None = None,
) -> LandedCost:
    """The bill of one parcel in `currency`.

    `convert` turns what is owed (the shop's money, the scheme's) into the buyer's, with the
    platform's spread; `value` turns the buyer's money into the rule's for customs, at mid-market
    (default: `convert`). `registrations` are the operator's schemes, like {"IOSS"}: inside one,
    duty and tax that are exact are paid at checkout; else the buyer pays at the door.
    """
    bill = LandedCost(
        shipment, _prices(shipment, currency, convert), currency, on, "domestic",
        registrations=registrations,
    )  # fmt: skip
    if shipment.seller_country == shipment.destination:
        return bill.noting(_("Domestic sale: no import charges."))
    if rules.is_member(shipment.seller_country) and rules.is_member(shipment.destination):
        return bill.noting(_("Sent within the European Union: no import charges."))
    rule = rules.find(shipment.destination, on)
    if rule is None:
        named = {"country": shipment.destination, "day": on}
        return _unknown(bill, _("no rule on file for %(country)s on %(day)s") % named)
    try:
        parcel = Declared.of(shipment, rule, currency=currency, convert=convert, value=value or convert)
        return _import(bill, parcel, convert, tariff)
    except RateMissing as missing:  # the limits are in money that nobody quotes: they cannot be compared
        return _unknown(bill, _("no exchange rate for %(currency)s") % {"currency": missing.currency})


def _prices(shipment: Shipment, currency: str, convert: Convert) -> tuple[Component, Component]:
    exact, now = Certainty.EXACT, Payer.CHECKOUT
    pieces = ngettext("%d piece", "%d pieces", shipment.pieces) % shipment.pieces
    if shipment.discount is not None:
        pieces = _("%(pieces)s, less the seller’s discount of %(discount)s") % {
            "pieces": pieces,
            "discount": sum_in_words(shipment.discount),
        }
    goods, shipping = shipment.goods_in(currency, convert), convert(shipment.shipping, currency)
    return (
        Component(Kind.GOODS, _("Goods"), goods, pieces, exact, now),
        Component(Kind.SHIPPING, _("Shipping"), shipping, _("the seller's rate"), exact, now),
    )


def _unknown(bill: LandedCost, why: str) -> LandedCost:
    charge = Charge(Kind.TAX, _("Import charges"), None, why, Certainty.UNKNOWN)
    component = _component(charge, None, bill, Payer.DELIVERY, None)
    return _with(bill, "DAP", None, [component]).noting(
        _("Import charges may be due on delivery; we cannot estimate them.")
    )


def _import(bill: LandedCost, parcel: Declared, convert: Convert, tariff: TariffSource | None) -> LandedCost:
    rule = parcel.rule
    sure = Certainty.EXACT if rule.confidence == "high" else Certainty.ESTIMATE
    in_scheme = rule.accepts(bill.registrations, parcel.value)
    due = duty(parcel, in_scheme=in_scheme, on=bill.on, tariff=tariff, sure=sure)
    taxed = tax(parcel, due, sure)
    borders = [due] if taxed is None else [due, taxed]
    # Only what is exact may be collected now: one estimate sends the whole parcel to the door.
    prepaid = in_scheme and all(charge.certainty is Certainty.EXACT for charge in borders)
    charges = [*borders, *fees(parcel, sure)]
    if not prepaid and any(charge.amount is None or charge.amount for charge in borders):
        charges.append(_carrier_fee())
    components = [_component(c, convert, bill, _payer(c, prepaid), rule) for c in charges]
    done = _with(bill, "DDP" if prepaid else "DAP", rule, components)
    return done.noting(*_notices(done, prepaid), *_another_kind(due, convert, bill.currency))


def _payer(charge: Charge, prepaid: bool) -> Payer:
    now = prepaid and charge.certainty is Certainty.EXACT
    return Payer.CHECKOUT if now else Payer.DELIVERY


def _carrier_fee() -> Charge:
    why = _("carriers add a fee for collecting charges at the door")
    return Charge(Kind.FEE, _("Carrier's handling fee"), None, why, Certainty.UNKNOWN)


def _component(charge: Charge, convert: Convert | None, bill: LandedCost, payer: Payer, rule: Rule | None) -> Component:
    amount: Money | None = None
    if charge.amount is not None and convert is not None:
        amount = convert(charge.amount, bill.currency)
    return Component(
        kind=charge.kind,
        label=charge.label,
        amount=amount,
        why=charge.why,
        certainty=charge.certainty,
        payer=payer,
        source=f"{rule.source} ({rule.start})" if rule else "",
        scheme=rule.scheme if rule else "",
        country=bill.shipment.destination,
        scheme_amount=charge.amount,
    )


def _with(bill: LandedCost, incoterm: str, rule: Rule | None, components: list[Component]) -> LandedCost:
    return LandedCost(
        bill.shipment,
        (*bill.components, *components),
        bill.currency,
        bill.on,
        incoterm,
        rule,
        bill.registrations,
    )


def _another_kind(due: Charge, convert: Convert, currency: str) -> Iterator[str]:
    """What a seller of several things, and their buyer, should know where duty is owed per kind of goods."""
    if due.each is None:
        return
    each = sum_in_words(convert(due.each, currency))
    if due.each.currency != currency:
        each = f"{each} ({sum_in_words(due.each)})"
    says = _("One more kind of goods in this parcel adds %(each)s of duty; one more piece of the same kind adds none.")
    if due.upto is not None:
        says = _(
            "While the goods are worth %(upto)s at most, one more kind of goods in this parcel adds %(each)s of duty; "
            "one more piece of the same kind adds none."
        )
    yield says % {"each": each, "upto": due.upto and sum_in_words(due.upto)}


def _notices(bill: LandedCost, prepaid: bool) -> list[str]:
    notices = []
    if prepaid and not bill.complete:
        notices.append(_("Duty and tax are paid now. A fee that is not known yet may be asked for later."))
    assert bill.rule is not None
    if bill.rule.confidence != "high":
        notices.append(_("The import rule is not certain: treat duty and tax as estimates."))
    return notices


__all__ = ["Component", "Kind", "LandedCost", "Line", "Payer", "Shipment", "landed_cost"]
