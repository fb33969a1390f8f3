"""Turned chessmen on their board."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageChops

from .colours import darker, lighter
from .finish import Finish
from .frame import Colour, Pencil, Point, curve, outline
from .ground import away, room, wood_sheet
from .lathe import Cutout, turned
from .solids import solid
from .studio import Scene, stand

POLISH: Final = Finish(wrap=0.4, gloss=0.42, tight=0.14, rim=0.14)
FOOT: Final = "1,0 1.02,0.1 0.98,0.22 0.86,0.28 0.9,0.4 0.66,0.56 0.46,0.86 "
MEN: Final = {
    "pawn": "0.34,1.3 0.3,1.7 0.56,1.78 0.56,1.88 0.32,1.94",
    "rook": "0.5,1.4 0.48,2 0.7,2.1 0.74,2.2 0.72,2.56 0.56,2.57 0.55,2.44 0.02,2.43",
    "bishop": "0.34,1.5 0.28,2.2 0.58,2.3 0.58,2.4 0.3,2.5 0.46,2.8 0.4,3.05 0.16,3.26 0.13,3.34 0.13,3.42 0.02,3.5",
    "queen": "0.38,1.6 0.3,2.6 0.64,2.72 0.64,2.82 0.34,2.92 0.4,3.2 0.6,3.52 0.5,3.54 "
    "0.32,3.6 0.18,3.66 0.17,3.76 0.02,3.84",
    "king": "0.4,1.6 0.33,2.8 0.68,2.92 0.68,3.04 0.36,3.14 0.42,3.4 0.58,3.78 0.5,3.84 0.22,3.94 0.02,3.97",
}
PAIRS: Final[tuple[tuple[Colour, Colour], ...]] = (
    ((230, 194, 144), (112, 66, 44)),
    ((238, 218, 180), (74, 52, 46)),
    ((220, 176, 120), (140, 66, 50)),
    ((244, 232, 210), (52, 76, 80)),
)


def chess(scene: Scene) -> None:
    light, dark = pair = scene.taste("chess").choice(PAIRS)
    room(scene, 760)
    _board(scene, pair)
    if scene.view == 1:
        _row(scene, "queen", [(790, 1110)], 128, dark)
        _row(scene, "king", [(420, 1400)], 205, light)
        return
    if scene.view == 2:
        _row(scene, "rook", [(190, 930), (1015, 930)], 66, dark)
        _row(scene, "bishop", [(355, 930), (850, 930)], 66, dark)
        _row(scene, "queen", [(520, 930)], 66, dark)
        _row(scene, "king", [(685, 930)], 66, dark)
        _row(scene, "pawn", [(150 + 225 * i, 1310) for i in range(5)], 96, light)
        return
    _row(scene, "rook", [(190, 1010)], 90, dark)
    _row(scene, "queen", [(830, 1000)], 100, dark)
    _row(scene, "bishop", [(1050, 1100)], 98, dark)
    _row(scene, "king", [(440, 1200)], 134, light)
    _row(scene, "pawn", [(770, 1310)], 124, light)


def _row(scene: Scene, kind: str, places: Sequence[Point], size: float, wood: Colour) -> None:
    """Equal men: turned once, stood in their places."""
    profile = [(max(0.4, r * size), h * size) for r, h in _profile(kind)]
    grains = (max(8, round(360 * scene.k)), max(8, round(700 * scene.k)))
    man = turned(
        profile,
        k=scene.k,
        finish=POLISH,
        skin=wood_sheet(grains, wood, scene.hand, upright=True),
        tilt=0.24,
        rows=max(4.0, size / 18),
        columns=16,
        dark=darker(wood, 0.82),
    )
    for place in places:
        _stood(scene, kind, place, size, wood, man)


def _profile(kind: str) -> list[Point]:
    """The profile of a man whose foot has radius 1."""
    points = curve(outline(FOOT + MEN[kind]), 7)
    if kind == "pawn":
        turns = [t / 14 * math.pi for t in range(3, 15)]
        points += [(max(0.02, 0.46 * math.sin(t)), 2.32 - 0.46 * math.cos(t)) for t in turns]
    return points


def _stood(scene: Scene, kind: str, at: Point, size: float, wood: Colour, man: Cutout) -> None:
    if kind == "king":
        x, y, wide = at[0], at[1] - 3.9 * size * 0.97, 0.17 * size
        cross = scene.pencil()
        cross.line([(x, y + size * 0.16), (x, y - size * 0.52)], wide)
        cross.line([(x - size * 0.24, y - size * 0.22), (x + size * 0.24, y - size * 0.22)], wide)
        solid(scene, cross.done(), wood, radii=(3, 6), steep=1.0, height=0)
    stand(scene, man, at)


def _board(scene: Scene, pair: tuple[Colour, Colour]) -> None:
    """A chess board that runs away from us."""
    flat = Pencil(1200, 1200, scene.k, fine=1)
    for square in range(64):
        row, column = divmod(square, 8)
        if (row + column) % 2:
            flat.box(column * 150, row * 150, column * 150 + 150, row * 150 + 150)
    sheet = wood_sheet(flat.size, lighter(pair[0], 0.1), scene.hand)
    sheet.paste(wood_sheet(flat.size, darker(pair[1], 0.1), scene.hand), (0, 0), flat.done())
    top = 800 * scene.k
    board, inside = (
        away(flat_one, scene.size, top, far=1.75, near=0.8) for flat_one in (sheet, Image.new("L", flat.size, 255))
    )
    below = scene.pencil()
    below.box(0, 800, 1200, 1500)
    dimmed = ImageChops.multiply(board, Image.new("RGB", scene.size, (240, 233, 226)))
    scene.lay(dimmed, ImageChops.multiply(below.done(), inside))
