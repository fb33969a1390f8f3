"""Papers: every script is drawn, shaped and in its direction; the same input is the same bytes; nothing crashes it."""

from __future__ import annotations

import datetime as dt
import io
import re
import zlib

import pytest
from fpdf.line_break import Fragment
from PIL import Image

from marketplace.lib.pdf import Paper, shrink
from marketplace.lib.pdf.fonts import MISSING, font_of, readable, runs

AS_OF = dt.datetime(2026, 11, 28, 9, 30, tzinfo=dt.UTC)
SCRIPTS = {
    "Straße, Łódź": {"sans"},
    "Ελληνικά Русский": {"sans"},
    "हाथ से बना दुपट्टा": {"devanagari"},
    "日本語の名前": {"cjk"},
    "안녕하세요": {"cjk"},
    "السلام": {"arabic"},
    "שלום": {"hebrew"},
    "বাংলা": {"bengali"},
    "ਪੰਜਾਬੀ": {"gurmukhi"},
    "ગુજરાતી": {"gujarati"},
    "ଓଡ଼ିଆ": {"oriya"},
    "தமிழ்": {"tamil"},
    "తెలుగు": {"telugu"},
    "ಕನ್ನಡ": {"kannada"},
    "മലയാളം": {"malayalam"},
    "ශ්‍රී": {"sinhala"},
    "ไทย": {"thai"},
    "ລາວ": {"lao"},
    "ខ្មែរ": {"khmer"},
    "မြန်မာ": {"myanmar"},
    "ქართული": {"georgian"},
    "Հայերեն": {"armenian"},
    "አማርኛ": {"ethiopic"},
    "👍🏽": {"emoji"},
    "👨‍👩‍👧": {"emoji"},
}


def paper() -> Paper:
    return Paper(title="A title", head="Head", reference="REF-1", foot="Foot", as_of=AS_OF)


def read(pdf: bytes) -> list[str]:
    """The text of each font's runs as a reader copies it: glyphs by way of the font's own table to Unicode."""
    objects = dict(re.findall(rb"(?s)(\d+) 0 obj\n(.*?)\nendobj", pdf))
    streams = {number: _inflated(body) for number, body in objects.items()}
    tables = [_table(stream) for stream in streams.values() if b"beginbfchar" in stream]
    return ["".join(table.values()) for table in tables]


def _inflated(body: bytes) -> bytes:
    found = re.search(rb"(?s)stream\n(.*)\nendstream", body)
    if found is None:
        return b""
    return zlib.decompress(found[1]) if b"FlateDecode" in body else found[1]


def _table(stream: bytes) -> dict[str, str]:
    pairs = re.findall(rb"<([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)>", stream.partition(b"beginbfchar")[2])
    return {glyph.decode(): bytes.fromhex(text.decode()).decode("utf-16-be", "replace") for glyph, text in pairs}


@pytest.mark.parametrize(("text", "fonts"), SCRIPTS.items())
def test_every_script_has_its_font(text: str, fonts: set[str]) -> None:
    assert {run.font for run in runs(readable(text)) if run.text.strip()} == fonts
    assert MISSING not in readable(text)
    written = paper()
    written.words(text)
    copied = set("".join(read(written.bytes())))
    assert {char for char in text if char.isalpha()} <= copied


def test_joined_letters_stay_together_and_latin_has_its_own_font() -> None:
    found = [(run.font, run.text) for run in runs("Hello نص and 日本, ශ්‍රී 1")]
    assert found == [("sans", "Hello "), ("arabic", "نص "), ("sans", "and "), ("cjk", "日本, "), ("sinhala", "ශ්‍රී 1")]


def test_what_no_font_has_is_a_square_and_nothing_turns_the_line_around() -> None:
    assert readable("a\x00b\x07\u202ec\u2066d\r\ne\tf") == "abcd\ne f"
    assert readable("\U00010330\ue000") == MISSING
    assert font_of("\U00010330") is None


def test_right_to_left_keeps_its_direction() -> None:
    written = paper()
    for text, directions in [
        ("abc السلام", ["LTR", "RTL"]),
        ("السلام 12345", ["RTL", "LTR"]),  # a number reads to the right
        ("שלום", ["RTL"]),
    ]:
        fragments = [one for one in written._preload_bidirectional_text(text, False) if one.string.strip()]
        assert [_direction(one) for one in fragments] == directions


def _direction(fragment: Fragment) -> str:
    assert fragment.text_shaping_parameters is not None
    return str(fragment.text_shaping_parameters["fragment_direction"].name)


def test_the_same_input_is_the_same_bytes() -> None:
    def once() -> bytes:
        written = paper()
        written.title_line("A title, हिन्दी")
        written.rows(["Thing", "Sum"], [["scarf", "1"]] * 60, [100, 40], right=(1,))
        return written.bytes()

    assert once() == once()


def test_pages_are_numbered_with_how_many_there_are() -> None:
    written = paper()
    for number in range(120):
        written.words(f"line {number}")
    pdf = written.bytes()
    assert written.pages_count == 3
    assert pdf.count(b"/Type /Page\n") == 3
    assert {"p", "a", "g", "e", "1", "2", "3", "o", "f"} <= set("".join(read(pdf)))


@pytest.mark.parametrize("text", ["", "\n\n", "x" * 5000, "👍" * 300, "ا" * 2000, "\u200d" * 50, "a\u0301" * 200])
def test_nothing_that_people_write_crashes_it(text: str) -> None:
    written = paper()
    written.words(text)
    written.facts([("Label", text), (text[:80], "x")])
    written.rows(["Head"], [[text[:400]]], [100])
    written.note(text[:1000])
    assert written.bytes().startswith(b"%PDF-")


def test_pictures_are_scaled_flattened_and_bare() -> None:
    out = io.BytesIO()
    seen = Image.new("RGBA", (1200, 300), (0, 0, 0, 0))
    seen.save(out, "WEBP")
    small = shrink(out.getvalue(), longest=600, quality=60)
    assert (small.width, small.height) == (600, 150)
    with Image.open(io.BytesIO(small.jpeg)) as jpeg:
        assert (jpeg.format, jpeg.mode, jpeg.getpixel((5, 5))) == ("JPEG", "RGB", (255, 255, 255))
        assert not jpeg.getexif()
    written = paper()
    written.pictures([small] * 7)
    assert written.bytes().count(b"/Subtype /Image") == 1  # the same picture is kept once
