"""Brass things: their colour, and a clock with an enamel face."""

from __future__ import annotations

import math
from random import Random
from typing import Final

from PIL import Image, ImageChops

from . import grain
from .colours import SOOT, darker, lighter, ramp
from .finish import METAL, lit, unit
from .frame import Colour, Pencil, Point, curve, field, outline, ring
from .ground import flat_ground, linen, room
from .lathe import Cutout, turned
from .solids import tube
from .studio import Scene, drop_shadow, faded, shadow, stand

BRASS: Final[Colour] = (236, 190, 100)
DARK: Final[Colour] = (62, 34, 20)
CROWN: Final = outline("26,0 30,10 24,26 38,36 40,66 30,78 0.5,80")
CHAIN: Final = outline("600,440 760,250 980,210 1060,380 900,470 1010,640 1230,560")
HAND: Final = outline("0,0.18 0.7,0 1,-0.6 0,-1 -1,-0.6 -0.7,0")
FACES: Final[tuple[Colour, ...]] = (
    (246, 238, 220),
    (250, 246, 236),
    (36, 44, 64),
    (46, 84, 82),
    (120, 42, 44),
)


def clock(scene: Scene) -> None:
    if scene.view == 1:
        flat_ground(scene, wood=True)
        _dial(scene, (480, 900), 860)
    elif scene.view == 2:
        flat_ground(scene, colour=scene.palette.second)
        linen(scene)
        tube(scene, curve(CHAIN, 14), 17, BRASS, gloss=0.9, height=8)
        _crown(scene, (600, 850), 400)
        _dial(scene, (600, 850), 400)
    else:
        room(scene, 1000, wood=scene.seed % 2 == 0)
        _standing(scene, (600, 800), 380.0)


def turned_brass(scene: Scene, profile: list[Point], *, tilt: float = 0.16) -> Cutout:
    """A small turned piece of brass."""
    return turned(profile, k=scene.k, finish=METAL, skin=BRASS, dark=DARK, columns=14, rows=4, tilt=tilt)


def _standing(scene: Scene, at: Point, size: float) -> None:
    for side in (-1, 1):
        stand(scene, turned_brass(scene, _ball(48)), (at[0] + side * 215, at[1] + size + 30))
    _crown(scene, at, size)
    floor = scene.sketch()
    floor.ellipse(at[0] + 90, at[1] + size + 36, size * 0.95, 40)
    shadow(scene, grain.soft(floor.done(), 7 * scene.k), 0.7)
    across = Image.linear_gradient("L").rotate(90).resize(scene.size)
    side_of_case = scene.outline(ring(at[0] + 26, at[1] + 4, size, size, 120))
    scene.lay(ramp(across, darker(BRASS, 0.2), darker(BRASS, 0.72)), side_of_case)
    _dial(scene, at, size)


def _ball(size: float) -> list[Point]:
    turns = [math.pi * i / 24 for i in range(3, 25)]
    return [(max(0.4, size * math.sin(t)), size * (1 - math.cos(t))) for t in turns]


def _crown(scene: Scene, at: Point, size: float) -> None:
    """The winding crown and its ring on top of the case."""
    x, y = at[0], at[1] - size
    loop = ring(x, y - 92, 62, 62, 40)
    tube(scene, [*loop, loop[0]], 17, BRASS, gloss=0.9, height=10)
    scene.lay_on(turned_brass(scene, curve(CROWN, 6)), (x, y + 18))


def _dial(scene: Scene, at: Point, size: float) -> None:
    """Bezel, enamel face, hands, glass."""
    mask = scene.outline(ring(*at, size - 1, size - 1, 160))
    drop_shadow(scene, mask, height=22, deep=0.5)
    wide = round(2 * size * scene.k)
    light = field((wide, wide), lambda u, v: _bezel(2 * u - 1, 2 * v - 1), (150, 150))
    gold = Image.new("RGB", light.size, lighter(BRASS, 0.1))
    bezel = ImageChops.multiply(gold, ramp(light, DARK, (255, 252, 240), (176, 150, 120)))
    spark = light.point([max(0, round((v - 205) * 3.4)) for v in range(256)])
    bezel = ImageChops.screen(bezel, ramp(spark, (0, 0, 0), (255, 244, 214)))
    whole = Image.new("RGB", scene.size, BRASS)
    whole.paste(bezel, (round((at[0] - size) * scene.k), round((at[1] - size) * scene.k)))
    scene.lay(whole, mask)
    _face(scene, at, size * 0.8)


def _bezel(x: float, y: float) -> float:
    """A round moulding, a groove, a bevel down to the face."""
    r = math.hypot(x, y) or 0.01
    if r < 0.78:
        return 0.5
    for low, high, lean in ((0.9, 1.0, 1.0), (0.86, 0.9, -0.7), (0.79, 0.86, 0.6)):
        if r >= low:
            out = lean * math.sin((2 * (r - low) / (high - low) - 1) * 1.35)
            return lit(unit(x / r * out, -y / r * out, 0.85), METAL)[0] * 1.05
    return 0.12


def _face(scene: Scene, at: Point, size: float) -> None:
    look = scene.taste("face")
    paper = look.choice(FACES)
    ink = SOOT if sum(paper) > 400 else (240, 224, 184)
    mask = scene.outline(ring(*at, size, size, 160))
    cloud = grain.clouds(scene.size, scene.taste("enamel"), 4)
    scene.lay(ramp(cloud, darker(paper, 0.05), lighter(paper, 0.06)), mask)
    _marks(scene, at, size, ink, roman=look.random() < 0.6)
    _rings(scene, at, size)
    _inner_shade(scene, at, size, mask)
    _hands(scene, at, size, ink, look)
    _glass(scene, at, size, mask)


def _hands(scene: Scene, at: Point, size: float, ink: Colour, look: Random) -> None:
    hour = look.choice((1, 2, 7, 8, 9, 10)) + look.uniform(0.1, 0.3)
    for turn, long, wide in ((hour / 12, 0.5, 0.05), (hour % 1, 0.8, 0.032)):
        _pointer(scene, at, math.tau * turn, (size * wide, size * long), ink)
    scene.fill(ring(*at, size * 0.045, size * 0.045, 32), BRASS)


def _marks(scene: Scene, at: Point, size: float, ink: Colour, *, roman: bool) -> None:
    pencil = scene.pencil(fine=3)
    for i in range(60):
        near, wide = (0.9, 0.006) if i % 5 else (0.87, 0.014)
        _ray(pencil, at, math.tau * i / 60, (size * near, size * 0.94), size * wide)
    for i in range(12):
        turn = math.tau * i / 12
        if not roman:
            x, y = math.sin(turn) * size * 0.73, -math.cos(turn) * size * 0.73
            pencil.ellipse(at[0] + x, at[1] + y, size * 0.05, size * 0.05)
            continue
        bars = (3, 1, 2, 3)[i % 4]
        for bar in range(bars):
            lean = (bar - (bars - 1) / 2) * 0.075
            _ray(pencil, at, turn + lean, (size * 0.64, size * 0.82), size * 0.024)
    scene.lay(ink, pencil.done())


def _ray(pencil: Pencil, at: Point, turn: float, reach: tuple[float, float], width: float) -> None:
    sin, cos = math.sin(turn), -math.cos(turn)
    pencil.line([(at[0] + sin * r, at[1] + cos * r) for r in reach], width)


def _rings(scene: Scene, at: Point, size: float) -> None:
    pencil = scene.pencil()
    for radius in (0.96, 0.86):
        pencil.polygon(ring(*at, size * radius, size * radius, 120))
        pencil.polygon(ring(*at, size * (radius - 0.008), size * (radius - 0.008), 120), 0)
        pencil.polygon(ring(*at, size * (radius - 0.09), size * (radius - 0.09), 120), 0)
    scene.lay(scene.palette.main, pencil.done())


def _inner_shade(scene: Scene, at: Point, size: float, mask: Image.Image) -> None:
    """The bezel's shadow on the face."""
    hole = scene.pencil(ground=255, fine=1)
    hole.ellipse(at[0] + size * 0.05, at[1] + size * 0.06, size * 0.98, size * 0.98, 0)
    shade = ImageChops.multiply(grain.soft(hole.done(), size * 0.045 * scene.k), mask)
    scene.lay((40, 26, 24), faded(shade, 0.6))


def _pointer(scene: Scene, at: Point, turn: float, size: Point, ink: Colour) -> None:
    sin, cos = math.sin(turn), math.cos(turn)
    wide, long = size
    shape = [(at[0] + x * wide * cos - y * long * sin, at[1] + x * wide * sin + y * long * cos) for x, y in HAND]
    below = scene.outline([(x + 9, y + 11) for x, y in shape])
    scene.lay((40, 28, 26), faded(grain.soft(below, 4 * scene.k), 0.4))
    scene.fill(shape, ink)


def _glass(scene: Scene, at: Point, size: float, mask: Image.Image) -> None:
    """The window, faint in the glass."""
    panes = scene.pencil(fine=1)
    pane = outline("0,0.05 0.32,0 0.26,0.7 -0.06,0.76")
    for i in range(2):
        x, y = at[0] - size * (0.62 - 0.36 * i), at[1] - size * 0.66
        panes.polygon([(x + px * size, y + py * size) for px, py in pane])
    shine = ImageChops.multiply(grain.soft(panes.done(), 7 * scene.k), mask)
    scene.lay((255, 253, 246), faded(shine, 0.18))
