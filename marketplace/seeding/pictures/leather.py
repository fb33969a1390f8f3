"""Leather satchels with sewn edges and brass buckles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageChops

from . import grain
from .brass import BRASS
from .colours import WALNUT, darker, lighter, mix, ramp
from .frame import Colour, Point, curve, outline, ring
from .ground import room
from .solids import solid, stitches, tube
from .studio import Scene, shadow

HIDES: Final[tuple[Colour, ...]] = (
    (172, 104, 60),
    (136, 76, 48),
    (198, 134, 82),
    (100, 62, 48),
    (142, 60, 48),
    (72, 76, 72),
    (52, 76, 92),
)
THREAD: Final[Colour] = (232, 208, 162)
GRIP: Final = outline("-300,-470 -330,-620 -210,-780 0,-830 210,-780 330,-620 300,-470")
BODY: Final = outline("-360,-520 -384,-260 -372,-30 -330,0 0,4 330,0 372,-30 384,-260 360,-520 0,-530")
BODY_SEAM: Final = outline("-352,-60 -340,-36 -310,-26 310,-26 340,-36 352,-60")
FLAPS: Final = (
    outline(
        "-372,-500 -366,-545 -300,-566 0,-572 300,-566 366,-545 372,-500 366,-300 350,-216 "
        "290,-186 0,-176 -290,-186 -350,-216 -366,-300"
    ),
    outline(
        "-372,-500 -366,-545 -300,-566 0,-572 300,-566 366,-545 372,-500 368,-340 330,-246 "
        "220,-190 0,-150 -220,-190 -330,-246 -368,-340"
    ),
)
FLAP_SEAMS: Final = (
    outline("-346,-500 -342,-300 -328,-228 -284,-208 0,-198 284,-208 328,-228 342,-300 346,-500"),
    outline("-346,-500 -342,-344 -308,-262 -208,-212 0,-174 208,-212 308,-262 342,-344 346,-500"),
)
BAND: Final = outline("-32,-400 32,-400 32,-110 18,-78 0,-70 -18,-78 -32,-110")
KEEPER: Final = outline("-42,-330 42,-330 42,-296 -42,-296")
FRAME: Final = outline("-46,-238 46,-238 46,-166 -46,-166 -46,-238")


@dataclass(frozen=True)
class Bag:
    """Where a satchel stands (the middle of its lower edge), how big, of which hide."""

    at: Point
    big: float
    tall: float
    hide: Colour
    sheet: Image.Image
    flap: int

    def placed(self, shape: list[Point], shift: float = 0.0) -> list[Point]:
        x, y, big = self.at[0] + shift * self.big, self.at[1], self.big
        return [(x + px * big, y + py * big * self.tall) for px, py in shape]


def satchel(scene: Scene) -> None:
    look = scene.taste("hide")
    hide, tall, flap = look.choice(HIDES), look.uniform(0.9, 1.05), look.randrange(2)
    sheet = _hide(scene, hide)
    if scene.view == 1:
        room(scene, 1600)
        _bag(scene, Bag((500, 1560), 2.15, tall, hide, sheet, flap))
        return
    room(scene, 1040, wood=scene.seed % 2 == 0)
    if scene.view == 2:
        old = mix(hide, WALNUT, 0.7)
        dim = ImageChops.multiply(sheet, Image.new("RGB", sheet.size, (176, 166, 166)))
        _bag(scene, Bag((800, 1110), 0.8, tall, old, dim, 1 - flap))
        _bag(scene, Bag((455, 1270), 0.95, tall, hide, sheet, flap))
        return
    _bag(scene, Bag((600, 1290), 1.26, tall, hide, sheet, flap))


def _bag(scene: Scene, bag: Bag) -> None:
    floor = scene.sketch()
    floor.polygon(bag.placed(outline("-370,-20 400,-20 500,30 -340,22")))
    shadow(scene, grain.soft(floor.done(), 5 * scene.k), 0.78)
    grip = curve(bag.placed(GRIP), 12)
    tube(scene, grip, 27 * bag.big, darker(bag.hide, 0.22), gloss=0.16, height=30)
    _leather(scene, bag, curve(bag.placed(BODY), 10, closed=True), (12, 34, 80), 26)
    stitches(scene, bag.placed(BODY_SEAM), THREAD, long=17 * bag.big, width=4.6 * bag.big)
    flap = curve(bag.placed(FLAPS[bag.flap]), 10, closed=True)
    _leather(scene, bag, flap, (10, 30, 90), 20, shade=1.2)
    seam = curve(bag.placed(FLAP_SEAMS[bag.flap]), 8)
    stitches(scene, seam, THREAD, long=17 * bag.big, width=4.6 * bag.big)
    for x in (-190.0, 190.0):
        _strap(scene, bag, x)


def _strap(scene: Scene, bag: Bag, x: float) -> None:
    big = bag.big
    band = curve(bag.placed(BAND, x), 6, closed=True)
    _leather(scene, bag, band, (5, 10), 10, dim=True)
    for y in (-96, -120, -144):
        scene.fill(bag.placed(ring(0, y, 4.6, 4.6, 16), x), (36, 22, 18))
    tube(scene, bag.placed(FRAME, x), 11 * big, BRASS, gloss=0.9, height=7)
    prong = bag.placed(outline("0,-238 0,-160"), x)
    tube(scene, prong, 8 * big, lighter(BRASS, 0.1), gloss=0.9, height=4)
    _leather(scene, bag, curve(bag.placed(KEEPER, x), 2, closed=True), (4, 8), 6, shade=1.2)


def _leather(
    scene: Scene,
    bag: Bag,
    shape: list[Point],
    radii: tuple[float, ...],
    height: float,
    *,
    shade: float = 1.0,
    dim: bool = False,
) -> None:
    sheet = bag.sheet
    if dim:
        sheet = ImageChops.multiply(sheet, Image.new("RGB", sheet.size, (206, 196, 190)))
    dark = darker(bag.hide, 0.8)
    solid(scene, shape, sheet, radii=radii, steep=shade, gloss=0.2, height=height, dark=dark)


def _hide(scene: Scene, hide: Colour) -> Image.Image:
    """Vegetable-tanned leather: clouds, pores, a few scratches."""
    by, k = scene.hand, scene.k
    sheet = ramp(grain.clouds(scene.size, by, 5), darker(hide, 0.2), lighter(hide, 0.14), hide)
    pores = grain.embossed(grain.soft(grain.white(scene.size, by), 1.6 * k), 2, 2.2)
    sheet = ImageChops.overlay(sheet, grain.grey(grain.gentle(pores, 0.42, 128)))
    marks = scene.pencil(fine=2)
    for _ in range(26):
        x, y, turn = by.uniform(0, 1200), by.uniform(0, 1500), by.uniform(-0.6, 0.6)
        long = by.uniform(20, 120)
        end = (x + long * math.cos(turn), y + long * math.sin(turn))
        marks.line([(x, y), end], 1.6, by.randint(30, 80))
    sheet.paste(lighter(hide, 0.35), (0, 0, *sheet.size), marks.done())
    return sheet
