"""The demo's pictures: every craft and view, the same every time, fit to be uploaded."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image, ImageStat

from marketplace.seeding.pictures import CRAFTS, VIEWS, as_jpeg, draw

SMALL = (160, 200)


@pytest.mark.parametrize("view", range(VIEWS))
@pytest.mark.parametrize("craft", CRAFTS)
def test_every_craft_and_view_is_a_picture_of_its_own(craft: str, view: int) -> None:
    picture = draw(craft, seed=7, view=view, size=SMALL)
    assert (picture.mode, picture.size) == ("RGB", SMALL)
    spread = ImageStat.Stat(picture.convert("L"))
    assert spread.stddev[0] > 12, "the picture is almost one flat colour"
    assert 60 < spread.mean[0] < 225, "the picture is too dark or too pale"


@pytest.mark.parametrize("craft", CRAFTS)
def test_the_same_seed_draws_the_same_picture_and_another_seed_another(craft: str) -> None:
    first = draw(craft, seed=3, size=SMALL).tobytes()
    other = draw(craft, seed=4, size=SMALL).tobytes()
    assert other != first
    assert draw(craft, seed=3, size=SMALL).tobytes() == first


def test_the_views_of_a_listing_differ() -> None:
    views = {draw("glazed-vase", seed=5, view=view, size=SMALL).tobytes() for view in range(VIEWS)}
    assert len(views) == VIEWS


def test_an_upload_is_a_full_size_jpeg_below_one_megabyte() -> None:
    data = as_jpeg("block-print-scarf", seed=1, view=1)
    assert len(data) < 1_000_000
    with Image.open(BytesIO(data)) as picture:
        picture.load()
        assert (picture.format, picture.size) == ("JPEG", (1200, 1500))
    assert as_jpeg("block-print-scarf", seed=1, view=1) == data


def test_what_cannot_be_drawn_is_named() -> None:
    with pytest.raises(ValueError, match="No craft 'sedan'"):
        draw("sedan", seed=1)
    with pytest.raises(ValueError, match="No view 3"):
        draw("soap", seed=1, view=3)
    with pytest.raises(ValueError, match="not 4:5"):
        draw("soap", seed=1, size=(100, 100))
