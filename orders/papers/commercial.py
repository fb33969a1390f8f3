"""The commercial invoice, in English as customs offices read it; and the packing slip, without prices."""

from __future__ import annotations

import datetime as dt

from marketplace.lib.pdf import Paper
from orders.papers import said
from orders.papers.declaration import Declaration, Piece

DECLARED = (
    "I declare that the information on this invoice is true and correct, and that the contents of this shipment are as "
    "stated above."
)


def invoice(declared: Declaration, *, at: dt.datetime) -> bytes:
    """The same declaration and time give the same bytes."""
    title = f"Commercial invoice {declared.invoice_number}"
    sheet = _sheet(declared, title, at)
    sheet.facts(
        [
            ("Date", f"{at:%Y-%m-%d}"),
            ("Seller and exporter", said.party(declared.sender)),
            ("Registrations", said.references(declared)),
            ("Consignee and importer", said.party(declared.addressee)),
            ("Reason for export", "Sale of goods"),
            ("Incoterms 2020", declared.terms),
            ("Packages", f"1 (parcel {declared.number} of {declared.parcels})"),
            ("Gross weight", f"{said.kilos(declared.gross_g)} kg"),
            ("Net weight", f"{said.kilos(declared.net_g)} kg"),
            ("Carrier", declared.carrier),
            ("Tracking number", declared.tracking_number),
            ("Licences", declared.licences),
            ("Certificates", declared.certificates),
            ("Comments", declared.comments),
        ]
    )
    sheet.rows(
        ["Description", "Pieces", "HS code", "Origin", "Net kg", "Per piece", "Value"],
        [_row(piece) for piece in declared.pieces],
        [60, 14, 20, 16, 18, 24, 26],
        right=(1, 4, 5, 6),
    )
    sheet.facts(_sums(declared))
    sheet.space()
    sheet.words(DECLARED)
    sheet.space()
    sheet.words(f"{declared.sender.name}, {at:%Y-%m-%d}", bold=True)
    return sheet.bytes()


def _sums(declared: Declaration) -> list[tuple[str, str]]:
    rows = [("Total value of goods", said.money(declared.value)), ("Freight", said.money(declared.postage))]
    rows += [(f"{label}, collected at checkout", said.money(amount)) for label, amount in declared.charged]
    flat = said.flat_duty(declared)
    return [*rows, ("Flat duty per tariff subheading", flat)] if flat else rows


def _row(piece: Piece) -> list[str]:
    ids = [("SKU", piece.sku), ("Maker's no.", piece.maker_id), ("GTIN", piece.gtin)]
    named = "; ".join(f"{name} {number}" for name, number in ids if number)
    each = piece.value.times(1, piece.quantity)
    exact = each.times(piece.quantity) == piece.value
    return [
        f"{piece.description}\n{named}" if named else piece.description,
        str(piece.quantity),
        piece.hs_code,
        piece.origin,
        said.kilos(piece.net_g),
        str(each) if exact else "",
        said.money(piece.value),
    ]


def slip(declared: Declaration, *, at: dt.datetime) -> bytes:
    """What is in the parcel, for whoever opens it."""
    sheet = _sheet(declared, f"Packing slip {declared.invoice_number}", at)
    sheet.facts(
        [
            ("Order", declared.order),
            ("Parcel", f"{declared.number} of {declared.parcels}"),
            ("From", said.party(declared.sender)),
            ("To", said.party(declared.addressee)),
            ("Tracking number", declared.tracking_number),
        ]
    )
    rows = [[piece.description, piece.sku, str(piece.quantity)] for piece in declared.pieces]
    sheet.rows(["What", "SKU", "Pieces"], [*rows, ["Together", "", str(declared.count)]], [110, 40, 24], right=(2,))
    return sheet.bytes()


def _sheet(declared: Declaration, title: str, at: dt.datetime) -> Paper:
    sheet = Paper(
        title=title,
        head=declared.sender.company or declared.sender.name,
        reference=title,
        foot=f"Order {declared.order}",
        as_of=at,
    )
    sheet.title_line(title)
    return sheet
