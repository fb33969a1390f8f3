"""Carved and turned wood: spoons, and a chess set on its board."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageChops

from . import grain
from .clay import glaze
from .colours import darker, lighter, mix
from .finish import GLAZE, Finish
from .frame import Colour, Pencil, Point, curve, hand, moved
from .lathe import Cutout, opened, turned
from .solids import solid
from .studio import Scene, flat_ground, room, stand, wood_sheet

WOODS: tuple[Colour, ...] = (
    (196, 142, 88),
    (148, 92, 56),
    (222, 184, 132),
    (112, 70, 46),
    (176, 108, 70),
)
POLISH: Finish = Finish(wrap=0.4, gloss=0.42, tight=0.14, rim=0.14)


def spoons(scene: Scene) -> None:
    look = hand(scene.craft, scene.seed, "spoon")
    wood = look.choice(WOODS)
    shape = (look.uniform(0.9, 1.15), look.uniform(0.9, 1.1), look.random())
    if scene.view == 2:
        _in_a_jar(scene, wood, shape)
        return
    flat_ground(
        scene,
        colour=mix(scene.palette.cloth, scene.palette.wall, 0.6) if scene.seed % 2 else scene.palette.second,
    )
    _linen(scene)
    if scene.view == 1:
        _spoon(scene, (420, 640), 2.5, 0.62, wood, shape)
        return
    others = [other for other in WOODS if other != wood]
    _spoon(scene, (330, 420), 0.94, 0.1, look.choice(others), (0.8, 1.1, 0.2))
    _spoon(scene, (600, 380), 1.12, 0.0, wood, shape)
    _spoon(scene, (880, 450), 0.9, -0.1, look.choice(others), (1.12, 0.8, 0.7))


def _linen(scene: Scene) -> None:
    warp = grain.fibres(scene.size, scene.hand, 60, upright=True)
    weft = grain.fibres(scene.size, scene.hand, 60)
    scene.picture = grain.textured(scene.picture, Image.blend(warp, weft, 0.5), 0.35)


def _spoon(
    scene: Scene,
    at: Point,
    big: float,
    turn: float,
    wood: Colour,
    shape: tuple[float, float, float],
) -> None:
    """A spoon whose bowl lies at `at`; its handle points down and is turned by `turn`."""
    wide, long, kind = shape
    half = [
        (0.0, -192.0),
        (34, -187),
        (66, -168),
        (98, -112),
        (110, -20),
        (82, 78),
        (40, 140),
        (23, 210),
        (20, 420),
        (24, 640),
        (30, 800 * long),
        (18, 842 * long),
        (0.0, 850 * long),
    ]
    if kind > 0.55:
        half[9:] = [
            (20, 560),
            (34, 720 * long),
            (44, 800 * long),
            (26, 850 * long),
            (0.0, 862 * long),
        ]
    half = [(x * (wide if y < 150 else 1.0), y) for x, y in half]
    outline = curve([*half, *[(-x, y) for x, y in half[-2:0:-1]]], 10, closed=True)
    place = {"x": at[0], "y": at[1], "scale": big, "turn": turn}
    pencil = scene.pencil()
    pencil.polygon(moved(outline, **place))
    sheet = _figured(scene, at, big, turn, wood)
    solid(
        scene,
        pencil.done(),
        sheet,
        radii=(6 * big, 16 * big, 30 * big),
        steep=1.5,
        gloss=0.16,
        height=22 * big,
        dark=darker(wood, 0.75),
    )
    hollow = [
        (x * 0.84 * wide, y)
        for x, y in (
            (0, -172),
            (30, -168),
            (60, -150),
            (88, -100),
            (98, -20),
            (74, 66),
            (34, 112),
            (0, 122),
        )
    ]
    bowl = curve([*hollow, *[(-x, y) for x, y in hollow[-2:0:-1]]], 10, closed=True)
    _scooped(scene, moved(bowl, **place), big)


def _figured(scene: Scene, at: Point, big: float, turn: float, wood: Colour) -> Image.Image:
    w, h = scene.size
    if abs(turn) < 0.3:
        strip = wood_sheet((round(w * 0.4 * big), h), wood, scene.hand, upright=True)
        straight = Image.new("RGB", (w, h), wood)
        straight.paste(strip, (round(at[0] * scene.k - strip.width / 2), 0))
        return straight
    sheet = wood_sheet((w, h), wood, scene.hand, upright=True)
    cos, sin = math.cos(turn), math.sin(turn)
    cx, cy, s = w / 2, h / 2, 0.62 / big**0.4
    turned_back = (
        cos * s,
        sin * s,
        cx - s * (cos * cx + sin * cy),
        -sin * s,
        cos * s,
        cy - s * (cos * cy - sin * cx),
    )
    return sheet.transform((w, h), Image.Transform.AFFINE, turned_back, Image.Resampling.BICUBIC)


def _scooped(scene: Scene, outline: Sequence[Point], big: float) -> None:
    """The hollow of the bowl: dark towards the window, light on the far side."""
    pencil = scene.pencil()
    pencil.polygon(outline)
    mask = pencil.done()
    k = scene.k
    shift = round(34 * big * k)
    lower = grain.soft(ImageChops.offset(mask, shift, shift), 24 * big * k)
    dark = ImageChops.multiply(ImageChops.invert(lower), mask)
    scene.lay((52, 28, 18), dark.point([round(v * 0.62) for v in range(256)]))
    upper = grain.soft(ImageChops.offset(mask, -shift, -shift), 20 * big * k)
    light = ImageChops.multiply(ImageChops.invert(upper), mask)
    scene.lay((255, 232, 196), light.point([round(v * 0.34) for v in range(256)]))
    rim = ImageChops.subtract(mask, ImageChops.offset(mask, round(-3 * big * k), round(-3 * big * k)))
    scene.lay((255, 240, 214), grain.soft(rim, 0.8 * k).point([round(v * 0.5) for v in range(256)]))


def _in_a_jar(scene: Scene, wood: Colour, shape: tuple[float, float, float]) -> None:
    room(scene, 1020, wood=scene.seed % 2 == 0)
    for x, y, turn, kind in (
        (470, 560, -0.16, WOODS[2]),
        (735, 575, 0.17, WOODS[3]),
        (600, 470, 0.02, wood),
    ):
        _spoon(scene, (x, y), 0.92, turn, kind, (shape[0], 0.78, 0.3))
    profile = curve([(150, 0), (158, 8), (176, 120), (182, 330), (178, 440), (184, 470)], 10)
    skin, inside = glaze(scene, (600, 500))
    jar = turned(profile, k=scene.k, finish=GLAZE, skin=skin)
    behind = scene.picture.copy()
    opened(jar, 184, 470, k=scene.k, inside=inside)
    stand(scene, jar, (600, 1280))
    front = scene.pencil()
    front.box(0, 0, 1200, 1280 - 470 * 0.987 + 8)
    rim = scene.pencil()
    rim.ellipse(600, 1280 - 470 * 0.987, 172, 25)
    rim.box(300, 0, 900, 1280 - 470 * 0.987)
    scene.picture.paste(behind, (0, 0), ImageChops.multiply(front.done(), rim.done()))


Turning = tuple[Point, ...]
FOOT: Turning = (
    (1.0, 0.0),
    (1.02, 0.1),
    (0.98, 0.22),
    (0.86, 0.28),
    (0.9, 0.4),
    (0.66, 0.56),
    (0.46, 0.86),
)


def _piece(kind: str) -> list[Point]:
    """Profiles of the men, radius 1 at the foot."""
    body: dict[str, Turning] = {
        "pawn": ((0.34, 1.3), (0.3, 1.7), (0.56, 1.78), (0.56, 1.88), (0.32, 1.94)),
        "rook": ((0.5, 1.4), (0.48, 2.0), (0.7, 2.1), (0.74, 2.2), (0.72, 2.56), (0.56, 2.57), (0.55, 2.44), (0.02, 2.43)),
        "bishop": ((0.34, 1.5), (0.28, 2.2), (0.58, 2.3), (0.58, 2.4), (0.3, 2.5), (0.46, 2.8), (0.4, 3.05), (0.16, 3.26), (0.13, 3.34), (0.13, 3.42), (0.02, 3.5)),
        "queen": ((0.38, 1.6), (0.3, 2.6), (0.64, 2.72), (0.64, 2.82), (0.34, 2.92), (0.4, 3.2), (0.6, 3.52), (0.5, 3.54), (0.32, 3.6), (0.18, 3.66), (0.17, 3.76), (0.02, 3.84)),
        "king": ((0.4, 1.6), (0.33, 2.8), (0.68, 2.92), (0.68, 3.04), (0.36, 3.14), (0.42, 3.4), (0.58, 3.78), (0.5, 3.84), (0.22, 3.94), (0.02, 3.97)),
    }  # fmt: skip
    points = curve([*FOOT, *body[kind]], 7)
    if kind == "pawn":
        points += [
            (max(0.02, 0.46 * math.sin(t / 14 * math.pi)), 2.32 - 0.46 * math.cos(t / 14 * math.pi))
            for t in range(3, 15)
        ]
    return points


def chess(scene: Scene) -> None:
    look = hand(scene.craft, scene.seed, "chess")
    pair = look.choice(
        (
            ((226, 190, 140), (104, 60, 40)),
            ((236, 214, 176), (70, 48, 42)),
            ((214, 168, 112), (132, 62, 46)),
        )
    )
    light, dark = pair
    room(scene, 760)
    _board(scene, pair)
    if scene.view == 1:
        _man(scene, "queen", (760, 1120), 118, dark)
        _man(scene, "king", (420, 1380), 190, light)
        return
    if scene.view == 2:
        _row(scene, "rook", [(190, 930), (1015, 930)], 66, dark)
        _row(scene, "bishop", [(355, 930), (850, 930)], 66, dark)
        _man(scene, "queen", (520, 930), 66, dark)
        _man(scene, "king", (685, 930), 66, dark)
        _row(scene, "pawn", [(150 + 225 * i, 1310) for i in range(5)], 96, light)
        return
    _man(scene, "rook", (190, 1010), 84, dark)
    _man(scene, "queen", (830, 1000), 92, dark)
    _man(scene, "bishop", (1030, 1090), 88, dark)
    _man(scene, "king", (440, 1180), 118, light)
    _man(scene, "pawn", (760, 1270), 106, light)


def _man(scene: Scene, kind: str, at: Point, size: float, wood: Colour) -> None:
    _stood(scene, kind, at, size, wood, _turned_man(scene, kind, size, wood))


def _row(scene: Scene, kind: str, places: Sequence[Point], size: float, wood: Colour) -> None:
    """Equal men in a row: turned once."""
    man = _turned_man(scene, kind, size, wood)
    for place in places:
        _stood(scene, kind, place, size, wood, man)


def _turned_man(scene: Scene, kind: str, size: float, wood: Colour) -> Cutout:
    profile = [(max(0.4, r * size), h * size) for r, h in _piece(kind)]
    grains = (max(8, round(360 * scene.k)), max(8, round(700 * scene.k)))
    skin = wood_sheet(grains, wood, scene.hand, upright=True)
    return turned(
        profile, k=scene.k, finish=POLISH, skin=skin, tilt=0.24, rows=max(4.0, size / 18),
        columns=16, dark=darker(wood, 0.82),
    )  # fmt: skip


def _stood(scene: Scene, kind: str, at: Point, size: float, wood: Colour, man: Cutout) -> None:
    if kind == "king":
        x, y, wide = at[0], at[1] - 3.9 * size * 0.97, 0.17 * size
        pencil = scene.pencil()
        pencil.line([(x, y + size * 0.16), (x, y - size * 0.52)], wide)
        pencil.line([(x - size * 0.24, y - size * 0.22), (x + size * 0.24, y - size * 0.22)], wide)
        solid(scene, pencil.done(), wood, radii=(3, 6), steep=1.0, height=0)
    stand(scene, man, at)


def _board(scene: Scene, pair: tuple[Colour, Colour]) -> None:
    """A chess board that runs away from us."""
    k = scene.k
    flat = Pencil(1200, 1200, k, fine=1)
    for row in range(8):
        for column in range(8):
            if (row + column) % 2:
                flat.box(column * 150, row * 150, column * 150 + 150, row * 150 + 150)
    size = flat.size
    sheet = wood_sheet(size, lighter(pair[0], 0.1), scene.hand)
    sheet.paste(wood_sheet(size, darker(pair[1], 0.1), scene.hand), (0, 0), flat.done())
    w, h = scene.size
    top, far = 800 * k, 0.46
    deep = h - top
    bend = (1 / far - 1) / deep
    # Rows further away are seen through a larger part of the sheet.
    scale = 1 / far * 0.82
    middle, half = w / 2, size[0] / 2
    base = 1 - bend * top
    across = (scale / base, (half * bend) / base, (half * base - scale * middle) / base)
    down = (
        0.0,
        size[1] * 0.66 * (1 / far) / deep / base,
        -size[1] * 0.66 * (1 / far) / deep * top / base,
    )
    board = sheet.transform(
        (w, h),
        Image.Transform.PERSPECTIVE,
        (*across, *down, 0.0, bend / base),
        Image.Resampling.BICUBIC,
    )
    mask = scene.pencil(fine=2)
    mask.box(0, 800, 1200, 1500)
    edge = Image.new("L", size, 255).transform(
        (w, h),
        Image.Transform.PERSPECTIVE,
        (*across, *down, 0.0, bend / base),
        Image.Resampling.BILINEAR,
    )
    inside = ImageChops.multiply(mask.done(), edge)
    lit = ImageChops.multiply(board, Image.new("RGB", (w, h), (236, 228, 220)))
    scene.lay(lit, inside)
