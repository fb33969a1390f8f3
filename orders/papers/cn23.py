"""CN23 on A4 across: sender, addressee, lines, totals, and what goes with it; further lines go on further sheets."""

from __future__ import annotations

import datetime as dt

from marketplace.lib.pdf import Form
from orders.papers import said, words
from orders.papers.declaration import Declaration, Piece
from orders.papers.sheets import spread

W, H, EDGE = 297.0, 210.0, 8.0
INNER = W - 2 * EDGE
WIDTHS = (107.0, 22.0, 36.0, 42.0, 40.0, 34.0)
HEADS_Y, ROWS_Y, ROWS_END = 80.0, 86.5, 140.0
SIZE = 8.0


def write(declared: Declaration, *, at: dt.datetime) -> bytes:
    """The same declaration and time give the same bytes."""
    form = Form(title=f"CN23 {declared.invoice_number}", size=(W, H), as_of=at)
    rows = [_cells(piece) for piece in declared.pieces]
    sheets = spread(form, rows, WIDTHS, SIZE, ROWS_END - ROWS_Y)
    for number, sheet in enumerate(sheets, 1):
        if number > 1:
            form.add_page()
        _head(form, declared)
        _rows(form, sheet)
        _foot(form, declared, at, words.SHEET % (number, len(sheets)))
    return form.bytes()


def _cells(piece: Piece) -> tuple[str, ...]:
    return (
        piece.description,
        str(piece.quantity),
        said.kilos(piece.net_g),
        said.money(piece.value),
        piece.hs_code,
        said.country(piece.origin),
    )


def _head(form: Form, declared: Declaration) -> None:
    form.put(EDGE, 7, 160, words.TITLE, size=12, bold=True)
    form.put(EDGE, 13, 160, words.OPENED, size=8)
    form.put(W - EDGE - 30, 6.5, 30, "CN 23", size=16, bold=True, align="R")
    half = INNER / 2
    form.box(EDGE, 19, half, 10, words.OPERATOR, declared.carrier, size=9)
    form.box(EDGE + half, 19, half, 10, words.ITEM, declared.tracking_number, size=10, bold=True)
    form.box(EDGE, 29, half, 37, words.SENDER, said.party(declared.sender), size=9)
    form.box(EDGE + half, 29, half, 37, words.ADDRESSEE, said.party(declared.addressee), size=9)
    form.box(EDGE, 66, half, 11, words.SENDERS_REFERENCE, said.references(declared), size=8.5)
    form.box(EDGE + half, 66, half * 0.5, 11, words.IMPORTERS_REFERENCE)
    form.box(EDGE + half * 1.5, 66, half * 0.5, 11, words.IMPORTERS_CONTACT, declared.addressee.phone, size=8.5)


def _rows(form: Form, rows: list[tuple[tuple[str, ...], float]]) -> None:
    form.rect(EDGE, HEADS_Y, INNER, ROWS_END - HEADS_Y)
    heads = (
        f"(1) {words.DESCRIPTION}",
        f"(2) {words.QUANTITY}",
        f"(3) {words.NET}",
        f"(5) {words.VALUE}",
        f"(7) {words.HS}",
        f"(8) {words.ORIGIN}",
    )
    form.row(EDGE, HEADS_Y, heads, WIDTHS, ROWS_Y - HEADS_Y, 5.4)
    x = EDGE
    for width in WIDTHS[:-1]:
        x += width
        form.line(x, HEADS_Y, x, ROWS_END)
    y = ROWS_Y
    for cells, height in rows:
        form.row(EDGE, y, cells, WIDTHS, height, SIZE, right=(1, 2, 3))
        y += height


def _foot(form: Form, declared: Declaration, at: dt.datetime, sheet: str) -> None:
    third = INNER / 3
    form.box(EDGE, 140, third, 10, f"(4) {words.GROSS_23}", said.kilos(declared.gross_g), size=10, bold=True)
    form.box(EDGE + third, 140, third, 10, f"(6) {words.TOTAL}", said.money(declared.value), size=10, bold=True)
    form.box(EDGE + 2 * third, 140, third, 10, f"(9) {words.POSTAGE}", said.money(declared.postage), size=10)
    form.rect(EDGE, 150, third, 22)
    form.put(EDGE + 0.7, 150.5, third, f"(10) {words.CATEGORY}", size=form.caption, quiet=True)
    for place, name in enumerate(words.CATEGORIES):
        y = 153.4 + place * 3
        form.tick(EDGE + 1.5, y, 2.3, on=place == words.SALE)
        form.put(EDGE + 5, y - 0.2, third - 6, name, size=6)
    flat = words.FLAT + said.flat_duty(declared) if declared.flat_duty else ""
    notes = "\n".join(part for part in (declared.comments, flat, declared.terms) if part)
    form.box(EDGE + third, 150, third, 22, f"(11) {words.COMMENTS}", notes, size=8)
    row = 22 / 3
    for place, (caption, text) in enumerate(
        (
            (f"(12) {words.LICENCE}", declared.licences),
            (f"(13) {words.CERTIFICATE}", declared.certificates),
            (f"(14) {words.INVOICE}", declared.invoice_number),
        )
    ):
        form.box(EDGE + 2 * third, 150 + place * row, third, row, caption, text, size=8)
    form.rect(EDGE, 172, third * 2, 26)
    form.put(EDGE + 1, 173, third * 2 - 2, words.SWORN, size=7)
    form.put(EDGE + 1, 182.5, third * 2 - 2, words.SWORN_FR, size=7)
    form.box(EDGE + 2 * third, 172, third, 13, words.OFFICE)
    signed = f"{at:%Y-%m-%d}\n{declared.sender.name}"
    form.box(EDGE + 2 * third, 185, third, 13, f"(15) {words.SIGNED}", signed, size=8.5)
    form.put(EDGE, 199.5, INNER, sheet, size=6, align="R")
