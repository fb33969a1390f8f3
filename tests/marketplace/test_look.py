"""The look, as far as numbers say it: contrast, weight, and what templates must not do."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
TOKEN = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]{3,6}), (#[0-9a-f]{3,6})\)")
SHEETS = ["css/tokens.css", "css/site.css", "css/components.css", "css/forms.css"]
FACES = ["fonts/fraunces-600.woff2", "fonts/figtree.woff2"]

INKS = ("ink", "quiet", "tide", "brass", "stamp", "leaf")
TEXT = [
    *((ink, ground) for ink in INKS for ground in ("paper", "sheet", "sunk")),
    ("on-tide", "tide"),
    ("on-tide", "tide-deep"),
    *((tone, f"{tone}-wash") for tone in ("tide", "brass", "stamp", "leaf")),
    *(("ink", f"{tone}-wash") for tone in ("tide", "brass", "stamp", "leaf")),
]
CONTROLS = [("edge", "paper"), ("edge", "sheet")]


def tokens(theme: int) -> dict[str, str]:
    """Colours by name; theme 0 is light, 1 dark."""
    return {name: (light, dark)[theme] for name, light, dark in TOKEN.findall((STATIC / "css/tokens.css").read_text())}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_every_text_is_readable(theme: int, ink: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), CONTROLS)
def test_every_control_has_a_visible_edge(theme: int, edge: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[edge], colours[ground]) >= 3


def test_the_look_weighs_less_than_a_small_picture() -> None:
    sheets = sum(len(gzip.compress((STATIC / name).read_bytes())) for name in SHEETS)
    faces = sum((STATIC / name).stat().st_size for name in FACES)
    assert sheets + faces < 52_000  # leaves 8 kB of 60 for the page itself


def test_sheets_speak_logically_so_that_they_mirror() -> None:
    physical = re.compile(
        r"(?:margin|padding|border)-(?:left|right|top|bottom)|(?<![-\w])(?:left|right): |text-align: (?:left|right)"
    )
    for name in SHEETS:
        assert not physical.findall((STATIC / name).read_text()), name


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_template_has_an_inline_style_script_or_handler(path: Path) -> None:
    html = path.read_text()
    assert not re.search(r"<style|\sstyle=|\son(?:click|change|submit|load|input)=|javascript:", html)
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", html)
