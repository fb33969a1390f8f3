"""Thrown and glazed: a vase, and cups with a bowl."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageChops

from . import grain
from .colours import brightness, darker, lighter, mix, ramp
from .finish import GLAZE, MATT
from .frame import Colour, Pencil, Point, curve, hand
from .lathe import Cutout, opened, turned
from .studio import Scene, room, stand

CLAY: Colour = (178, 128, 92)
Shape = tuple[Point, ...]

VASES: tuple[Shape, ...] = (
    ((0.50, 0.0), (0.56, 0.03), (0.86, 0.26), (1.0, 0.56), (0.86, 0.86), (0.46, 1.06), (0.36, 1.2),
     (0.42, 1.36), (0.47, 1.4)),
    ((0.46, 0.0), (0.50, 0.03), (0.62, 0.3), (0.76, 0.7), (0.78, 1.1), (0.60, 1.42), (0.33, 1.6),
     (0.30, 1.75), (0.40, 1.86)),
    ((0.56, 0.0), (0.62, 0.03), (0.98, 0.34), (1.0, 0.58), (0.7, 0.84), (0.32, 1.02), (0.2, 1.3),
     (0.2, 1.62), (0.3, 1.74)),
    ((0.60, 0.0), (0.64, 0.03), (0.78, 0.4), (0.82, 0.9), (0.78, 1.2), (0.66, 1.34), (0.62, 1.42),
     (0.7, 1.5)),
)  # fmt: skip


def vase(scene: Scene) -> None:
    shape = scene.look.choice(VASES)
    tall = scene.look.uniform(1.28, 1.42)
    if scene.view == 1:
        room(scene, 1120)
        _vase(scene, shape, 660, tall, (600, 1640))
        return
    room(scene, 1010, wood=scene.seed % 2 == 0)
    if scene.view == 2:
        other = VASES[(VASES.index(shape) + 1) % len(VASES)]
        _vase(scene, other, 235, tall * 0.86, (800, 1130))
        _vase(scene, shape, 285, tall, (440, 1240))
        return
    _vase(scene, shape, 372, tall, (590, 1290))


def _vase(scene: Scene, shape: Shape, size: float, tall: float, at: Point) -> None:
    profile = curve([(r * size, h * size * tall) for r, h in shape], 14)
    skin, inside = glaze(scene, (800, 900))
    pot = turned(profile, k=scene.k, finish=GLAZE, skin=skin)
    radius, high = profile[-1]
    opened(pot, radius, high, k=scene.k, inside=inside, lip=size * 0.028)
    stand(scene, pot, at)


def glaze(scene: Scene, size: tuple[int, int]) -> tuple[Image.Image, Colour]:
    """A glazed skin over bare clay, and the colour inside: one glaze runs down over another."""
    by = scene.hand
    main, over = _glazes(scene)
    w, h = max(8, round(size[0] * scene.k)), max(8, round(size[1] * scene.k))
    pool = grain.clouds((w, h), by, 4)
    skin = ramp(pool, darker(main, 0.26), lighter(main, 0.24), main)
    second = ramp(pool, darker(over, 0.16), lighter(over, 0.3), over)
    skin.paste(second, (0, 0), _runs(scene, size, 0.42, 0.16))
    skin = grain.textured(skin, grain.soft(grain.white((w, h), by), 0.8), 0.22)
    specks = Pencil(size[0], size[1], scene.k, fine=2)
    for _ in range(260):
        x, y, r = by.uniform(0, size[0]), by.uniform(0, size[1]), abs(by.gauss(0, 1.7)) + 0.6
        specks.ellipse(x, y, r, r, by.randint(90, 210))
    speck = darker(main, 0.6) if brightness(main) > 0.45 else lighter(main, 0.3)
    skin.paste(speck, (0, 0, w, h), specks.done())
    bare = ImageChops.invert(_runs(scene, size, 0.9, 0.018))
    clay = ramp(grain.fibres((w, h), by, 60), darker(CLAY, 0.3), lighter(CLAY, 0.2))
    skin.paste(clay, (0, 0), bare)
    return skin, mix(over, main, 0.4)


def _glazes(scene: Scene) -> tuple[Colour, Colour]:
    look = hand(scene.craft, scene.seed, "glaze")
    colours = [scene.palette.main, scene.palette.second, scene.palette.accent, scene.palette.cloth]
    first = look.choice(colours)
    rest = [colour for colour in colours if colour != first]
    return first, mix(first, look.choice(rest), look.uniform(0.45, 1.0))


def _runs(scene: Scene, size: tuple[int, int], level: float, wild: float) -> Image.Image:
    """The part above a wavering line (255), `level` down the height."""
    by = scene.hand
    w, h = size
    points: list[Point] = []
    x = -30.0
    while x < w + 60:
        points.append((x, h * (level + by.uniform(-wild, wild))))
        x += by.uniform(26, 60)
    pencil = Pencil(w, h, scene.k, fine=1)
    pencil.polygon([(0, 0), *curve(points, 6), (w, 0)])
    return grain.soft(pencil.done(), (1.5 + 60 * wild) * scene.k)


CUP: Shape = (
    (0.52, 0.0),
    (0.6, 0.02),
    (0.62, 0.1),
    (0.9, 0.42),
    (0.98, 0.9),
    (0.97, 1.35),
    (1.0, 1.5),
)
BOWL: Shape = ((0.42, 0.0), (0.46, 0.02), (0.46, 0.09), (0.7, 0.24), (0.9, 0.5), (1.0, 0.8))
BEAKER: Shape = ((0.7, 0.0), (0.78, 0.03), (0.84, 0.5), (0.88, 1.2), (0.92, 2.0), (0.95, 2.1))
TEA: Colour = (168, 92, 34)


def cups(scene: Scene) -> None:
    wide = scene.look.uniform(0.92, 1.08)
    if scene.view == 1:
        room(scene, 760, wood=scene.seed % 2 == 1)
        cup(scene, CUP, 400 * wide, (600, 1330), tilt=0.36, fill=(70, TEA))
        return
    room(scene, 900, wood=scene.seed % 2 == 1)
    if scene.view == 2:
        for level in range(3):
            cup(scene, BOWL, 230, (385, 1150 - 92 * level), tilt=0.26)
        for level in range(2):
            cup(scene, CUP, 165 * wide, (835, 1265 - 150 * level), tilt=0.26)
        return
    cup(scene, BEAKER, 150, (800, 1085), tilt=0.24)
    cup(scene, BOWL, 292, (415, 1140), tilt=0.24)
    cup(scene, CUP, 178 * wide, (705, 1290), tilt=0.24, fill=(26, TEA))


def cup(
    scene: Scene,
    shape: Sequence[Point],
    size: float,
    at: Point,
    *,
    tilt: float,
    fill: tuple[float, Colour] | None = None,
) -> None:
    profile = curve([(r * size, h * size) for r, h in shape], 10)
    skin, inside = glaze(scene, (700, 600))
    pot = turned(profile, k=scene.k, finish=GLAZE, skin=skin, tilt=tilt)
    radius, high = profile[-1]
    lip = 5 + size * 0.028
    opened(pot, radius, high, k=scene.k, inside=inside, tilt=tilt, lip=lip, fill=fill)
    stand(scene, pot, at)


def plinth(scene: Scene, at: Point, radius: float, high: float, colour: Colour) -> None:
    """A low round block of painted plaster to stand things on; `at` is its foot."""
    profile = [
        (radius, 0.0),
        (radius, high * 0.5),
        (radius, high - 4),
        (radius - 3, high),
        (0.5, high),
    ]
    block: Cutout = turned(profile, k=scene.k, finish=MATT, skin=colour, tilt=0.2, columns=30)
    stand(scene, block, at)
