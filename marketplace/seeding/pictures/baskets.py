"""Baskets: woven willow, and coils of grass sewn with dyed sisal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PIL import Image

from . import grain
from .colours import BONE, darker, lighter, mix, wavering
from .finish import MATT
from .frame import Colour, Pencil, Point, curve, outline, ring
from .ground import room
from .lathe import opened, turned
from .solids import dashes, tube
from .studio import Scene, faded, stand

STRAW: Final[Colour] = (212, 168, 110)
SHAPES: Final = (
    outline("0.7,0 0.78,0.02 0.96,0.28 1,0.58 0.95,0.86 0.9,1 0.93,1.04"),
    outline("0.6,0 0.66,0.02 0.74,0.3 0.84,0.66 0.94,1 0.98,1.08"),
    outline("0.84,0 0.9,0.03 0.98,0.4 0.98,0.8 0.94,1.1 0.95,1.14"),
)
HANDLE: Final = outline("-0.8,0.02 -0.62,-0.62 0,-0.86 0.62,-0.62 0.8,0.02")
DARK: Final[Colour] = (70, 42, 28)
SKIN: Final = (1000.0, 640.0)


def basket(scene: Scene) -> None:
    look = scene.taste("basket")
    shape, tall = look.choice(SHAPES), look.uniform(0.85, 1.15)
    skin, other = (_coils, _wicker) if look.random() < 0.5 else (_wicker, _coils)
    profile = [(r, h * 1.12 * tall) for r, h in shape]
    if scene.view == 1:
        room(scene, 900)
        _woven(scene, (560, 1480), 560, profile, skin)
        return
    room(scene, 920, wood=scene.seed % 2 == 1)
    if scene.view == 2:
        _woven(scene, (825, 1080), 220, [(r, h * 0.8) for r, h in profile], other)
        _woven(scene, (430, 1270), 315, profile, skin)
        return
    _woven(scene, (600, 1280), 410, profile, skin, handle=look.random() < 0.6)


def _woven(
    scene: Scene,
    at: Point,
    size: float,
    shape: list[Point],
    skin: Callable[[Scene], Image.Image],
    *,
    handle: bool = False,
) -> None:
    profile = curve([(r * size, h * size) for r, h in shape], 10)
    body = turned(profile, k=scene.k, finish=MATT, skin=skin(scene), tilt=0.22, columns=36, dark=DARK)
    radius, high = profile[-1]
    opened(body, radius, high, k=scene.k, tilt=0.22, inside=(176, 134, 88), lip=size * 0.035)
    stand(scene, body, at)
    top = at[1] - high * 0.975
    rim = ring(at[0], top, radius * 0.985, radius * 0.217, 48)
    _bound(scene, [*rim, rim[0]], size * 0.062)
    if handle:
        loop = curve([(at[0] + x * size, top + y * size * 0.8) for x, y in HANDLE], 14)
        _bound(scene, loop, size * 0.07)


def _bound(scene: Scene, path: list[Point], width: float) -> None:
    """A bundle bound with cane: a tube with slanted turns."""
    tube(scene, path, width, STRAW, gloss=0.3)
    dents, at = scene.around(path, width)
    r, slant = width * 0.5, width * 0.2
    for (x0, y0), (x1, y1) in dashes(path, width * 0.42, 1.0):
        dx, dy = x1 - x0, y1 - y0
        start = (x0 - dy * r - dx * slant, y0 + dx * r - dy * slant)
        dents.line([start, (x0 + dy * r + dx * slant, y0 - dx * r + dy * slant)], width * 0.07)
    scene.lay((86, 52, 30), faded(dents.done(), 0.6), at)


def _wicker(scene: Scene) -> Image.Image:
    """Willow over and under upright stakes, with a few dyed rows."""
    by, (width, high) = scene.hand, SKIN
    row, stake = 21.0, 40.0
    first = scene.taste("rows").randrange(4, 14)
    dyed = {first, first + 1, first + 2, first + 10, first + 11}
    sheet = Pencil(width, high, scene.k, mode="RGB", ground=(84, 54, 34), fine=2)
    for j in range(round(high / row) + 1):
        base = wavering(scene.palette.main if j in dyed else (206, 160, 104), by, 14)
        for i in range(-1 + j % 2, round(width / stake) + 1, 2):
            _willow(sheet, (i * stake + 5, (j + 0.5) * row), stake, row, wavering(base, by, 9))
    return grain.textured(sheet.done(), grain.fibres(sheet.size, by, 24), 0.3)


def _willow(sheet: Pencil, at: Point, stake: float, row: float, tone: Colour) -> None:
    """One rod where it passes over two stakes: round, lit from above."""
    x, y = at
    for inset, ink in ((0.0, darker(tone, 0.36)), (2.4, tone), (5.6, lighter(tone, 0.22))):
        ends = [(x + inset, y - inset * 0.3), (x + stake * 2 - 18 - inset, y - inset * 0.3)]
        sheet.thread(ends, row * 0.98 - inset * 2.2, ink)


def _coils(scene: Scene) -> Image.Image:
    """A zigzag that grows stitch by stitch."""
    by, (width, high) = scene.hand, SKIN
    look = scene.taste("coils")
    row, stitch, count, steps = 22.0, 9.5, look.choice((5, 6, 8)), look.uniform(3.2, 5.0)
    palette = scene.palette
    dyes = [mix(BONE, STRAW, 0.5), palette.main, mix(BONE, STRAW, 0.8), palette.second]
    sheet = Pencil(width, high, scene.k, mode="RGB", ground=(120, 84, 54), fine=2)
    for j in range(round(high / row) + 1):
        for i in range(round(width / stitch) + 1):
            wave = abs((i * stitch / width * count) % 1.0 - 0.5) * 2
            level = int((j * row / high + wave * 0.3) * steps)
            _stitch(sheet, (i * stitch, j * row), (stitch, row), wavering(dyes[level % 4], by, 9))
    return grain.soft(sheet.done(), 0.6 * scene.k)


def _stitch(sheet: Pencil, at: Point, size: Point, tone: Colour) -> None:
    """One stitch over the coil: light on its shoulder, dark in the groove below."""
    (x, y), (wide, row) = at, size
    sheet.box(x, y + 2, x + wide - 1.2, y + row - 1, darker(tone, 0.16))
    sheet.box(x + 0.6, y + row * 0.18, x + wide - 2.4, y + row * 0.6, lighter(tone, 0.14))
    sheet.box(x, y + row * 0.84, x + wide, y + row, darker(tone, 0.6))
