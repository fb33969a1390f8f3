"""Beaten copper: pots whose every hammer mark is a small mirror."""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageChops

from . import grain
from .brass import BRASS, DARK
from .colours import mix, ramp
from .finish import METAL
from .frame import Colour, Pencil, Point, curve, outline
from .ground import room
from .lathe import opened, turned
from .solids import tube
from .studio import Scene, stand

COPPER: Final[Colour] = (232, 142, 98)
TIN: Final[Colour] = (216, 206, 196)
SHAPES: Final = (
    "0.62,0 0.72,0.02 0.93,0.2 1,0.5 0.96,0.82 0.86,1 0.84,1.05 0.93,1.12 0.95,1.14",
    "0.8,0 0.86,0.02 0.9,0.2 0.9,0.9 0.9,1 0.97,1.04 0.99,1.06",
    "0.5,0 0.58,0.02 0.84,0.2 1,0.55 0.98,0.8 0.78,1.04 0.6,1.14 0.58,1.2 0.66,1.3 0.68,1.32",
)
HANDLE: Final = outline("-0.04,0.12 0.14,0.1 0.2,-0.06 0.12,-0.2 -0.06,-0.2")


def pot(scene: Scene) -> None:
    look = scene.taste("pot")
    metal = look.choice((COPPER, COPPER, BRASS))
    shape = outline(look.choice(SHAPES))
    tall = look.uniform(0.92, 1.12)
    if scene.view == 1:
        room(scene, 880)
        _vessel(scene, (540, 1500), 560, [(r, h * tall) for r, h in shape], metal)
        return
    room(scene, 900, wood=scene.seed % 2 == 1)
    if scene.view == 2:
        small = [(r, h * 1.2) for r, h in outline(SHAPES[1])]
        _vessel(scene, (815, 1060), 200, small, mix(metal, BRASS, 0.6))
        _vessel(scene, (455, 1260), 320, [(r, h * tall) for r, h in shape], metal)
        return
    _vessel(scene, (595, 1270), 415, [(r, h * tall) for r, h in shape], metal)


def _vessel(scene: Scene, at: Point, size: float, shape: list[Point], metal: Colour) -> None:
    profile = curve([(r * size, h * size) for r, h in shape], 12)
    vessel = turned(
        profile,
        k=scene.k,
        finish=METAL,
        skin=_beaten(scene, metal),
        dark=DARK,
        tilt=0.2,
        columns=34,
    )
    inside = mix(metal, TIN, 0.5)
    opened(vessel, *profile[-1], k=scene.k, tilt=0.2, inside=inside, lip=size * 0.03)
    high = next(h for r, h in reversed(profile) if r > size * 0.86)
    radius = next(r for r, h in profile if h >= high * 0.78)
    for side in (-1, 1):
        x, y = at[0] + side * radius, at[1] - high * 0.78
        loop = curve([(x + side * px * size, y + py * size) for px, py in HANDLE], 10)
        tube(scene, loop, size * 0.062, BRASS, gloss=0.9)
    stand(scene, vessel, at)


def _beaten(scene: Scene, metal: Colour) -> Image.Image:
    """Hammer marks over a metal that the fire has tinted."""
    by = scene.hand
    width, high, step = 900.0, 700.0, 27.0
    marks = Pencil(width, high, scene.k, ground=176, fine=2)
    for row in range(round(high / step / 0.86) + 2):
        for column in range(round(width / step) + 2):
            x = (column + row % 2 / 2) * step + by.gauss(0, 3.4)
            y = row * step * 0.86 + by.gauss(0, 3.0)
            r = step * by.uniform(0.5, 0.64)
            marks.ellipse(x, y, r, r, by.randint(158, 196))
            marks.ellipse(x + r * 0.2, y + r * 0.24, r * 0.72, r * 0.7, by.randint(190, 236))
    sheen = grain.soft(marks.done(), 3.2 * scene.k)
    fire = grain.clouds(sheen.size, by, 4)
    sheet = ramp(fire, mix(metal, (196, 92, 72), 0.35), mix(metal, (248, 204, 132), 0.35), metal)
    lift = sheen.point([min(255, round(v * 1.2)) for v in range(256)])
    return ImageChops.multiply(sheet, grain.grey(lift))
