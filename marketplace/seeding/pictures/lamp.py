"""A brass lamp with a pleated paper shade, and its light on the wall."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageChops

from . import grain
from .brass import BRASS, DARK
from .colours import darker, mix, ramp
from .finish import METAL, Finish
from .frame import Colour, Pencil, Point, curve, field, outline
from .ground import room
from .lathe import turned
from .studio import Scene, stand

PAPER_SHADE: Final = Finish(wrap=0.9, rim=0.0)
STEMS: Final = (
    outline(
        "0.98,0 1,0.03 0.97,0.07 0.9,0.1 0.5,0.2 0.26,0.32 0.17,0.5 0.26,0.6 0.34,0.68 "
        "0.26,0.77 0.13,0.86 0.11,1.1 0.19,1.3 0.36,1.56 0.4,1.72 0.28,1.92 0.12,2.04 "
        "0.1,2.2 0.2,2.24 0.2,2.3 0.09,2.34 0.09,2.6"
    ),
    outline(
        "0.96,0 1,0.03 0.98,0.1 0.84,0.16 0.8,0.22 0.62,0.27 0.3,0.34 0.2,0.44 0.3,0.5 "
        "0.62,0.7 0.74,0.98 0.66,1.3 0.36,1.62 0.2,1.84 0.14,2.0 0.24,2.06 0.24,2.12 "
        "0.1,2.18 0.09,2.6"
    ),
    outline(
        "0.98,0 1,0.03 0.96,0.08 0.5,0.16 0.16,0.3 0.12,0.6 0.2,0.66 0.24,0.72 0.2,0.78 "
        "0.11,0.84 0.1,1.3 0.19,1.36 0.23,1.43 0.19,1.5 0.1,1.56 0.09,2.0 0.17,2.06 "
        "0.2,2.12 0.17,2.18 0.09,2.24 0.09,2.6"
    ),
)


@dataclass(frozen=True)
class Lamp:
    stem: list[Point]
    wide: float
    tall: float
    paper: Colour
    slope: float


def lamp(scene: Scene) -> None:
    look = scene.taste("lamp")
    dyes = (scene.palette.main, scene.palette.second, scene.palette.accent)
    papers = ((246, 226, 190), *(mix(dye, (252, 236, 206), 0.5) for dye in dyes))
    kind = Lamp(
        look.choice(STEMS),
        look.uniform(0.92, 1.1),
        look.uniform(0.92, 1.06),
        look.choice(papers),
        look.choice((0.5, 0.62, 0.84)),
    )
    if scene.view == 1:
        room(scene, 1180)
        _glow(scene, (600, 160), 760)
        _lamp(scene, (600, 1440), 1.8, kind)
        return
    room(scene, 1080, wood=scene.seed % 2 == 0)
    if scene.view == 2:
        scene.multiply(Image.new("RGB", scene.size, (128, 118, 132)))
    _glow(scene, (600, 560), 640)
    _lamp(scene, (600, 1320), 1.08, kind)


def _glow(scene: Scene, at: Point, size: float) -> None:
    light = scene.sketch()
    light.ellipse(*at, size * 0.62, size * 0.62, 150)
    halo = scene.whole(grain.soft(light.done(), 52 * scene.k))
    warm = ImageChops.multiply(ramp(halo, (0, 0, 0), (255, 206, 130)), scene.picture)
    scene.picture = ImageChops.add(scene.picture, warm)
    haze = ramp(halo, (0, 0, 0), (92, 62, 26))
    scene.picture = ImageChops.screen(scene.picture, haze)


def _lamp(scene: Scene, at: Point, big: float, kind: Lamp) -> None:
    wide, tall = 190 * kind.wide * big, 190 * kind.tall * big
    base = curve([(r * wide, h * tall) for r, h in kind.stem], 6)
    stem = turned(base, k=scene.k, finish=METAL, skin=BRASS, dark=DARK, tilt=0.2, rows=5)
    stand(scene, stem, at)
    high, radius = 400 * big, 325 * big * kind.wide
    cone = turned(
        [(radius, 0), (radius * kind.slope, high)],
        k=scene.k,
        finish=PAPER_SHADE,
        skin=_pleated(scene, kind.paper),
        tilt=0.06,
        dark=(150, 96, 60),
    )
    scene.lay_on(cone, (at[0], at[1] - base[-1][1] * 0.87))


def _pleated(scene: Scene, paper: Colour) -> Image.Image:
    """A pleated paper shade with the light behind it."""
    size = (800.0, 420.0)
    pleats = Pencil(*size, scene.k, ground=238, fine=1)
    for i in range(47):
        x = size[0] * i / 46
        pleats.box(x, 0, x + 5, size[1], 214)
        pleats.box(x + 9, 0, x + 13, size[1], 253)
    glow = field(pleats.size, _lit_from_inside, (40, 24))
    rich = mix(paper, (206, 120, 56), 0.4)
    bright = mix(paper, (255, 248, 220), 0.8)
    warm = ramp(glow, rich, bright, mix(paper, (255, 206, 130), 0.5))
    sheet = ImageChops.multiply(warm, grain.grey(grain.soft(pleats.done(), 1.5 * scene.k)))
    trim = Pencil(*size, scene.k, fine=1)
    trim.box(0, 0, size[0], 13)
    trim.box(0, size[1] - 16, *size)
    sheet.paste(darker(scene.palette.main, 0.05), (0, 0, *sheet.size), trim.done())
    return grain.textured(sheet, grain.fibres(sheet.size, scene.hand, 50), 0.2)


def _lit_from_inside(u: float, v: float) -> float:
    return 0.66 + 0.46 * math.exp(-(((u - 0.5) / 0.24) ** 2) - ((v - 0.62) / 0.34) ** 2)
