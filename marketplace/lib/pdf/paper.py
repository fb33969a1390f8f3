"""A paper: A4 pages that write headings, facts, tables, text in any script, and pictures."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.enums import MethodReturnValue, TextMode, XPos, YPos
from fpdf.fonts import FontFace
from fpdf.line_break import Fragment

from marketplace.lib.pdf.fonts import BASE, FILES, readable, runs
from marketplace.lib.pdf.pictures import Picture

A4 = (210.0, 297.0)
MARGIN, TOP, BOTTOM = 18.0, 24.0, 20.0  # millimetres
INK, QUIET, BAND, WHITE = (26, 35, 48), (92, 101, 115), (240, 242, 245), (255, 255, 255)
HAIR = 0.08
BODY, SMALL, LEAD = 9.5, 8.0, 1.45  # points, and the line height in them
GAP = 3.0
STROKE = 0.035  # of the size of bold letters
ALL_PAGES = "{nb}"


class Paper(FPDF):
    """`head` and `reference` stand on every page, left and right; `foot` beside the page number. `as_of` dates it.

    `language` is what the page numbers are written in; all other words come as they are. `size` is in millimetres.
    """

    bold = False  # of what is written next

    def __init__(
        self,
        *,
        title: str,
        head: str,
        reference: str,
        foot: str,
        as_of: dt.datetime,
        language: str = "en",
        size: tuple[float, float] = A4,
    ) -> None:
        super().__init__(format=size)
        self.head, self.reference, self.foot = readable(head), readable(reference), readable(foot)
        self.set_title(readable(title))
        self.set_creator("Entrepôt")
        self.language = language
        self.set_lang(language)
        self.set_creation_date(as_of.astimezone(dt.UTC).replace(microsecond=0))
        self.set_margins(MARGIN, TOP, MARGIN)
        self.set_auto_page_break(True, BOTTOM)
        self.set_text_shaping(True)
        self.set_draw_color(*INK)
        self.set_line_width(HAIR)
        self.use(BODY)
        self.add_page()

    def bytes(self) -> bytes:
        written = self.output()
        assert written is not None
        return bytes(written)

    # --- fonts -----------------------------------------------------------------------------------

    def use(self, size: float, *, bold: bool = False, color: tuple[int, int, int] = INK) -> None:
        """Bold is the same outline, stroked: to cut a bold font of every script would take seconds a paper."""
        self.bold = bold
        self._have(BASE)
        self.set_font(BASE, "", size)
        self.set_text_color(*color)

    def _have(self, font: str) -> str:
        """A font, loaded when it is first needed."""
        if font not in self.fonts:
            self.add_font(font, "", FILES[font])
        return font

    def _parse_chars(self, text: str, markdown: bool, *, _initial_emphasis: Any = None) -> Iterator[Fragment]:
        """Every run of a text in its own font; the library's fallback would part joined letters from their joiners."""
        if ALL_PAGES in text:
            yield from super()._parse_chars(text, markdown, _initial_emphasis=_initial_emphasis)
            return
        for run in runs(text):
            state = self._get_current_graphics_state()
            state.font_family, state.current_font = run.font, self.fonts[self._have(run.font)]
            if self.bold:
                state.text_mode, state.line_width = TextMode.FILL_STROKE, state.font_size_pt * STROKE
            yield Fragment(run.text, state, self.k)

    # --- every page ------------------------------------------------------------------------------

    def header(self) -> None:
        self.set_y(10)
        self.use(SMALL, color=QUIET)
        self.cell(self.epw / 2, 5, self.head)
        self.cell(self.epw / 2, 5, self.reference, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._rule()
        self.set_y(TOP)

    def footer(self) -> None:
        self.set_y(-14)
        self._rule()
        self.set_y(-12.5)
        self.use(SMALL, color=QUIET)
        self.cell(self.epw * 0.7, 5, self.foot)
        with translation.override(self.language):
            page = _("page %(page)s of %(all)s") % {"page": self.page_no(), "all": ALL_PAGES}
        self.cell(self.epw * 0.3, 5, page, align="R")

    def _rule(self) -> None:
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())

    # --- what is written -------------------------------------------------------------------------

    def title_line(self, text: str) -> None:
        self.use(17, bold=True)
        self._lines(text, 17)
        self.ln(1)

    def heading(self, text: str) -> None:
        """A heading stays with at least a few lines of what it heads."""
        if self.get_y() > TOP + 1:
            self.ln(GAP + 1)
        self.keep_together(30)
        self.use(12.5, bold=True)
        self._lines(text, 12.5)
        self.ln(1)

    def keep_together(self, height: float) -> None:
        """Go on on the next page when less than `height` millimetres are left on this one."""
        if self.will_page_break(height):
            self.add_page()

    def space(self) -> None:
        self.ln(GAP)

    def words(self, text: str, *, bold: bool = False, quiet: bool = False, size: float = BODY) -> None:
        """A paragraph; lines and direction as they were written."""
        self.use(size, bold=bold, color=QUIET if quiet else INK)
        self._lines(text, size)

    def _lines(self, text: str, size: float) -> None:
        for line in readable(text).split("\n"):
            self.multi_cell(0, self._lead(size), line or " ", align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _lead(self, size: float) -> float:
        return size * LEAD / self.k

    def facts(self, pairs: Sequence[tuple[str, str]], *, label_width: float = 44) -> None:
        """Labels and what they say, side by side; pairs that say nothing are left out."""
        for label, text in pairs:
            if text.strip():
                self._fact(label, readable(text).strip(), label_width)
        self.ln(1)

    def _fact(self, label: str, text: str, width: float) -> None:
        lead = self._lead(BODY)
        self.use(BODY)
        rows = self.multi_cell(self.epw - width, lead, text, align="L", dry_run=True, output=MethodReturnValue.LINES)
        assert isinstance(rows, list)
        if self.will_page_break(min(len(rows), 4) * lead):
            self.add_page()
        page, top = self.page, self.get_y()
        self.use(BODY, color=QUIET)
        self.multi_cell(width, lead, readable(label), align="L", new_x=XPos.RIGHT, new_y=YPos.TOP)
        below = top + self._height(label, width, lead)
        self.use(BODY)
        self.multi_cell(self.epw - width, lead, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        if self.page == page:
            self.set_y(max(self.get_y(), below))

    def _height(self, text: str, width: float, lead: float) -> float:
        height = self.multi_cell(width, lead, readable(text), align="L", dry_run=True, output=MethodReturnValue.HEIGHT)
        assert isinstance(height, float)
        return height

    def rows(
        self, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int], *, right: Sequence[int] = ()
    ) -> None:
        """A table; its head comes again on the next page. Columns in `right` are numbers."""
        aligned = tuple("RIGHT" if column in right else "LEFT" for column in range(len(heads)))
        self.use(SMALL)
        self.set_fill_color(*WHITE)
        with self.table(
            col_widths=tuple(widths),
            text_align=aligned,
            borders_layout="HORIZONTAL_LINES",
            line_height=self._lead(SMALL),
            padding=(0.8, 1.2),
            headings_style=FontFace(color=QUIET, fill_color=BAND),
            first_row_as_headings=True,
        ) as table:
            for row in [heads, *rows]:
                cells = table.row()
                for text in row:
                    cells.cell(readable(text) or " ")
        self.ln(1)

    def note(self, text: str) -> None:
        """A paragraph on a tinted band, for what has to be read first."""
        self.set_fill_color(*BAND)
        self.use(BODY)
        self.multi_cell(
            0, self._lead(BODY), readable(text), align="L", fill=True, padding=2, new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )
        self.ln(1.5)

    def pictures(self, pictures: Sequence[Picture], *, width: float = 54.0, height: float = 54.0) -> None:
        """Side by side, each within `width` by `height` millimetres, as many in a row as fit."""
        across = max(int((self.epw + GAP) // (width + GAP)), 1)
        for start in range(0, len(pictures), across):
            self._row_of(pictures[start : start + across], width, height)

    def _row_of(self, row: Sequence[Picture], width: float, height: float) -> None:
        boxes = [_within(picture, width, height) for picture in row]
        tall = max(box[1] for box in boxes)
        if self.will_page_break(tall + 1):
            self.add_page()
        top, x = self.get_y() + 1, self.l_margin
        for picture, (w, h) in zip(row, boxes, strict=True):
            self.image(io.BytesIO(picture.jpeg), x=x, y=top, w=w, h=h)
            x += w + GAP
        self.set_xy(self.l_margin, top + tall + GAP)


def _within(picture: Picture, width: float, height: float) -> tuple[float, float]:
    scale = min(width / picture.width, height / picture.height)
    return picture.width * scale, picture.height * scale
