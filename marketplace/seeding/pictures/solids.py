"""Putting shaped things into the scene: rounded outlines, tubes, seams."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from PIL import Image, ImageChops

from . import grain
from .colours import darker, lighter
from .frame import Colour, Point
from .relief import modelled
from .studio import Scene, drop_shadow


def solid(
    scene: Scene,
    outline: Sequence[Point] | Image.Image,
    colour: Image.Image | Colour,
    *,
    radii: Sequence[float] = (8, 24, 50),
    steep: float = 1.0,
    gloss: float = 0.0,
    height: float = 14,
    deep: float = 0.6,
    dark: Colour | None = None,
) -> None:
    """Lays a rounded thing and its shadow. The outline is in units, or a mask of the whole
    picture. Radii and height are in units; a picture as colour has the size of the whole."""
    if isinstance(outline, Image.Image):
        mask, at = _trimmed(outline, round(6 * scene.k))
    else:
        pencil, at = scene.around(outline, 6)
        pencil.polygon(outline)
        mask = pencil.done()
    if height:
        drop_shadow(scene, mask, height=height, deep=deep, at=at)
    x, y = round(at[0]), round(at[1])
    sheet = colour
    if isinstance(sheet, Image.Image):
        sheet = sheet.crop((x, y, x + mask.width, y + mask.height))
    shade = dark or darker((90, 70, 60) if isinstance(colour, Image.Image) else colour, 0.75)
    step = max(1, round(4 * scene.k))
    sizes = [radius * scene.k for radius in radii]
    shape = modelled(sheet, mask, sizes, dark=shade, steep=steep, gloss=gloss, step=step)
    scene.lay(shape, mask, at)


def _trimmed(mask: Image.Image, pad: int) -> tuple[Image.Image, Point]:
    box = mask.getbbox() or (0, 0, 1, 1)
    left, top = max(0, box[0] - pad), max(0, box[1] - pad)
    right, low = min(mask.width, box[2] + pad), min(mask.height, box[3] + pad)
    return mask.crop((left, top, right, low)), (left, top)


def tube(
    scene: Scene,
    path: Sequence[Point],
    width: float,
    colour: Colour,
    *,
    gloss: float = 0.5,
    height: float = 0.0,
) -> None:
    """A round rod, cord or wire along the path, lit from the upper left."""
    pencil, at = scene.around(path, width)
    pencil.thread(path, width)
    mask = pencil.done()
    if height:
        drop_shadow(scene, mask, height=height, at=at)
    shades, _ = scene.around(path, width, mode="RGB", ground=darker(colour, 0.55))
    for share, shift, ink in (
        (0.78, 0.05, darker(colour, 0.2)),
        (0.58, 0.12, colour),
        (0.3, 0.18, lighter(colour, 0.3 * gloss + 0.08)),
        (0.13, 0.2, lighter(colour, 0.85 * gloss)),
    ):
        lit = [(x - width * shift, y - width * shift) for x, y in path]
        shades.line(lit, width * share, ink)
    scene.lay(grain.soft(shades.done(), width * 0.07 * scene.k), mask, at)


def stitches(scene: Scene, path: Sequence[Point], colour: Colour, *, long: float = 15, width: float = 4.2) -> None:
    """A seam: short threads in small dents along the path."""
    dents, at = scene.around(path, width * 3)
    threads, _ = scene.around(path, width * 3)
    for (x0, y0), (x1, y1) in dashes(path, long, long * 0.62):
        dents.thread([(x0 + 1.6, y0 + 2.2), (x1 + 1.6, y1 + 2.2)], width + 2.5, 150)
        threads.thread([(x0, y0), (x1, y1)], width)
    scene.lay(darker(colour, 0.8), grain.soft(dents.done(), 1.2 * scene.k), at)
    mask = threads.done()
    scene.lay(darker(colour, 0.12), mask, at)
    step = max(1, round(1.3 * scene.k))
    upper = ImageChops.subtract(mask, ImageChops.offset(mask, step, step))
    scene.lay(lighter(colour, 0.35), upper, at)


def dashes(path: Sequence[Point], pitch: float, long: float) -> Iterator[tuple[Point, Point]]:
    """Pieces of the path: one every `pitch` units, `long` units long."""
    start = 0.0
    for (x0, y0), (x1, y1) in zip(path, path[1:], strict=False):
        run = math.hypot(x1 - x0, y1 - y0)
        if run == 0:
            continue
        dx, dy = (x1 - x0) / run, (y1 - y0) / run
        at = start
        while at < run:
            end = at + long
            yield (x0 + dx * at, y0 + dy * at), (x0 + dx * end, y0 + dy * end)
            at += pitch
        start = at - run
