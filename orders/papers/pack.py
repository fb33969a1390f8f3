"""The same facts as data: for a carrier's program, or the post's electronic advance data (its names beside ours).

The schema is `docs/papers.md`; `version` grows when a name changes its meaning.
"""

from __future__ import annotations

from typing import Any

from fx.money import Money
from orders.papers.declaration import Declaration, Party, Piece

VERSION = 1


def data_of(declared: Declaration) -> dict[str, Any]:
    return {
        "version": VERSION,
        "order": declared.order,
        "parcel": {"number": declared.number, "of": declared.parcels},
        "item_id": declared.tracking_number,
        "operator": declared.carrier,
        "nature_of_transaction": "sale_of_goods",
        "sender": _party(declared.sender),
        "addressee": _party(declared.addressee),
        "references": [{"type": name, "number": number} for name, number in declared.references],
        "schemes_without_number": list(declared.unnamed_schemes),
        "content_pieces": [_piece(piece) for piece in declared.pieces],
        "flat_duty": declared.flat_duty and declared.flat_duty.json(),
        "flat_duty_subheadings": list(declared.flat_duty_codes),
        "gross_weight_g": declared.gross_g,
        "net_weight_g": declared.net_g,
        "total_value": declared.value.json(),
        "postage": _money(declared.postage),
        "collected_at_checkout": [{"label": label, "amount": amount.json()} for label, amount in declared.charged],
        "incoterm": {"code": declared.incoterm, "place": declared.place},
        "invoice_number": declared.invoice_number if declared.crosses_a_border else "",
        "licences": declared.licences,
        "certificates": declared.certificates,
        "comments": declared.comments,
    }


def _party(who: Party) -> dict[str, Any]:
    return {
        "name": who.name,
        "company": who.company,
        "address": list(who.lines),
        "country": who.country,
        "phone": who.phone,
    }


def _piece(piece: Piece) -> dict[str, Any]:
    return {
        "count": piece.quantity,
        "description": piece.description,
        "net_weight_g": piece.net_g,
        "value": piece.value.json(),
        "hs_code": piece.hs_code,
        "origin": piece.origin,
        "sku": piece.sku,
        "manufacturer_product_id": piece.maker_id,
        "gtin": piece.gtin,
    }


def _money(money: Money | None) -> dict[str, str] | None:
    return None if money is None else money.json()
