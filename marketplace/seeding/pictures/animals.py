"""Carved and painted: animals covered in dots, dashes and scales."""

from __future__ import annotations

import math
from random import Random

from PIL import Image

from . import grain
from .colours import PAPER, SOOT, darker, lighter
from .frame import Colour, Pencil, Point, curve, hand, moved, ring
from .solids import solid
from .studio import Scene, room, shadow

# Outlines stand on y = 0 and look to the right, about 6 units high.
HARE: tuple[tuple[Point, ...], ...] = (
    ((-2.5, -1.5), (-2.8, -1.9), (-2.5, -2.3), (-2.1, -2.2), (-2.0, -1.7)),
    ((-1.9, 0.0), (-2.35, -0.9), (-2.3, -2.0), (-1.6, -2.9), (-0.5, -3.3), (0.4, -3.4), (0.85, -4.0), (1.2, -4.5), (1.8, -4.6), (2.3, -4.2), (2.5, -3.8), (2.25, -3.5), (1.7, -3.2), (1.6, -2.4), (1.5, -1.2), (1.9, -0.35), (2.3, -0.2), (2.3, 0.0), (1.2, 0.0), (0.9, -1.0), (0.3, -1.1), (0.5, -0.3), (0.9, -0.2), (0.9, 0.0), (-1.0, 0.0)),
    ((1.25, -4.4), (0.7, -5.2), (0.35, -6.4), (0.5, -6.9), (0.9, -6.5), (1.3, -5.4), (1.6, -4.6)),
    ((1.5, -4.5), (1.45, -5.5), (1.6, -6.6), (1.9, -7.0), (2.1, -6.4), (1.95, -5.3), (1.85, -4.5)),
)  # fmt: skip
BIRD: tuple[tuple[Point, ...], ...] = (
    ((-1.2, -2.6), (-3.0, -2.0), (-4.0, -1.2), (-4.2, -1.6), (-3.2, -2.7), (-4.2, -2.4), (-4.3, -2.8), (-3.0, -3.4), (-1.4, -3.5)),
    ((-1.6, -2.6), (-0.9, -1.5), (0.2, -1.1), (1.2, -1.5), (1.9, -2.5), (2.1, -3.6), (2.4, -4.3), (2.9, -4.45), (3.3, -4.5), (2.9, -4.75), (2.5, -5.2), (1.9, -5.5), (1.2, -5.3), (0.8, -4.6), (0.4, -3.9), (-0.6, -3.7)),
    ((0.2, -3.7), (0.9, -3.0), (0.8, -2.2), (-0.1, -1.9), (-1.4, -2.3), (-2.4, -3.1), (-1.2, -3.5)),
    ((0.25, -1.3), (0.45, -1.3), (0.5, -0.2), (1.0, -0.12), (1.0, 0.0), (-0.3, 0.0), (-0.3, -0.12), (0.25, -0.2)),
)  # fmt: skip
CAT: tuple[tuple[Point, ...], ...] = (
    ((-1.6, -0.5), (-2.6, -0.5), (-3.2, -1.3), (-3.1, -2.4), (-2.5, -2.9), (-2.3, -2.6), (-2.7, -2.1), (-2.75, -1.4), (-2.3, -0.95), (-1.6, -1.0)),
    ((-1.9, 0.0), (-2.1, -0.8), (-1.9, -1.9), (-1.2, -3.0), (-0.4, -3.8), (0.2, -4.4), (0.9, -4.3), (1.5, -3.7), (1.65, -2.6), (1.6, -1.2), (1.75, -0.3), (2.0, -0.15), (2.0, 0.0), (1.0, 0.0), (0.9, -0.6), (0.6, 0.0)),
    ((0.0, -4.4), (-0.1, -5.3), (0.0, -6.3), (0.35, -5.95), (0.8, -5.85), (1.3, -5.85), (1.7, -6.3), (1.9, -5.4), (1.85, -4.7), (1.4, -4.0), (0.8, -3.85), (0.3, -4.0)),
)  # fmt: skip
KINDS = (HARE, BIRD, CAT)
EYES: tuple[tuple[Point, ...], ...] = (
    ((1.72, -4.05),),
    ((2.05, -4.75),),
    ((0.55, -5.05), (1.3, -5.05)),
)


def animal(scene: Scene) -> None:
    look = hand(scene.craft, scene.seed, "animal")
    kind = look.randrange(len(KINDS))
    if scene.view == 1:
        room(scene, 1300)
        _carved(scene, (340, 1690), 285, kind, 0)
        return
    room(scene, 1000, wood=scene.seed % 2 == 0)
    if scene.view == 2:
        _carved(scene, (800, 1120), 88, (kind + 1) % 3, 1)
        _carved(scene, (420, 1270), 112, kind, 0)
        return
    _carved(scene, (590, 1270), 150, kind, 0)


def _carved(scene: Scene, at: Point, size: float, kind: int, swap: int) -> None:
    palette = scene.palette
    bodies = [palette.main, palette.second, palette.accent]
    body = bodies[swap % 3]
    floor = scene.sketch()
    floor.ellipse(at[0] + size * 0.5, at[1] + size * 0.05, size * 2.5, size * 0.24)
    shadow(scene, grain.soft(floor.done(), 6 * scene.k), 0.75)
    parts = [moved(curve(part, 7, closed=True), *at, scale=size) for part in KINDS[kind]]
    sheet = _painted(scene, size, body, swap)
    for i, part in enumerate(parts):
        pencil = scene.pencil()
        pencil.polygon(part)
        radii = (size * 0.08, size * 0.22, size * 0.5)
        solid(
            scene,
            pencil.done(),
            sheet,
            radii=radii,
            steep=1.9,
            gloss=0.34,
            height=size * 0.1 if i else 0,
            deep=0.5,
            dark=darker(body, 0.78),
        )
    for x, y in EYES[kind]:
        _eye(scene, (at[0] + x * size, at[1] + y * size), size * 0.15)


def _painted(scene: Scene, size: float, body: Colour, swap: int) -> Image.Image:
    """Rows of dots, rings and scales in four paints, over the whole picture."""
    look = hand(scene.craft, scene.seed, "paint", swap)
    palette = scene.palette
    paints = [c for c in (palette.cloth, palette.accent, palette.second, palette.main) if c != body]
    cloud = grain.clouds(scene.size, scene.hand, 5)
    layer = Image.new("RGB", scene.size, body)
    second = look.choice(paints)
    layer = Image.composite(Image.new("RGB", scene.size, second), layer, _bands(scene, size, look))
    pencils = [Pencil(1200, 1500, scene.k, fine=2) for _ in paints]
    _dots(pencils, size, look, scene.hand)
    for pencil, paint in zip(pencils, paints, strict=True):
        layer.paste(lighter(paint, 0.08), (0, 0, *layer.size), pencil.done())
    return grain.textured(layer, cloud, 0.2)


def _bands(scene: Scene, size: float, look: Random) -> Image.Image:
    """Wavy fields of a second ground."""
    pencil = scene.pencil()
    step, phase = size * look.uniform(1.7, 2.3), look.uniform(0, 6)
    y = -step
    while y < 1500 + step:
        wave = [(x, y + 0.3 * size * math.sin(x / size * 1.6 + phase)) for x in range(-20, 1240, 20)]
        pencil.polygon([*wave, *[(px, py + step * 0.45) for px, py in reversed(wave)]])
        y += step
    return pencil.done()


def _dots(pencils: list[Pencil], size: float, look: Random, by: Random) -> None:
    step = size * look.uniform(0.26, 0.34)
    count = len(pencils)
    style = look.randrange(3)
    row, y = 0, 0.0
    while y < 1500:
        x = (row % 2) * step / 2
        while x < 1200:
            px, py = x + by.gauss(0, step * 0.03), y + by.gauss(0, step * 0.03)
            r = step * (0.2 if (row // 2) % 2 else 0.3)
            paint = (row // 2) % count
            if style == 0 or (row // 2) % 3 == 0:
                pencils[paint].ellipse(px, py, r, r)
            elif style == 1:
                pencils[paint].polygon(ring(px, py, r * 1.25, r * 1.25, 24))
                pencils[paint].polygon(ring(px, py, r * 0.8, r * 0.8, 20), 0)
                pencils[(paint + 1) % count].ellipse(px, py, r * 0.4, r * 0.4)
            else:
                petal = [(0.0, -r * 1.5), (r * 0.5, 0.0), (0.0, r * 1.1), (-r * 0.5, 0.0)]
                pencils[paint].polygon(curve(moved(petal, px, py, turn=0.6 if row % 2 else -0.6), 4, closed=True))
            x += step
        y += step * 0.72
        row += 1


def _eye(scene: Scene, at: Point, size: float) -> None:
    for scale, ink, shift in ((1.5, PAPER, 0.0), (1.12, SOOT, 0.0), (0.34, (255, 255, 255), -0.32)):
        pencil = scene.pencil(fine=3)
        pencil.ellipse(at[0] + shift * size, at[1] + shift * size, size * scale, size * scale)
        scene.lay(ink, pencil.done())
