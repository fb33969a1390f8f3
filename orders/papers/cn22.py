"""CN22: a label of 74 by 105 mm, alone or on an A6 or A4 sheet; what does not fit goes on further labels."""

from __future__ import annotations

import datetime as dt

from marketplace.lib.pdf import Form
from orders.papers import said, words
from orders.papers.declaration import Declaration, Piece
from orders.papers.sheets import spread

W, H, EDGE = 74.0, 105.0, 2.5
PAGES = {"label": (W, H), "a6": (105.0, 148.0), "a4": (210.0, 297.0)}
INNER = W - 2 * EDGE
WIDTHS = (31.0, 10.0, 13.0, 15.0)  # what, net, value, code and origin
HEADS_Y, ROWS_Y, ROWS_END = 38.4, 43.6, 74.0
SIZE = 5.6


def write(declared: Declaration, *, at: dt.datetime, page: str = "label") -> bytes:
    """The same declaration, time and page give the same bytes."""
    form = Form(title=f"CN22 {declared.invoice_number}", size=PAGES[page], as_of=at)
    rows = [_cells(piece) for piece in declared.pieces]
    sheets = spread(form, rows, WIDTHS, SIZE, ROWS_END - ROWS_Y)
    for number, sheet in enumerate(sheets, 1):
        if number > 1:
            form.add_page()
        if page != "label":
            form.rect(0, 0, W, H)  # where to cut
        _head(form, declared)
        _rows(form, sheet)
        _foot(form, declared, at, words.SHEET % (number, len(sheets)) if len(sheets) > 1 else "")
    return form.bytes()


def _cells(piece: Piece) -> tuple[str, ...]:
    return (
        f"{piece.quantity} × {piece.description}",
        said.kilos(piece.net_g),
        said.money(piece.value),
        f"{piece.hs_code}\n{piece.origin}",
    )


def _head(form: Form, declared: Declaration) -> None:
    form.fit(EDGE, 2.4, INNER - 13, 3, words.TITLE, size=6.6, least=4.5, bold=True)
    form.put(W - EDGE - 14, 2.0, 14, "CN 22", size=9, bold=True, align="R")
    form.put(EDGE, 5.6, INNER, words.OPENED, size=5.2)
    form.box(EDGE, 8.6, 34.5, 6.4, words.OPERATOR, declared.carrier, size=6.5)
    form.box(EDGE + 34.5, 8.6, 34.5, 6.4, words.ITEM, declared.tracking_number, size=6.5)
    form.box(EDGE, 15, INNER, 12.4, words.SENDER, said.party(declared.sender).replace("\n", ", "), size=6.2, least=4.6)
    form.rect(EDGE, 27.4, INNER, 11)
    for place, name in enumerate(words.CATEGORIES):
        x, y = EDGE + 1 + (place % 2) * 33, 28.4 + (place // 2) * 3.3
        form.tick(x, y, 2.2, on=place == words.SALE)
        form.fit(x + 3, y + 0.2, 30 + (place % 2) * 2, 2.6, name, size=4.8, least=3.8)


def _rows(form: Form, rows: list[tuple[tuple[str, ...], float]]) -> None:
    form.rect(EDGE, HEADS_Y, INNER, ROWS_END - HEADS_Y)
    heads = (
        "(1) Quantity, description / Quantité, description",
        "(2) Net kg / Poids net",
        "(3) Value / Valeur",
        "(4) HS No. / SH (5) Origin / Origine",
    )
    form.row(EDGE, HEADS_Y, heads, WIDTHS, ROWS_Y - HEADS_Y, 4.2)
    y = ROWS_Y
    for cells, height in rows:
        form.row(EDGE, y, cells, WIDTHS, height, SIZE, right=(1, 2))
        y += height


def _foot(form: Form, declared: Declaration, at: dt.datetime, sheet: str) -> None:
    form.box(EDGE, 74, 34.5, 7, f"(6) {words.GROSS}", said.kilos(declared.gross_g), size=7.5, bold=True)
    form.box(EDGE + 34.5, 74, 34.5, 7, f"(7) {words.TOTAL}", said.money(declared.value), size=7.5, bold=True)
    extra = [said.references(declared), declared.terms]
    if declared.flat_duty:
        extra.append(words.FLAT + said.flat_duty(declared))
    form.fit(EDGE + 0.7, 81.4, INNER - 1.4, 4.4, "   ".join(part for part in extra if part), size=5, least=4)
    form.put(EDGE + 0.7, 86, INNER - 1.4, words.SWORN, size=4.3)
    signed = f"{at:%Y-%m-%d}  {declared.sender.name}"
    form.box(EDGE, 95, INNER, 7, f"(8) {words.SIGNED}", signed, size=6.5)
    if sheet:
        form.put(EDGE, 102.2, INNER, sheet, size=4.6, align="R")
