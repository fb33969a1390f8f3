"""Spoons carved from one piece of wood."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageChops

from . import grain
from .colours import darker, mix
from .finish import GLAZE
from .frame import Colour, Point, curve, moved, outline
from .glazes import glaze
from .ground import flat_ground, linen, room, wood_sheet
from .lathe import opened, turned
from .solids import solid
from .studio import Scene, faded, stand

WOODS: Final[tuple[Colour, ...]] = (
    (202, 148, 94),
    (156, 98, 60),
    (226, 188, 136),
    (118, 74, 50),
    (182, 112, 74),
)
BOWL: Final = outline("0,-192 34,-187 66,-168 98,-112 110,-20 84,78 42,140 23,210")
HANDLES: Final = (
    outline("20,420 24,640 30,800 18,842 0,850"),
    outline("20,560 36,720 44,800 26,850 0,862"),
    outline("19,420 16,700 20,792 34,812 34,846 0,866"),
)
HOLLOW: Final = outline("0,-172 30,-168 60,-150 88,-100 98,-20 74,66 34,112 0,122")
JAR: Final = outline("150,0 158,8 176,120 182,330 178,440 184,470")


def spoons(scene: Scene) -> None:
    look = scene.taste("spoon")
    wood = look.choice(WOODS)
    half = _half(look.uniform(0.92, 1.14), look.uniform(0.9, 1.08), look.randrange(3))
    if scene.view == 2:
        _in_a_jar(scene, wood, look.randrange(3))
        return
    quiet = mix(scene.palette.cloth, scene.palette.wall, 0.6)
    flat_ground(scene, colour=quiet if scene.seed % 2 else scene.palette.second)
    linen(scene)
    if scene.view == 1:
        _spoon(scene, (470, 600), 2.5, 0.62, wood, half)
        return
    others = [other for other in WOODS if other != wood]
    _spoon(scene, (310, 440), 1.0, 0.1, look.choice(others), _half(0.8, 1.0, look.randrange(3)))
    _spoon(scene, (600, 370), 1.2, 0.0, wood, half)
    _spoon(scene, (905, 470), 0.96, -0.1, look.choice(others), _half(1.1, 0.9, look.randrange(3)))


def _half(wide: float, long: float, kind: int) -> list[Point]:
    """The right half of a spoon around the middle of its bowl, from the tip to the end."""
    return [*[(x * wide, y) for x, y in BOWL], *[(x, y * long) for x, y in HANDLES[kind]]]


def _mirrored(half: Sequence[Point]) -> list[Point]:
    return curve([*half, *[(-x, y) for x, y in half[-2:0:-1]]], 10, closed=True)


def _spoon(scene: Scene, at: Point, big: float, turn: float, wood: Colour, half: list[Point]) -> None:
    """A spoon whose bowl lies at `at`; its handle points down and is turned by `turn`."""
    shape = moved(_mirrored(half), *at, scale=big, turn=turn)
    radii = (6 * big, 16 * big, 30 * big)
    sheet = _figured(scene, at, big, turn, wood)
    dark = darker(wood, 0.75)
    solid(scene, shape, sheet, radii=radii, steep=1.5, gloss=0.16, height=22 * big, dark=dark)
    wide = half[4][0] / BOWL[4][0]
    hollow = _mirrored([(x * wide, y) for x, y in HOLLOW])
    _scooped(scene, moved(hollow, *at, scale=big, turn=turn), big)


def _figured(scene: Scene, at: Point, big: float, turn: float, wood: Colour) -> Image.Image:
    """Wood whose figure runs along a spoon at `at`."""
    w, h = scene.size
    if abs(turn) < 0.3:
        strip = wood_sheet((round(w * 0.4 * big), h), wood, scene.hand, upright=True)
        straight = Image.new("RGB", (w, h), wood)
        straight.paste(strip, (round(at[0] * scene.k - strip.width / 2), 0))
        return straight
    sheet = wood_sheet((w, h), wood, scene.hand, upright=True)
    zoom = 0.62 / big**0.4
    cos, sin, cx, cy = math.cos(turn) * zoom, math.sin(turn) * zoom, w / 2, h / 2
    back = (cos, sin, cx - cos * cx - sin * cy, -sin, cos, cy + sin * cx - cos * cy)
    return sheet.transform((w, h), Image.Transform.AFFINE, back, Image.Resampling.BICUBIC)


def _scooped(scene: Scene, shape: Sequence[Point], big: float) -> None:
    """The hollow of the bowl: dark towards the window, light on the far side."""
    pencil, at = scene.around(shape, 50 * big)
    pencil.polygon(shape)
    mask = pencil.done()
    k = scene.k
    lower = grain.soft(_slid(mask, 34 * big * k), 24 * big * k)
    scene.lay((52, 28, 18), faded(ImageChops.subtract(mask, lower), 0.62), at)
    upper = grain.soft(_slid(mask, -34 * big * k), 20 * big * k)
    scene.lay((255, 232, 196), faded(ImageChops.subtract(mask, upper), 0.34), at)
    rim = ImageChops.subtract(mask, _slid(mask, -3 * big * k))
    scene.lay((255, 240, 214), faded(grain.soft(rim, 0.8 * k), 0.5), at)


def _slid(mask: Image.Image, by: float) -> Image.Image:
    return ImageChops.offset(mask, round(by), round(by))


def _in_a_jar(scene: Scene, wood: Colour, kind: int) -> None:
    """Three spoons in a glazed jar: what is below the rim's front is the jar's."""
    room(scene, 1020, wood=scene.seed % 2 == 0)
    profile = curve([(r * 1.15, h * 1.15) for r, h in JAR], 10)
    skin, inside = glaze(scene, (600, 500))
    jar = turned(profile, k=scene.k, finish=GLAZE, skin=skin)
    radius, high = profile[-1]
    opened(jar, radius, high, k=scene.k, inside=inside)
    foot = (600.0, 1300.0)
    stand(scene, jar, foot)
    rim = foot[1] - high * 0.987
    for x, y, turn, other in ((445, 530, -0.2, WOODS[2]), (765, 545, 0.2, WOODS[3]), (600, 420, 0.02, wood)):
        _spoon(scene, (x, y), 0.98, turn, other, _half(1.0, 0.62, kind))
    front = scene.pencil()
    front.box(0, rim, 1200, 1500)
    front.ellipse(600, rim, radius - 13, (radius - 13) * 0.16 - 2, 0)
    corner = (
        round(foot[0] * scene.k - jar.foot[0]),
        round(foot[1] * scene.k - jar.foot[1]),
    )
    whole = Image.new("L", scene.size, 0)
    whole.paste(jar.mask, corner)
    sheet = Image.new("RGB", scene.size)
    sheet.paste(jar.colour, corner)
    scene.lay(sheet, ImageChops.multiply(front.done(), whole))
