"""Tea caddies: round tins in printed paper."""

from __future__ import annotations

import math
from typing import Final

from .blockprint import printed_cloth
from .brass import BRASS, DARK, turned_brass
from .clay import CUP, TEA, cup
from .colours import Palette, darker, ramp
from .finish import METAL, SATIN
from .frame import Point, curve, outline
from .ground import room
from .lathe import turned
from .studio import Scene, drop_shadow, stand

TILT: Final = 0.17
LID: Final = outline("1,0 1.01,0.1 1,0.72 0.95,0.92 0.7,1.02 0.2,1.06 0.004,1.06")
KNOB: Final = outline("0.12,0 0.07,0.05 0.08,0.1 0.16,0.17 0.13,0.27 0.004,0.3")


def caddy(scene: Scene) -> None:
    tall = scene.look.uniform(0.9, 1.2)
    if scene.view == 1:
        room(scene, 1130)
        _tin(scene, (600, 1580), 470, tall, 0)
        return
    room(scene, 920, wood=scene.seed % 2 == 0)
    if scene.view == 2:
        _tin(scene, (410, 1130), 220, tall * 1.1, 0)
        _tin(scene, (800, 1090), 185, tall * 0.9, 1)
        cup(scene, CUP, 150, (690, 1345), tilt=0.26, fill=(24, TEA))
        _leaves(scene, (330, 1350))
        return
    _tin(scene, (580, 1260), 335, tall, 0)
    _leaves(scene, (930, 1350))


def _tin(scene: Scene, at: Point, size: float, tall: float, swap: int) -> None:
    """A round tin with a brass-edged lid, its foot at `at`."""
    high = size * 1.8 * tall
    palette = _other(scene.palette) if swap else scene.palette
    sheet = printed_cloth(
        palette,
        scene.taste("paper", swap),
        scene.hand,
        width=1150,
        height=1150 * high / (size * 3.14),
        k=scene.k * 0.75,
    )
    body = [(size * 0.97, 0.0), (size, size * 0.03), (size, high - 3), (size * 0.98, high)]
    tin = turned(body, k=scene.k, finish=SATIN, skin=sheet, tilt=TILT, columns=34)
    stand(scene, tin, at)
    top = at[1] - high * 0.985
    collar = [(1.006, 0.0), (1.02, 0.015), (1.02, 0.07), (1.006, 0.085)]
    edge = turned(
        [(r * size, h * size) for r, h in collar],
        k=scene.k,
        finish=METAL,
        skin=BRASS,
        dark=DARK,
        tilt=TILT,
        columns=34,
        rows=5,
    )
    scene.lay_on(edge, (at[0], top + size * 0.02))
    _lid(scene, (at[0], top - size * 0.06), size, swap)


def _other(palette: Palette) -> Palette:
    """The same dyes in other places, for the second tin."""
    second, cloth, accent, main = palette.second, palette.cloth, palette.accent, palette.main
    return Palette(second, cloth, accent, main, palette.wall, palette.table)


def _lid(scene: Scene, at: Point, size: float, swap: int) -> None:
    dye = darker((scene.palette.main, scene.palette.second)[swap], 0.08)
    high = size * 0.42
    lid = turned(
        curve([(r * size, h * high) for r, h in LID], 8),
        k=scene.k,
        finish=SATIN,
        skin=dye,
        tilt=TILT,
        dark=darker(dye, 0.8),
        columns=34,
    )
    scene.lay_on(lid, at)
    knob = turned_brass(scene, curve([(r * size, h * size) for r, h in KNOB], 7), tilt=TILT)
    scene.lay_on(knob, (at[0], at[1] - high * 1.03))


def _leaves(scene: Scene, at: Point) -> None:
    """A spoonful of dry tea on the table."""
    by = scene.hand
    mask, tone = scene.pencil(fine=2), scene.pencil(ground=110, fine=1)
    for _ in range(230):
        x, y = at[0] + by.gauss(0, 60), at[1] + by.gauss(0, 19)
        turn, long = by.uniform(-0.7, 0.7), by.uniform(7, 20)
        dx, dy = long * math.cos(turn), long * math.sin(turn)
        lift = by.uniform(0, 3)
        path = curve([(x, y), (x + dx * 0.5, y + dy * 0.4 - lift), (x + dx, y + dy * 0.6)], 4)
        mask.thread(path, by.uniform(2.4, 4.2))
        tone.line(path, 4.4, by.randint(40, 255))
    heap = mask.done()
    drop_shadow(scene, heap, height=6, deep=0.6)
    scene.lay(ramp(tone.done(), (34, 28, 20), (128, 118, 66)), heap)
