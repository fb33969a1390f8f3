"""The declaration of an order's parcel, from the order's own snapshot and what the seller said about the parcel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from fx.money import Money
from listings.customs.duty import flat_duty
from listings.models import Registration
from marketplace.lib.places import country_name
from orders.checkout import addresses
from orders.models import Order, OrderLine, PackedParcel
from orders.papers.declaration import Declaration, Party, Piece
from payments.models import TaxProfile

Packed = Sequence[PackedParcel]


def packed_of(order: Order) -> list[PackedParcel]:
    """In their order; an order whose parcels nobody has described has one with everything that is left of it."""
    found = list(order.packed.order_by("number"))
    if not any(parcel.number == 1 for parcel in found):
        found.insert(0, PackedParcel(order=order, number=1, pieces=_rest(order, found)))
    return found


def _rest(order: Order, found: Packed) -> dict[str, Any]:
    taken = {pk: sum(quantity_in(parcel, pk) for parcel in found) for pk in order.lines.values_list("pk", flat=True)}
    lines = order.lines.prefetch_related("refunded").order_by("pk")
    return {
        str(line.pk): {"quantity": line.left - taken[line.pk], "net_g": None}
        for line in lines
        if line.left > taken[line.pk]
    }


def quantity_in(parcel: PackedParcel, line: int) -> int:
    return int(parcel.pieces.get(str(line), {}).get("quantity", 0))


def declare(order: Order, number: int) -> Declaration | None:
    """What the nth parcel declares; none when there is no such parcel."""
    packed = packed_of(order)
    parcel = next((one for one in packed if one.number == number), None)
    if parcel is None:
        return None
    pieces = tuple(_pieces(order, parcel, packed))
    shipments = list(order.parcels.order_by("pk"))
    sent = shipments[number - 1] if number <= len(shipments) else None
    schemes, charged = _collected(order.landed)
    numbers = _numbers(schemes, order.placed_at.date())
    return Declaration(
        order=order.number,
        number=number,
        parcels=len(packed),
        sender=_sender(order, parcel.phone),
        addressee=_addressee(order.address),
        pieces=pieces,
        currency=order.currency,
        gross_g=parcel.gross_g,
        postage=None if parcel.postage_minor is None else Money(parcel.postage_minor, order.currency),
        incoterm=order.landed.get("incoterm", ""),
        place=order.address.get("city", ""),
        references=(*_references(order, parcel), *numbers.items()),
        unnamed_schemes=tuple(scheme for scheme in schemes if scheme not in numbers),
        **_flat(order.landed, pieces),
        charged=charged,
        tracking_number=sent.tracking_number if sent else "",
        carrier=sent.carrier if sent else "",
        comments=parcel.comments,
        licences=parcel.licences,
        certificates=parcel.certificates,
    )


def _pieces(order: Order, parcel: PackedParcel, packed: Packed) -> list[Piece]:
    lines = list(order.lines.order_by("pk"))
    goods = Money(order.goods_minor, order.currency)
    paid = goods.split(*(line.unit_minor * line.quantity for line in lines))
    return [
        _piece(line, of_line.amount, parcel, packed)
        for line, of_line in zip(lines, paid, strict=True)
        if quantity_in(parcel, line.pk)
    ]


def _piece(line: OrderLine, paid: int, parcel: PackedParcel, packed: Packed) -> Piece:
    """The value of these pieces is what was paid for them; over all parcels the parts sum to the whole exactly."""
    quantity = quantity_in(parcel, line.pk)
    before = sum(quantity_in(one, line.pk) for one in packed if one.number < parcel.number)
    upto = paid * (before + quantity) // line.quantity - paid * before // line.quantity
    net = parcel.pieces[str(line.pk)].get("net_g")
    return Piece(
        line=line.pk,
        description=line.title,
        quantity=quantity,
        net_g=None if net is None else net * quantity,
        value=Money(upto, line.currency),
        hs_code=line.hs_code,
        origin=line.origin,
    )


def _sender(order: Order, phone: str) -> Party:
    profile = TaxProfile.objects.filter(seller=order.shop.owner_id).first()
    if profile is None:
        return Party("", order.shop.name, (), order.shop.country, phone)
    place = f"{profile.postal_code} {profile.city}".strip()
    return Party(profile.name, order.shop.name, (profile.street, place), profile.country, phone)


def _addressee(address: Mapping[str, str]) -> Party:
    """The country is said in English apart, so that the post of the sender can read it."""
    bare = {key: text for key, text in address.items() if key not in {"name", "company_name"}}
    lines = tuple(addresses.lines(bare))
    country = address.get("country_code", "")
    if lines and lines[-1].casefold() in {country_name(country, "en").casefold(), country.casefold()}:
        lines = lines[:-1]
    return Party(address.get("name", ""), address.get("company_name", ""), lines, country)


def _references(order: Order, parcel: PackedParcel) -> tuple[tuple[str, str], ...]:
    vat = TaxProfile.objects.filter(seller=order.shop.owner_id).values_list("vat_id", flat=True).first()
    return tuple((name, number) for name, number in (("EORI", parcel.eori), ("VAT", vat or "")) if number)


def _collected(landed: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[tuple[str, Money], ...]]:
    """Schemes that duty or tax was collected for at checkout, and what was collected, in the buyer's currency."""
    paid = [
        one
        for one in landed.get("components", ())
        if one["kind"] in {"duty", "tax"} and one["payer"] == "checkout" and one["amount"]
    ]
    schemes = tuple(sorted({one["scheme"] for one in paid if one["scheme"] and one["kind"] == "tax"}))
    return schemes, tuple(
        (one["label"], Money.parse(one["amount"]["amount"], one["amount"]["currency"])) for one in paid
    )


def _numbers(schemes: Sequence[str], day: dt.date) -> dict[str, str]:
    """The operator's numbers under which tax was collected on that day; only schemes that have one."""
    rows = Registration.objects.filter(scheme__in=schemes).order_by("scheme", "valid_from")
    return {row.scheme: row.number for row in rows if row.number and row.covers(day)}


def _flat(landed: Mapping[str, Any], pieces: Sequence[Piece]) -> dict[str, Any]:
    """The distinct six-digit subheadings of this parcel, where the rule of the quote asks a flat duty for each."""
    rule = landed.get("rule") or {}
    each = flat_duty(rule.get("low_value_duty", ""), rule.get("currency", ""))
    asked = any(
        one["kind"] == "duty" and one["certainty"] == "exact" and one["amount"] for one in landed.get("components", ())
    )
    if each is None or not asked:
        return {}
    return {"flat_duty": each, "flat_duty_codes": tuple(sorted({piece.hs_code[:6] for piece in pieces}))}
