"""Pictures of listings: from an upload that nobody trusts to clean WebP files of ours.

An upload is refused by its size, its format and its header before anything is decoded. What is kept
is decoded pixels, turned upright, in sRGB, scaled down and encoded anew: no EXIF, GPS, XMP, colour
profile or trailing bytes survive.
"""

from __future__ import annotations

import io
import os
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from listings.errors import ListingError

WIDTHS = (320, 640, 1200)  # of the files; none is wider than the upload
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
PHOTOS_MAX = 8  # per listing
QUALITY = 82
# 40 megapixels need up to 700 MB for a moment (a WebP; a JPEG 80 MB): not twice at once in one process.
_ONE_AT_A_TIME = threading.Lock()


class PhotoRefused(ListingError):
    """An upload that does not become a picture."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture: its full width and height, and a WebP file for each slot of `slots(width)`."""

    width: int
    height: int
    files: dict[int, bytes]


def slots(width: int) -> list[int]:
    """Which of `WIDTHS` have a file for a picture `width` wide: the last may hold a narrower picture."""
    return [slot for before, slot in zip((0, *WIDTHS), WIDTHS, strict=False) if before < width]


def name(key: uuid.UUID | str, slot: int) -> str:
    """The file under MEDIA_ROOT, and under MEDIA_URL."""
    return f"photos/{str(key)[:2]}/{key}-{slot}.webp"


def url(key: uuid.UUID | str, slot: int) -> str:
    return f"{settings.MEDIA_URL}{name(key, slot)}"


def encode(upload: IO[bytes]) -> Picture:
    """The picture in `upload`; PhotoRefused, with the reason, when it is none or too big. Takes a second and memory."""
    try:
        _check(upload)
        with _ONE_AT_A_TIME:
            return _files(_upright(_decode(upload)))
    except PhotoRefused:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        message = _("This file is no picture that we can read. Upload a JPEG, PNG, WebP or AVIF.")
        raise PhotoRefused(message) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoRefused(_too_many_pixels()) from error


def _check(upload: IO[bytes]) -> None:
    """What can be known without decoding: bytes, format, size in pixels, whole file structure."""
    if _length(upload) > settings.PHOTO_MAX_BYTES:
        message = _("The file has more than %d MB. Save it smaller and try again.")
        raise PhotoRefused(message % (settings.PHOTO_MAX_BYTES // 1_000_000))
    with Image.open(upload, formats=FORMATS) as image:
        width, height = image.size
        if width * height > settings.PHOTO_MAX_PIXELS:
            raise PhotoRefused(_too_many_pixels())
        if min(width, height) < 200:
            raise PhotoRefused(_("The picture is smaller than 200 × 200 pixels. Use a larger one."))
        if getattr(image, "is_animated", False):
            raise PhotoRefused(_("The picture moves. Upload a still one."))
        image.verify()


def _length(upload: IO[bytes]) -> int:
    upload.seek(0, os.SEEK_END)
    length = upload.tell()
    upload.seek(0)
    return length


def _too_many_pixels() -> str:
    millions = settings.PHOTO_MAX_PIXELS // 1_000_000
    return _("The picture has more than %d megapixels. Save it smaller and try again.") % millions


def _decode(upload: IO[bytes]) -> Image.Image:
    """The pixels, no larger than the largest file needs: scaled before anything else, because copies cost memory."""
    upload.seek(0)
    image: Image.Image = Image.open(upload, formats=FORMATS)
    longest = 2 * WIDTHS[-1]
    image.draft(None, (longest, longest))  # a JPEG is decoded at a fraction of its size
    image.load()
    if image.mode not in {"RGB", "RGBA", "L", "CMYK"}:
        transparent = "transparency" in image.info or image.mode in {"LA", "PA", "La"}
        image = image.convert("RGBA" if transparent else "RGB")
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return image


def _upright(image: Image.Image) -> Image.Image:
    """Turned as EXIF says, in sRGB on white, and nothing but pixels."""
    turned = ImageOps.exif_transpose(_srgb(image))
    clean = Image.new("RGB", turned.size, "white")
    clean.paste(turned, mask=turned.getchannel("A") if turned.mode == "RGBA" else None)
    return clean


def _srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile and len(profile) < 1_000_000 and image.mode in {"RGB", "RGBA", "CMYK"}:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            turned = ImageCms.profileToProfile(image, source, target, outputMode=mode)
            return cast(Image.Image, turned)
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a broken profile says nothing: take the numbers as they are
    return image if image.mode == mode else image.convert(mode)


def _files(image: Image.Image) -> Picture:
    widest = _fit(image, WIDTHS[-1])
    files = {slot: _webp(_fit(image, slot)) for slot in slots(image.width)}
    return Picture(widest.width, widest.height, files)


def _fit(image: Image.Image, width: int) -> Image.Image:
    """At most `width` wide and twice as tall; never scaled up."""
    small = image.copy()
    small.thumbnail((width, 2 * width), Image.Resampling.LANCZOS)
    return small


def _webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()


def store(key: uuid.UUID, picture: Picture) -> None:
    """Write the files; each appears whole or not at all."""
    for slot, content in picture.files.items():
        path = Path(settings.MEDIA_ROOT) / name(key, slot)
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".part")
        half.write_bytes(content)
        half.replace(path)


def discard(key: uuid.UUID) -> None:
    """Delete the files, where they are there."""
    for slot in WIDTHS:
        (Path(settings.MEDIA_ROOT) / name(key, slot)).unlink(missing_ok=True)
