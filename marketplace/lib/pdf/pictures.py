"""Pictures for a paper: scaled to what print needs, as JPEG."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG and its size in pixels."""

    jpeg: bytes
    width: int
    height: int


def shrink(data: bytes, *, longest: int, quality: int) -> Picture:
    """The picture with its longest side at most `longest` pixels, on white where it was transparent, without metadata.

    `data` is a picture of our own encoding; raises OSError when it is none.
    """
    with Image.open(io.BytesIO(data)) as opened:
        seen = opened.convert("RGBA")
    seen.thumbnail((longest, longest))
    flat = Image.new("RGB", seen.size, "white")
    flat.paste(seen, mask=seen.getchannel("A"))
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=quality, optimize=True)
    return Picture(out.getvalue(), *flat.size)
