"""Thrown and glazed: vases, cups and bowls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .finish import GLAZE
from .frame import Colour, Point, curve, outline
from .glazes import glaze
from .ground import room
from .lathe import opened, turned
from .studio import Scene, stand

VASES: Final = (
    outline("0.5,0 0.56,0.03 0.86,0.26 1,0.56 0.86,0.86 0.46,1.06 0.36,1.2 0.42,1.36 0.47,1.4"),
    outline("0.46,0 0.5,0.03 0.62,0.3 0.76,0.7 0.78,1.1 0.6,1.42 0.33,1.6 0.3,1.75 0.4,1.86"),
    outline("0.56,0 0.62,0.03 0.98,0.34 1,0.58 0.7,0.84 0.32,1.02 0.2,1.3 0.2,1.62 0.3,1.74"),
    outline("0.6,0 0.64,0.03 0.78,0.4 0.82,0.9 0.78,1.2 0.66,1.34 0.62,1.42 0.7,1.5"),
    outline("0.44,0 0.48,0.03 0.5,0.1 0.9,0.5 1,0.84 0.9,1.1 0.6,1.24 0.56,1.3 0.64,1.36"),
)
CUP: Final = outline("0.52,0 0.6,0.02 0.62,0.1 0.9,0.42 0.98,0.9 0.97,1.35 1,1.5")
BOWL: Final = outline("0.42,0 0.46,0.02 0.46,0.09 0.7,0.24 0.9,0.5 1,0.8")
BEAKER: Final = outline("0.7,0 0.78,0.03 0.84,0.5 0.88,1.2 0.92,2 0.95,2.1")
TEA: Final[Colour] = (176, 98, 38)


def vase(scene: Scene) -> None:
    shape, tall = scene.look.choice(VASES), scene.look.uniform(1.26, 1.4)
    if scene.view == 1:
        room(scene, 1120)
        _vase(scene, shape, 660, tall, (600, 1660))
        return
    room(scene, 1010, wood=scene.seed % 2 == 0)
    if scene.view == 2:
        other = VASES[(VASES.index(shape) + 1) % len(VASES)]
        _vase(scene, other, 255, tall * 0.86, (830, 1150))
        _vase(scene, shape, 310, tall, (420, 1270))
        return
    _vase(scene, shape, 392, tall, (590, 1310))


def _vase(scene: Scene, shape: list[Point], size: float, tall: float, at: Point) -> None:
    profile = curve([(r * size, h * size * tall) for r, h in shape], 14)
    skin, inside = glaze(scene, (800, 900))
    pot = turned(profile, k=scene.k, finish=GLAZE, skin=skin)
    opened(pot, *profile[-1], k=scene.k, inside=inside, lip=size * 0.028)
    stand(scene, pot, at)


def cups(scene: Scene) -> None:
    wide = scene.look.uniform(0.94, 1.06)
    if scene.view == 1:
        room(scene, 700, wood=scene.seed % 2 == 1)
        cup(scene, CUP, 430 * wide, (600, 1390), tilt=0.36, fill=(76, TEA))
        return
    room(scene, 760, wood=scene.seed % 2 == 1)
    if scene.view == 2:
        for level in range(3):
            cup(scene, BOWL, 275, (365, 1190 - 110 * level), tilt=0.26, alone=level == 0)
        for level in range(2):
            cup(scene, CUP, 190 * wide, (880, 1300 - 196 * level), tilt=0.26, alone=level == 0)
        return
    cup(scene, BEAKER, 180, (845, 1040), tilt=0.24)
    cup(scene, BOWL, 350, (400, 1090), tilt=0.24)
    cup(scene, CUP, 215 * wide, (740, 1330), tilt=0.24, fill=(30, TEA))


def cup(
    scene: Scene,
    shape: Sequence[Point],
    size: float,
    at: Point,
    *,
    tilt: float,
    fill: tuple[float, Colour] | None = None,
    alone: bool = True,
) -> None:
    """A cup or bowl of this radius on the table, or, not `alone`, in the one below it."""
    profile = curve([(r * size, h * size) for r, h in shape], 10)
    skin, inside = glaze(scene, (700, 600))
    pot = turned(profile, k=scene.k, finish=GLAZE, skin=skin, tilt=tilt)
    lip = 5 + size * 0.028
    opened(pot, *profile[-1], k=scene.k, inside=inside, tilt=tilt, lip=lip, fill=fill)
    if alone:
        stand(scene, pot, at)
    else:
        scene.lay_on(pot, at)
