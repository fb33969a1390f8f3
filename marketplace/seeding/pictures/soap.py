"""Bars of soap, marbled and stamped."""

from __future__ import annotations

import math
from typing import Final

from PIL import Image, ImageChops

from . import grain
from .colours import darker, lighter, mix, ramp
from .frame import Colour, Point, curve, moved, outline
from .ground import flat_ground, linen
from .motifs import MOTIFS
from .solids import solid
from .studio import Scene, faded

HALF: Final = outline("-250,-130 -238,-158 -200,-168 0,-171 200,-168 238,-158 250,-130 253,0")
MILK: Final[Colour] = (248, 240, 226)


def soap(scene: Scene) -> None:
    look = scene.taste("soap")
    palette = scene.palette
    dyes = [palette.main, palette.accent, palette.second]
    kinds = [mix(dye, MILK, look.uniform(0.35, 0.6)) for dye in dyes]
    look.shuffle(kinds)
    motif = look.randrange(len(MOTIFS))
    flat_ground(scene, wood=scene.seed % 2 == 1, colour=lighter(palette.table, 0.25))
    if scene.seed % 2 == 0:
        linen(scene)
    if scene.view == 1:
        _bar(scene, (570, 760), 2.15, 0.12, kinds[0], motif)
        return
    if scene.view == 2:
        for i, turn in enumerate((-0.1, 0.05, 0.16)):
            _bar(scene, (560 + i * 40, 360 + 385 * i), 1.2, turn, kinds[i], motif)
        return
    _bar(scene, (825, 480), 1.22, 0.5, kinds[1], motif)
    _bar(scene, (365, 590), 1.22, -0.35, kinds[2], motif)
    _bar(scene, (590, 985), 1.5, 0.06, kinds[0], motif)


def _bar(scene: Scene, at: Point, big: float, turn: float, wax: Colour, motif: int) -> None:
    edge = curve([*HALF, *[(-x, -y) for x, y in HALF]], 8, closed=True)
    shape = moved(edge, *at, scale=big, turn=turn)
    sheet = _marbled(scene, wax, turn, big)
    solid(
        scene,
        shape,
        sheet,
        radii=(12 * big, 22 * big, 40 * big),
        steep=1.5,
        gloss=0.2,
        height=40 * big,
        dark=darker(wax, 0.55),
    )
    stamp = scene.pencil()
    for ink, piece in MOTIFS[motif]():
        stamp.polygon(moved(piece, *at, scale=112 * big, turn=turn), 0 if ink == 3 else 255)
    _pressed(scene, stamp.done(), wax, big)


def _marbled(scene: Scene, wax: Colour, turn: float, big: float) -> Image.Image:
    """Two soaps poured into each other: long soft bands, drawn out along the bar."""
    w, h = scene.size
    flow = grain.blotches((w, h), scene.hand, (3, 9))
    flow = Image.blend(flow, grain.blotches((w, h), scene.hand, (7, 26)), 0.22)
    waves = flow.point([round(127 + 127 * math.sin(v * 0.13 / big**0.3)) for v in range(256)])
    bands = waves.rotate(-math.degrees(turn), Image.Resampling.BILINEAR, fillcolor=128)
    return ramp(bands, darker(wax, 0.16), lighter(wax, 0.5), wax)


def _pressed(scene: Scene, mask: Image.Image, wax: Colour, big: float) -> None:
    """A stamp pressed into the soap: shadow at its upper left edge, light at the lower right."""
    step = max(1, round(4 * big * scene.k))
    slid = ImageChops.offset(mask, step, step)
    blur = 1.2 * big * scene.k
    scene.lay(darker(wax, 0.16), faded(mask, 0.45))
    dark = grain.soft(ImageChops.subtract(mask, slid), blur)
    scene.lay(darker(wax, 0.6), faded(dark, 0.6))
    light = grain.soft(ImageChops.subtract(slid, mask), blur)
    scene.lay(lighter(wax, 0.8), faded(light, 0.6))
