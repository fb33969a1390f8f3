"""Putting shaped things into the scene: rounded outlines, tubes, seams."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageChops

from . import grain
from .colours import darker, lighter
from .frame import Colour, Point
from .relief import modelled
from .studio import Scene, drop_shadow


def solid(
    scene: Scene,
    mask: Image.Image,
    colour: Image.Image | Colour,
    *,
    radii: Sequence[float] = (8, 24, 50),
    steep: float = 1.0,
    gloss: float = 0.0,
    height: float = 14,
    deep: float = 0.6,
    dark: Colour | None = None,
) -> None:
    """Lays a rounded thing with this outline (L, the whole picture) and its shadow. Radii and
    height are in units; a picture as colour has the size of the whole picture."""
    box = mask.getbbox()
    if box is None:
        return
    if height:
        drop_shadow(scene, mask, height=height, deep=deep)
    pad = round(6 * scene.k)
    box = (
        max(0, box[0] - pad),
        max(0, box[1] - pad),
        min(mask.width, box[2] + pad),
        min(mask.height, box[3] + pad),
    )
    cut = mask.crop(box)
    sheet = colour.crop(box) if isinstance(colour, Image.Image) else colour
    shade = dark or darker(colour if not isinstance(colour, Image.Image) else (90, 70, 60), 0.75)
    step = max(1, round(4 * scene.k))
    shape = modelled(sheet, cut, [r * scene.k for r in radii], dark=shade, steep=steep, gloss=gloss, step=step)
    scene.lay(shape, cut, (box[0], box[1]))


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
    pencil = scene.pencil(fine=2)
    pencil.thread(path, width)
    mask = pencil.done()
    if height:
        drop_shadow(scene, mask, height=height)
    shades = scene.pencil(mode="RGB", ground=darker(colour, 0.55), fine=1)
    for share, shift, ink in (
        (0.78, 0.05, darker(colour, 0.2)),
        (0.58, 0.12, colour),
        (0.3, 0.18, lighter(colour, 0.3 * gloss + 0.08)),
        (0.13, 0.2, lighter(colour, 0.85 * gloss)),
    ):
        moved = [(x - width * shift, y - width * shift) for x, y in path]
        shades.line(moved, width * share, ink)
    scene.lay(grain.soft(shades.done(), width * 0.07 * scene.k), mask)


def stitches(scene: Scene, path: Sequence[Point], colour: Colour, *, long: float = 15, width: float = 4.2) -> None:
    """A seam: short threads in small dents along the path."""
    dents, threads = scene.pencil(fine=2), scene.pencil(fine=2)
    left = 0.0
    for (x0, y0), (x1, y1) in zip(path, path[1:], strict=False):
        run = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
        if run == 0:
            continue
        dx, dy = (x1 - x0) / run, (y1 - y0) / run
        at = left
        while at < run:
            end = at + long * 0.62
            a, b = (x0 + dx * at, y0 + dy * at), (x0 + dx * end, y0 + dy * end)
            dents.thread([(a[0] + 1.6, a[1] + 2.2), (b[0] + 1.6, b[1] + 2.2)], width + 2.5, 150)
            threads.thread([a, b], width)
            at += long
        left = at - run
    scene.lay(darker(colour, 0.8), grain.soft(dents.done(), 1.2 * scene.k))
    mask = threads.done()
    scene.lay(darker(colour, 0.12), mask)
    scene.lay(lighter(colour, 0.35), _upper(mask, 1.3 * scene.k))


def _upper(mask: Image.Image, by: float) -> Image.Image:
    shift = max(1, round(by))
    return ImageChops.subtract(mask, ImageChops.offset(mask, shift, shift))
