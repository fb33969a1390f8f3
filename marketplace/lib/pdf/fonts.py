"""Which font draws which character: Noto Sans first, then the font of the script, then what has a picture of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import manimgx_fonts
import noto_cjk_sans_jp_regular
from fontTools.ttLib import TTFont
from fpdf.unicode_script import UnicodeScript, get_unicode_script

NOTO = Path(manimgx_fonts.__file__).parent
BASE, EMOJI = "sans", "emoji"
# By preference: the first that has the character draws it.
FILES: dict[str, Path] = {
    BASE: NOTO / "NotoSans[wght].ttf",
    **{
        name.lower(): NOTO / f"NotoSans{name}[wght].ttf"
        for name in (
            *("Arabic", "Hebrew", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu", "Kannada"),
            *("Malayalam", "Sinhala", "Thai", "Lao", "Khmer", "Myanmar", "Georgian", "Armenian", "Ethiopic"),
            *("Devanagari", "Symbols"),
        )
    },
    "cjk": Path(str(noto_cjk_sans_jp_regular.FONT_PATH)),
    EMOJI: NOTO / "NotoEmoji[wght].ttf",
}
MISSING = "\N{WHITE SQUARE}"
# They belong to what stands before them, whatever font that has: joiners, selectors, marks.
BOUND = frozenset(map(chr, (0x200C, 0x200D, 0xFE0E, 0xFE0F)))
_INHERITS = (UnicodeScript.COMMON, UnicodeScript.INHERITED, UnicodeScript.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that one font draws and one script shapes."""

    font: str
    text: str


@cache
def covered(font: str) -> frozenset[int]:
    """The code points that this font has."""
    with TTFont(FILES[font], lazy=True) as opened:
        return frozenset(opened.getBestCmap())


@lru_cache(maxsize=10_000)
def font_of(char: str) -> str | None:
    """The font that draws this character; none when no font has it."""
    return next((name for name in FILES if ord(char) in covered(name)), None)


def readable(text: str) -> str:
    """The text as it can be printed: no control characters, nothing that turns the direction of what follows, and a
    square for what no font has."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    return "".join(_printed(char) for char in text)


def _printed(char: str) -> str:
    if char == "\n" or char in BOUND:
        return char
    if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
        return ""
    return char if font_of(char) else MISSING


def runs(text: str) -> Iterator[Run]:
    """The text in runs. What is bound, or of no script, stays with the run before it while its font can draw it."""
    font, script, held = BASE, None, ""
    for char in text:
        its_font, its_script = _next(char, font, script)
        if held and (its_font != font or (script is not None and its_script != script)):
            yield Run(font, held)
            held = ""
        font, script, held = its_font, its_script, held + char
    if held:
        yield Run(font, held)


def _next(char: str, font: str, script: UnicodeScript | None) -> tuple[str, UnicodeScript | None]:
    """The font and script that the run has with this character in it."""
    its_script = get_unicode_script(char)
    neutral = its_script in _INHERITS
    stays = char in BOUND or char == "\n" or (neutral and font != EMOJI and ord(char) in covered(font))
    found = font if stays else font_of(char) or BASE
    if neutral and found == font:
        return found, script
    return found, None if neutral else its_script
