"""Cushions covered with kilim."""

from __future__ import annotations

import math
from typing import Final

from PIL import Image

from . import grain
from .colours import mix, ramp
from .frame import Colour, Point, curve, field, moved, outline
from .ground import room
from .loom import kilim
from .solids import solid, tube
from .studio import Scene, drop_shadow, shadow

SIDE: Final = outline("-1,-1 -0.6,-0.93 0,-0.9 0.6,-0.93")
CELLS: Final = 14
REACH: Final = 1.5


def cushion(scene: Scene) -> None:
    if scene.view == 1:
        _close(scene)
        return
    room(scene, 1100, wood=scene.seed % 2 == 0)
    if scene.view == 2:
        _cushion(scene, (765, 630), 350, 0.12, 1)
        _cushion(scene, (440, 850), 375, -0.1, 0)
        return
    _cushion(scene, (600, 770), 480, scene.look.uniform(-0.05, 0.05), 0)


def _close(scene: Scene) -> None:
    """So near that the knots show, over the swell of the filling."""
    rug = kilim(scene.palette, scene.taste("rug", 0), scene.hand, width=620, height=775, k=scene.k * 2.2)
    w, h = scene.size
    left = round(rug.width * 0.07)
    scene.picture = rug.crop((left, rug.height - h, left + w, rug.height))
    swell = field(scene.small, lambda u, v: 1.06 - 0.4 * ((u - 0.3) ** 2 + (v - 0.32) ** 2), (16, 20))
    scene.multiply(scene.whole(ramp(swell, (130, 116, 116), (255, 253, 248))))


def _cushion(scene: Scene, at: Point, size: float, turn: float, swap: int) -> None:
    edge: list[Point] = []
    for quarter in range(4):
        edge += moved(SIDE, 0, 0, turn=quarter * math.pi / 2)
    shape = moved(curve(edge, 8, closed=True), *at, scale=size, turn=turn)
    floor = scene.sketch()
    floor.ellipse(at[0] + size * 0.2, at[1] + size * 0.95, size * 1.0, size * 0.1)
    shadow(scene, grain.soft(floor.done(), 7 * scene.k), 0.75)
    sheet = _wrapped(scene, at, size, turn, swap)
    dark = (62, 40, 36)
    solid(scene, shape, sheet, radii=(20, 60, 130), steep=1.25, height=50, deep=0.5, dark=dark)
    cord = mix((scene.palette.second, scene.palette.main)[swap], (80, 60, 50), 0.15)
    tube(scene, [*shape, shape[0]], 12, cord, gloss=0.15)
    for corner in ((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)):
        foot = moved([corner], *at, scale=size, turn=turn)[0]
        _tassel(scene, foot, corner[0], size / 440, cord)


def _tassel(scene: Scene, at: Point, side: float, big: float, cord: Colour) -> None:
    x, y = at
    threads = []
    for _ in range(22):
        dx = (side * scene.hand.uniform(4, 46)) * big
        dy = (34 + abs(scene.hand.gauss(0, 13))) * big
        threads.append([(x, y), (x + dx * 0.6, y + dy * 0.5), (x + dx, y + dy + 30 * big)])
    spread = [point for thread in threads for point in thread]
    mask, corner = scene.around(spread, 6)
    tone, _ = scene.around(spread, 6, ground=120)
    for thread in threads:
        mask.thread(thread, 5 * big)
        tone.line(thread, 5 * big, scene.hand.randint(90, 255))
    cut = mask.done()
    drop_shadow(scene, cut, height=14, deep=0.5, at=corner)
    scene.lay(ramp(tone.done(), mix(cord, (30, 20, 24), 0.6), mix(cord, (255, 250, 240), 0.25)), cut, corner)


def _wrapped(scene: Scene, at: Point, size: float, turn: float, swap: int) -> Image.Image:
    """The kilim over the whole picture, turned and bulged like the cushion below it."""
    rug = kilim(scene.palette, scene.taste("rug", swap), scene.hand, width=900, height=900, k=scene.k)
    mesh = []
    for i in range(CELLS):
        for j in range(CELLS):
            x0, y0 = (round((c + _place(n) * size) * scene.k) for c, n in zip(at, (i, j), strict=True))
            x1, y1 = (round((c + _place(n + 1) * size) * scene.k) for c, n in zip(at, (i, j), strict=True))
            corners = ((i, j), (i, j + 1), (i + 1, j + 1), (i + 1, j))
            quad = [part for corner in corners for part in _on_rug(*corner, turn, rug.width)]
            mesh.append(((x0, y0, x1, y1), tuple(quad)))
    return rug.transform(scene.size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)


def _place(cell: int) -> float:
    return (2 * cell / CELLS - 1) * REACH


def _on_rug(i: int, j: int, turn: float, wide: int) -> Point:
    """Which point (pixels) of the rug lies over the corner of a cell."""
    x, y = _place(i), _place(j)
    u = x * math.cos(turn) + y * math.sin(turn)
    v = -x * math.sin(turn) + y * math.cos(turn)
    swell = 1.0 - 0.1 * math.cos(min(1.0, math.hypot(u, v)) * math.pi / 2)
    u, v = u * swell * (1 + 0.1 * (1 - v * v)), v * swell * (1 + 0.1 * (1 - u * u))
    return (0.5 + 0.5 * u) * wide, (0.5 + 0.5 * v) * wide
