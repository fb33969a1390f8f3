"""Carved and painted: animals covered in dots, rings and scales."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Final

from PIL import Image

from . import grain
from .colours import PAPER, SOOT, darker, lighter
from .frame import Colour, Pencil, Point, curve, moved, outline, ring
from .ground import room
from .solids import solid
from .studio import Scene, shadow


@dataclass(frozen=True)
class Kind:
    """Outlines stand on y = 0 and look to the right, about six units high."""

    parts: tuple[list[Point], ...]
    eyes: tuple[Point, ...]
    size: float
    shift: float


HARE: Final = Kind(
    (
        outline("-2.5,-1.5 -2.8,-1.9 -2.5,-2.3 -2.1,-2.2 -2,-1.7"),
        outline(
            "-1.9,0 -2.35,-0.9 -2.3,-2 -1.6,-2.9 -0.5,-3.3 0.4,-3.4 0.85,-4 1.2,-4.5 1.8,-4.6 "
            "2.3,-4.2 2.5,-3.8 2.25,-3.5 1.7,-3.2 1.6,-2.4 1.5,-1.2 1.9,-0.35 2.3,-0.2 2.3,0 "
            "1.2,0 0.9,-1 0.3,-1.1 0.5,-0.3 0.9,-0.2 0.9,0 -1,0"
        ),
        outline("1.25,-4.4 0.7,-5.2 0.35,-6.4 0.5,-6.9 0.9,-6.5 1.3,-5.4 1.6,-4.6"),
        outline("1.5,-4.5 1.45,-5.5 1.6,-6.6 1.9,-7 2.1,-6.4 1.95,-5.3 1.85,-4.5"),
    ),
    ((1.72, -4.05),),
    1.0,
    0.0,
)
BIRD: Final = Kind(
    (
        outline("-1.2,-2.6 -3,-2 -4,-1.2 -4.2,-1.6 -3.2,-2.7 -4.2,-2.4 -4.3,-2.8 -3,-3.4 -1.4,-3.5"),
        outline("0.2,-1.4 0.46,-1.4 0.5,-0.22 1,-0.12 1,0 -0.35,0 -0.35,-0.12 0.2,-0.22"),
        outline(
            "-1.6,-2.6 -0.9,-1.5 0.2,-1.1 1.2,-1.5 1.9,-2.5 2.1,-3.6 2.4,-4.3 2.9,-4.45 "
            "3.3,-4.5 2.9,-4.75 2.5,-5.2 1.9,-5.5 1.2,-5.3 0.8,-4.6 0.4,-3.9 -0.6,-3.7"
        ),
        outline("0.2,-3.7 0.9,-3 0.8,-2.2 -0.1,-1.9 -1.4,-2.3 -2.4,-3.1 -1.2,-3.5"),
    ),
    ((2.05, -4.75),),
    0.86,
    0.62,
)
CAT: Final = Kind(
    (
        outline("-1.6,-0.5 -2.6,-0.5 -3.2,-1.3 -3.1,-2.4 -2.5,-2.9 -2.3,-2.6 -2.7,-2.1 -2.75,-1.4 -2.3,-0.95 -1.6,-1"),
        outline(
            "-1.9,0 -2.1,-0.8 -1.9,-1.9 -1.2,-3 -0.4,-3.8 0.2,-4.4 0.9,-4.3 1.5,-3.7 "
            "1.65,-2.6 1.6,-1.2 1.75,-0.3 2,-0.15 2,0 1,0 0.9,-0.6 0.6,0"
        ),
        outline(
            "0,-4.4 -0.1,-5.3 0,-6.3 0.35,-5.95 0.8,-5.85 1.3,-5.85 1.7,-6.3 1.9,-5.4 1.85,-4.7 1.4,-4 0.8,-3.85 0.3,-4"
        ),
    ),
    ((0.55, -5.05), (1.3, -5.05)),
    1.05,
    0.3,
)
KINDS: Final = (HARE, BIRD, CAT)


def animal(scene: Scene) -> None:
    which = scene.taste("animal").randrange(len(KINDS))
    kind = KINDS[which]
    if scene.view == 1:
        room(scene, 1300)
        eye = kind.eyes[-1]
        _carved(scene, (620 - eye[0] * 290, 560 - eye[1] * 290), 290, kind, 0)
        return
    room(scene, 1000, wood=scene.seed % 2 == 0)
    if scene.view == 2:
        _carved(scene, (860, 1120), 92, KINDS[(which + 1) % len(KINDS)], 1)
        _carved(scene, (410, 1290), 122, kind, 0)
        return
    _carved(scene, (590, 1290), 172, kind, 0)


def _carved(scene: Scene, foot: Point, big: float, kind: Kind, swap: int) -> None:
    size = big * kind.size
    at = (foot[0] + kind.shift * size, foot[1])
    body = (scene.palette.main, scene.palette.second)[swap]
    floor = scene.sketch()
    floor.ellipse(at[0] + size * 0.5, at[1] + size * 0.05, size * 2.5, size * 0.24)
    shadow(scene, grain.soft(floor.done(), 6 * scene.k), 0.75)
    sheet = _painted(scene, size, body, swap)
    radii = (size * 0.08, size * 0.22, size * 0.5)
    for i, part in enumerate(kind.parts):
        shape = moved(curve(part, 7, closed=True), *at, scale=size)
        high = size * 0.1 if i else 0
        dark = darker(body, 0.78)
        solid(scene, shape, sheet, radii=radii, steep=1.9, gloss=0.34, height=high, deep=0.5, dark=dark)
    for x, y in kind.eyes:
        _eye(scene, (at[0] + x * size, at[1] + y * size), size * 0.15)


def _painted(scene: Scene, size: float, body: Colour, swap: int) -> Image.Image:
    """Wavy fields with rows of dots, rings and scales, over the whole picture."""
    look = scene.taste("paint", swap)
    palette = scene.palette
    paints = [dye for dye in (palette.cloth, palette.accent, palette.second, palette.main) if dye != body]
    layer = Image.new("RGB", scene.size, body)
    layer.paste(look.choice(paints), (0, 0, *scene.size), _fields(scene, size, look))
    pencils = [Pencil(1200, 1500, scene.k, fine=2) for _ in paints]
    _rows(pencils, size, look, scene.hand)
    for pencil, paint in zip(pencils, paints, strict=True):
        layer.paste(lighter(paint, 0.08), (0, 0, *layer.size), pencil.done())
    return grain.textured(layer, grain.clouds(scene.size, scene.hand, 5), 0.2)


def _fields(scene: Scene, size: float, look: Random) -> Image.Image:
    """Wavy fields of a second ground."""
    pencil = scene.pencil()
    step, phase = size * look.uniform(1.7, 2.3), look.uniform(0, 6)
    y = -step
    while y < 1500 + step:
        wave = [(x, y + 0.3 * size * math.sin(x / size * 1.6 + phase)) for x in range(-20, 1240, 20)]
        pencil.polygon([*wave, *[(px, py + step * 0.45) for px, py in reversed(wave)]])
        y += step
    return pencil.done()


def _rows(pencils: list[Pencil], size: float, look: Random, by: Random) -> None:
    step = size * look.uniform(0.26, 0.34)
    style = look.randrange(3)
    for row in range(round(1500 / step / 0.72) + 1):
        paint = (row // 2) % len(pencils)
        r = step * (0.2 if (row // 2) % 2 else 0.3)
        plain = style == 0 or (row // 2) % 3 == 0
        for column in range(round(1200 / step) + 1):
            x = (column + row % 2 / 2) * step + by.gauss(0, step * 0.03)
            y = row * step * 0.72 + by.gauss(0, step * 0.03)
            if plain:
                pencils[paint].ellipse(x, y, r, r)
            elif style == 1:
                _ringed(pencils[paint], pencils[(paint + 1) % len(pencils)], (x, y), r)
            else:
                petal = [(0.0, -r * 1.5), (r * 0.5, 0.0), (0.0, r * 1.1), (-r * 0.5, 0.0)]
                shape = moved(petal, x, y, turn=0.6 if row % 2 else -0.6)
                pencils[paint].polygon(curve(shape, 4, closed=True))


def _ringed(outer: Pencil, inner: Pencil, at: Point, r: float) -> None:
    outer.polygon(ring(*at, r * 1.25, r * 1.25, 24))
    outer.polygon(ring(*at, r * 0.8, r * 0.8, 20), 0)
    inner.ellipse(*at, r * 0.4, r * 0.4)


def _eye(scene: Scene, at: Point, size: float) -> None:
    for scale, ink, shift in ((1.5, PAPER, 0.0), (1.12, SOOT, 0.0), (0.34, (255, 255, 255), -0.32)):
        x, y, r = at[0] + shift * size, at[1] + shift * size, size * scale
        scene.fill(ring(x, y, r, r, 40), ink)
