"""Cloth to wear and to hang: printed scarves, woven throws."""

from __future__ import annotations

from random import Random
from typing import Final, Protocol

from PIL import Image, ImageChops

from . import grain
from .blockprint import printed_cloth
from .colours import Palette, darker, ramp
from .drape import Wave, bent, fold_light, folds, lit_cloth
from .frame import Colour, Pencil, Point, curve
from .ground import room, wood_sheet
from .loom import ikat, stripes
from .piles import pile
from .studio import Scene, drop_shadow

ROD: Final[Colour] = (156, 108, 70)


class Weaver(Protocol):
    """Makes a flat cloth of `width` by `height` units at `k` pixels per unit."""

    def __call__(
        self, palette: Palette, look: Random, hand: Random, *, width: float, height: float, k: float
    ) -> Image.Image: ...


def scarf(scene: Scene) -> None:
    _shown(scene, printed_cloth, 600.0)


def throw(scene: Scene) -> None:
    weaver: Weaver = ikat if scene.look.random() < 0.55 else stripes
    _shown(scene, weaver, 760.0)


def _shown(scene: Scene, weaver: Weaver, width: float) -> None:
    look = scene.taste("cloth")
    if scene.view == 1:
        near = scene.k * 1.25
        sheet = weaver(scene.palette, look, scene.hand, width=992, height=1248, k=near)
        _close(scene, sheet)
    elif scene.view == 2:
        sheet = weaver(scene.palette, look, scene.hand, width=900, height=760, k=scene.k)
        pile(scene, sheet)
    else:
        sheet = weaver(scene.palette, look, scene.hand, width=width * 1.3, height=1200, k=scene.k)
        _hung(scene, sheet, width)


def _close(scene: Scene, sheet: Image.Image) -> None:
    """So near that the threads show, in soft folds across the picture."""
    waves = [
        Wave(wave.across * 0.5, wave.phase, wave.lean + 1.1, wave.bend, wave.deep)
        for wave in folds(scene.hand, 3, 2.2, 0.8)
    ]
    cloth = bent(sheet, scene.size, waves, much=0.035)
    light = fold_light(scene.size, waves, strong=2.0)
    scene.picture = lit_cloth(cloth, light, darker(scene.palette.main, 0.78))


def _hung(scene: Scene, sheet: Image.Image, width: float) -> None:
    """Over a rod before the wall, with a fringe."""
    room(scene, 1310, wood=scene.seed % 3 == 0)
    k, by = scene.k, scene.hand
    waves = folds(by, 4, by.uniform(4.0, 6.0), 0.9)
    size = (round(width * k), round(1090 * k))
    cloth = bent(sheet, size, waves, much=0.017)
    cloth = lit_cloth(cloth, fold_light(size, waves, strong=1.5), darker(scene.palette.main, 0.78))
    cloth = ImageChops.multiply(cloth, _over_rod(size, k))
    left, top = 600 - width / 2, 130.0
    mask = Image.new("L", scene.size, 0)
    mask.paste(_hem(scene, width, 1090), (round(left * k), round(top * k)))
    whole = Image.new("RGB", scene.size, scene.palette.cloth)
    whole.paste(cloth, (round(left * k), round(top * k)))
    threads, fringe = _fringe(scene, (left, top + 1080, width))
    drop_shadow(scene, ImageChops.lighter(mask, fringe), height=46, deep=0.6)
    scene.lay(threads, fringe)
    scene.lay(whole, mask)
    _rod(scene, (left, top), width)


def _over_rod(size: tuple[int, int], k: float) -> Image.Image:
    """The light where the cloth bends over the rod: round above, a soft shadow below it."""
    rows = []
    for y in range(size[1]):
        at = y / k
        bend = 0.55 + 0.45 * min(1.0, at / 11)
        below = 1 - 0.2 * max(0.0, 1 - abs(at - 40) / 22)
        rows.append(round(255 * bend * below))
    return grain.grey(Image.frombytes("L", (1, size[1]), bytes(rows)).resize(size))


def _hem(scene: Scene, width: float, height: float) -> Image.Image:
    """The outline of the hanging cloth: its sides are not quite straight."""
    by = scene.hand
    left = [(6 + by.uniform(-4, 5), height * i / 6) for i in range(7)]
    right = [(width - 6 + by.uniform(-5, 4), height * i / 6) for i in range(6, -1, -1)]
    pencil = Pencil(width, height, scene.k, fine=2)
    pencil.polygon([*curve(left, 8), *curve(right, 8)])
    return pencil.done()


def _fringe(scene: Scene, area: tuple[float, float, float]) -> tuple[Image.Image, Image.Image]:
    left, top, width = area
    by = scene.hand
    ink = scene.palette.cloth if scene.look.random() < 0.5 else scene.palette.main
    mask, tone = scene.pencil(), scene.pencil(ground=150, fine=1)
    x = left + 10
    while x < left + width - 8:
        sway, long = by.gauss(0, 5), 76 + by.uniform(-6, 8)
        path = curve([(x, top - 8), (x + sway * 0.4, top + 34), (x + sway, top + long)], 5)
        mask.line(path, 3.4)
        tone.line(path, 3.4, by.randint(90, 255))
        x += by.uniform(4.5, 8.5)
    return ramp(tone.done(), darker(ink, 0.6), ink), mask.done()


def _rod(scene: Scene, corner: Point, width: float) -> None:
    """The ends of the turned rod the cloth hangs over."""
    k = scene.k
    long, thick, out = width + 190, 28.0, 95.0
    size = (round(long * k), max(2, round(thick * k)))
    wood = wood_sheet(size, ROD, scene.hand)
    fall = Image.linear_gradient("L").resize(size)
    shine = fall.point([max(0, min(255, round(255 - abs(v - 70) * 1.15))) for v in range(256)])
    rod = ImageChops.multiply(wood, grain.grey(shine))
    pencil = Pencil(long, thick, k, fine=2)
    pencil.thread([(thick / 2, thick / 2), (long - thick / 2, thick / 2)], thick)
    mask = pencil.done()
    for start in (0.0, long - out - 4):
        box = (round(start * k), 0, round((start + out + 4) * k), size[1])
        at = ((corner[0] - out + start) * k, (corner[1] - 6) * k)
        drop_shadow(scene, mask.crop(box), height=40, deep=0.4, at=at)
        scene.lay(rod.crop(box), mask.crop(box), at)
