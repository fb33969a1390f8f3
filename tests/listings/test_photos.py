"""What is uploaded is never what is served."""

from __future__ import annotations

import io
import resource
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from listings import photos, services
from listings.errors import ListingError
from listings.models import Listing, Photo
from listings.photos import PhotoRefused

Draft = Callable[..., Listing]
RED, BLUE = (200, 30, 30), (30, 30, 200)


def picture(width: int, height: int, kind: str = "JPEG", **options: object) -> io.BytesIO:
    """Red above, blue below."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (0, height // 2, width, height))
    out = io.BytesIO()
    image.save(out, kind, **options)
    out.seek(0)
    return out


def gps() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise to see it upright
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8825).update({1: "N", 2: (26.0, 54.0, 0.0), 3: "E", 4: (75.0, 47.0, 0.0)})
    return exif


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def png_header(width: int, height: int, depth: int = 1) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = (b"\x00" + b"\x00" * ((width * depth + 7) // 8)) * height
    head = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def test_a_photo_is_turned_upright_and_loses_place_and_camera() -> None:
    exif = gps()
    made = photos.encode(picture(2600, 1300, exif=exif, comment=b"secret", icc_profile=b"junk"))
    assert (made.width, made.height) == (1200, 2400)  # of 1300 × 2600
    assert sorted(made.files) == [320, 640, 1200]
    for slot, content in made.files.items():
        image = opened(content)
        assert (image.format, image.width, image.height) == ("WEBP", slot, 2 * slot)
        assert not image.getexif()
        assert {"exif", "xmp", "icc_profile", "comment"}.isdisjoint(image.info)
        assert b"secret" not in content
        assert b"camera" not in content
        left, right = image.convert("RGB").getpixel((9, 99)), image.convert("RGB").getpixel((slot - 9, 99))
        assert isinstance(left, tuple)
        assert isinstance(right, tuple)
        assert left[2] > 150 > left[0], "the lower half is at the left after the turn"
        assert right[0] > 150 > right[2]


def test_a_small_picture_is_never_scaled_up() -> None:
    made = photos.encode(picture(500, 400, "PNG"))
    assert {slot: opened(content).width for slot, content in made.files.items()} == {
        320: 320,
        640: 500,
    }
    assert (made.width, made.height) == (500, 400)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_four_formats_are_read(kind: str) -> None:
    assert photos.encode(picture(400, 400, kind)).width == 400


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_pixel_becomes_colour(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (300, 300)).save(out, "JPEG" if mode == "CMYK" else "PNG")
    out.seek(0)
    assert opened(photos.encode(out).files[320]).mode == "RGB"


def test_transparency_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (300, 300), (0, 0, 0, 0)).save(out, "PNG")
    image = opened(photos.encode(out).files[320]).convert("RGB")
    assert image.getpixel((150, 150)) == (255, 255, 255)


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    bomb = png_header(13_000, 13_000)
    assert len(bomb) < 30_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(PhotoRefused, match="more than 40 megapixels"):
        photos.encode(io.BytesIO(bomb))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 30_000, f"{grown} KiB more memory"


def test_what_pillow_itself_calls_a_bomb_is_refused() -> None:
    with pytest.raises(PhotoRefused, match="more than 40 megapixels"):
        photos.encode(io.BytesIO(png_header(20_000, 20_000)))


def gif_with_script() -> bytes:
    return picture(300, 300, "GIF").getvalue() + b"<script>alert(1)</script>"


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"><script>alert(1)</script></svg>'
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 300 300\n(/etc/passwd) (r) file\n"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(gif_with_script(), id="a GIF with a script behind it"),
        pytest.param(picture(300, 300, "BMP").getvalue(), id="a BMP"),
        pytest.param(picture(300, 300, "TIFF").getvalue(), id="a TIFF"),
        pytest.param(picture(300, 300, "PCX").getvalue(), id="a PCX"),
        pytest.param(SVG, id="an SVG with a script"),
        pytest.param(EPS, id="an EPS"),
        pytest.param(b"I am no picture", id="text named .jpg"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xd8\xff", id="only a magic number"),
        pytest.param(picture(900, 900).getvalue()[:3000], id="a truncated JPEG"),
        pytest.param(picture(900, 900, "PNG").getvalue()[:300], id="a truncated PNG"),
        pytest.param(picture(900, 900, "WEBP").getvalue()[:200], id="a truncated WebP"),
    ],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(PhotoRefused, match="no picture that we can read"):
        photos.encode(io.BytesIO(content))


def test_an_archive_behind_a_photo_does_not_survive() -> None:
    behind = io.BytesIO()
    with zipfile.ZipFile(behind, "w") as archive:
        archive.writestr("evil.html", "<script>alert(1)</script>")
    made = photos.encode(io.BytesIO(picture(400, 400).getvalue() + behind.getvalue()))
    for content in made.files.values():
        assert not zipfile.is_zipfile(io.BytesIO(content))
        assert b"script" not in content


def test_a_moving_picture_a_tiny_one_and_a_heavy_one_are_refused() -> None:
    moving = io.BytesIO()
    frames = [Image.new("RGB", (300, 300), colour) for colour in (RED, BLUE)]
    frames[0].save(moving, "WEBP", save_all=True, append_images=frames[1:])
    with pytest.raises(PhotoRefused, match="moves"):
        photos.encode(moving)
    with pytest.raises(PhotoRefused, match="smaller than 200"):
        photos.encode(picture(199, 500))
    with pytest.raises(PhotoRefused, match="more than 10 MB"):
        photos.encode(io.BytesIO(picture(300, 300).getvalue() + b"\0" * 11_000_000))


@pytest.fixture
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def files(media: Path) -> list[str]:
    return sorted(path.name for path in media.rglob("*") if path.is_file())


def test_a_photo_of_a_listing_has_random_names_and_goes_with_its_files(
    media: Path,
    draft: Draft,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    scarf = draft()
    photo = services.add_photo(scarf, by=scarf.shop.owner, upload=picture(700, 900), alt="Folded")
    assert files(media) == [f"{photo.key}-{slot}.webp" for slot in (1200, 320, 640)]
    assert (photo.position, photo.width, photo.height, photo.alt) == (1, 700, 900, "Folded")
    assert photo.src == f"/media/photos/{str(photo.key)[:2]}/{photo.key}-640.webp"
    assert photo.srcset.endswith(f"{photo.key}-1200.webp 700w")
    with django_capture_on_commit_callbacks(execute=True):
        services.remove_photo(photo, by=scarf.shop.owner)
    assert files(media) == []
    assert list(scarf.photos.values_list("position", flat=True)) == [0]


def test_files_do_not_outlive_a_failed_transaction(media: Path, draft: Draft, bob: object) -> None:
    scarf = draft()
    with pytest.raises(AssertionError):
        services.add_photo(scarf, by=bob, upload=picture(700, 900))  # type: ignore[arg-type]
    assert files(media) == []
    assert scarf.photos.count() == 1


def test_a_listing_has_at_most_eight_photos_and_on_sale_at_least_one(media: Path, live: Draft) -> None:
    scarf = live()
    for position in range(1, 8):
        Photo.objects.create(listing=scarf, width=400, height=400, position=position)
    with pytest.raises(ListingError, match="at most 8 photos"):
        services.add_photo(scarf, by=scarf.shop.owner, upload=picture(400, 400))
    assert files(media) == []
    only, *rest = scarf.photos.all()
    for photo in rest:
        photo.delete()
    with pytest.raises(ListingError, match="needs a photo"):
        services.remove_photo(only, by=scarf.shop.owner)
    assert scarf.photos.count() == 1


def test_a_new_photo_sends_a_live_listing_back_to_review(media: Path, live: Draft) -> None:
    scarf = live()
    services.add_photo(scarf, by=scarf.shop.owner, upload=picture(400, 400))
    scarf.refresh_from_db()
    assert scarf.status == Listing.Status.IN_REVIEW


def test_the_first_photo_is_the_one_that_was_put_first(media: Path, draft: Draft) -> None:
    scarf = draft()
    second = services.add_photo(scarf, by=scarf.shop.owner, upload=picture(400, 400))
    third = services.add_photo(scarf, by=scarf.shop.owner, upload=picture(400, 400))
    services.put_first(third, by=scarf.shop.owner)
    order = list(scarf.photos.values_list("pk", flat=True))
    assert order[0] == third.pk
    assert order[2] == second.pk
