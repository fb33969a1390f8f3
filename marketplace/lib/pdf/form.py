"""A form: boxes at given places on pages of a given size, each with its caption, its text made to fit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from fpdf.enums import MethodReturnValue, XPos, YPos

from marketplace.lib.pdf.fonts import readable
from marketplace.lib.pdf.paper import QUIET, Paper

CAPTION, WIDE = 4.6, 250  # points, and larger on pages that are wider than so many millimetres
LEADING = 1.28
PAD = 0.7


class Form(Paper):
    """No head and foot of its own; nothing flows: whoever writes says where. Millimetres from the page's corner."""

    def __init__(self, *, title: str, size: tuple[float, float], as_of: dt.datetime) -> None:
        self.caption = CAPTION * (1.35 if size[0] > WIDE else 1)
        super().__init__(title=title, head="", reference="", foot="", as_of=as_of, size=size)
        self.set_auto_page_break(False)
        self.set_margins(0, 0, 0)
        self.c_margin = 0

    def header(self) -> None:
        """A form has its own."""

    def footer(self) -> None:
        """A form has its own."""

    def _lead(self, size: float) -> float:
        return size * LEADING / self.k

    def box(
        self,
        x: float, y: float, w: float, h: float,
        caption: str = "", text: str = "",
        *, size: float = 7.5, least: float = 5.0, bold: bool = False, align: str = "L",
    ) -> None:  # fmt: skip
        """A framed field. The text gets smaller until it fits, and is cut with an ellipsis when `least` does not."""
        self.rect(x, y, w, h)
        top = y + 0.5
        if caption:
            self.put(x + PAD, top, w - 2 * PAD, caption, size=self.caption, quiet=True)
            top += self.tall(caption, w - 2 * PAD, self.caption)
        if text:
            self.fit(x + PAD, top, w - 2 * PAD, y + h - top - 0.3, text, size=size, least=least, bold=bold, align=align)

    def fit(
        self,
        x: float, y: float, w: float, h: float, text: str,
        *, size: float, least: float, bold: bool = False, align: str = "L",
    ) -> None:  # fmt: skip
        while size > least and self.tall(text, w, size) > h:
            size = max(size - 0.5, least)
        if self.tall(text, w, size) > h:
            text = self._cut(text, w, h, size)
        self.put(x, y, w, text, size=size, bold=bold, align=align)

    def _cut(self, text: str, w: float, h: float, size: float) -> str:
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            fits = self.tall(text[:middle] + "…", w, size) <= h
            low, high = (middle, high) if fits else (low, middle - 1)
        return text[:low].rstrip() + "…"

    def put(
        self, x: float, y: float, w: float, text: str,
        *, size: float, bold: bool = False, quiet: bool = False, align: str = "L",
    ) -> None:  # fmt: skip
        """Text from here down, `w` wide, however tall it gets."""
        for line in readable(text).split("\n"):
            self.use(size, bold=bold, **({"color": QUIET} if quiet else {}))
            self.set_xy(x, y)
            self.multi_cell(w, self._lead(size), line or " ", align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            y = self.get_y()

    def tall(self, text: str, w: float, size: float) -> float:
        """How tall a text of this width gets."""
        self.use(size)
        return sum(self._tall(line or " ", w, size) for line in readable(text).split("\n"))

    def _tall(self, line: str, w: float, size: float) -> float:
        found = self.multi_cell(w, self._lead(size), line, align="L", dry_run=True, output=MethodReturnValue.HEIGHT)
        assert isinstance(found, float)
        return found

    def row_height(self, cells: Sequence[str], widths: Sequence[float], size: float) -> float:
        return max(self.tall(text, w - 2 * PAD, size) for text, w in zip(cells, widths, strict=True)) + 2 * PAD

    def row(
        self, x: float, y: float, cells: Sequence[str], widths: Sequence[float], height: float, size: float,
        *, right: Sequence[int] = (), bold: bool = False,
    ) -> None:  # fmt: skip
        for column, (text, w) in enumerate(zip(cells, widths, strict=True)):
            align = "R" if column in right else "L"
            self.put(x + PAD, y + PAD, w - 2 * PAD, text, size=size, align=align, bold=bold)
            x += w
        self.line(x - sum(widths), y + height, x, y + height)

    def tick(self, x: float, y: float, side: float, *, on: bool) -> None:
        self.rect(x, y, side, side)
        if on:
            self.line(x, y, x + side, y + side)
            self.line(x, y + side, x + side, y)
