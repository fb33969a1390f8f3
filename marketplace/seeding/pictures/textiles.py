"""Cloth to wear and to hang: printed scarves, woven throws."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from PIL import Image, ImageChops

from . import grain
from .blockprint import printed_cloth
from .colours import darker
from .drape import Wave, bent, fold_light, folds, lit_cloth
from .frame import Colour, Pencil, Point, curve
from .loom import ikat, stripes
from .studio import Scene, drop_shadow, room, wood_sheet

Weaver = Callable[..., Image.Image]


def scarf(scene: Scene) -> None:
    (_hung, _close, _piled)[scene.view % 3](scene, printed_cloth, 560.0)


def throw(scene: Scene) -> None:
    weaver = ikat if scene.look.random() < 0.55 else stripes
    (_hung, _close, _piled)[scene.view % 3](scene, weaver, 700.0)


def _sheet(scene: Scene, weaver: Weaver, width: float, height: float) -> Image.Image:
    look = Random(scene.look.random())  # noqa: S311 (a drawing, not a secret)
    return weaver(scene.palette, look, scene.hand, width=width, height=height, k=scene.k)


def _dark(colour: Colour) -> Colour:
    return darker(colour, 0.78)


def _hung(scene: Scene, weaver: Weaver, width: float) -> None:
    """Over a rod before the wall, with a fringe."""
    sheet = _sheet(scene, weaver, width * 1.3, 1180)
    room(scene, 1290, wood=scene.seed % 3 == 0)
    k, by = scene.k, scene.hand
    waves = folds(by, 4, by.uniform(4.0, 6.0), 0.9)
    size = (round(width * k), round(1060 * k))
    cloth = bent(sheet, size, waves, much=0.03)
    light = fold_light(size, waves, strong=1.5)
    cloth = lit_cloth(cloth, light, _dark(scene.palette.main))
    left, top = 600 - width / 2, 150.0
    mask = _hem(scene, size, waves)
    whole = scene.pencil(fine=1).done()
    whole.paste(mask, (round(left * k), round(top * k)))
    threads, thread_mask = _fringe(scene, waves, (left, top + 1050, width))
    drop_shadow(scene, ImageChops.lighter(whole, thread_mask), height=46, deep=0.6)
    scene.lay(threads, thread_mask)
    scene.lay(cloth, mask, (left * k, top * k))
    _rod(scene, left, top, width)


def _hem(scene: Scene, size: tuple[int, int], waves: list[Wave]) -> Image.Image:
    k, by = scene.k, scene.hand
    w, h = size[0] / k, size[1] / k
    left = [(6 + by.uniform(-4, 5), h * i / 6) for i in range(7)]
    right = [(w - 6 + by.uniform(-5, 4), h * i / 6) for i in range(6, -1, -1)]
    pencil = Pencil(w, h, k, fine=2)
    pencil.polygon([*curve(left, 8), *curve(right, 8)])
    return pencil.done()


def _fringe(scene: Scene, waves: list[Wave], area: tuple[float, float, float]) -> tuple[Image.Image, Image.Image]:
    left, top, width = area
    by = scene.hand
    ink = scene.palette.cloth if scene.look.random() < 0.5 else scene.palette.main
    mask, tone = scene.pencil(fine=2), scene.pencil(ground=170, fine=1)
    x = left + 10
    while x < left + width - 8:
        sway = by.gauss(0, 5)
        path = curve([(x, top - 8), (x + sway * 0.4, top + 34), (x + sway, top + 76 + by.uniform(-6, 8))], 5)
        mask.line(path, 3.4)
        tone.line(path, 3.4, by.randint(130, 255))
        x += by.uniform(4.5, 8.5)
    shade = tone.done()
    base = Image.new("RGB", scene.size, ink)
    return ImageChops.multiply(base, grain.grey(shade)), mask.done()


def _rod(scene: Scene, left: float, top: float, width: float) -> None:
    """A turned rod the cloth hangs over: its ends show, its roundness shades the cloth."""
    k = scene.k
    long, thick = width + 190, 26.0
    size = (round(long * k), max(2, round(thick * k)))
    wood = wood_sheet(size, (150, 104, 68), scene.hand)
    fall = Image.linear_gradient("L").resize(size)
    shine = fall.point([max(0, min(255, round(255 - abs(v - 70) * 1.15))) for v in range(256)])
    rod = ImageChops.multiply(wood, grain.grey(shine))
    pencil = Pencil(long, thick, k, fine=2)
    pencil.box(8, 0, long - 8, thick)
    pencil.ellipse(10, thick / 2, 9, thick / 2)
    pencil.ellipse(long - 10, thick / 2, 9, thick / 2)
    mask = pencil.done()
    for start, end in ((0.0, 95.0 + 4), (long - 99.0, long)):
        box = (round(start * k), 0, round(end * k), size[1])
        at = ((left - 95 + start) * k, (top - 6) * k)
        whole = scene.pencil(fine=1).done()
        whole.paste(mask.crop(box), (round(at[0]), round(at[1])))
        drop_shadow(scene, whole, height=40, deep=0.4)
        scene.lay(rod.crop(box), mask.crop(box), at)


def _close(scene: Scene, weaver: Weaver, width: float) -> None:
    """So near that the threads show, in soft folds."""
    near = 1.25
    look = Random(scene.look.random())  # noqa: S311 (a drawing, not a secret)
    sheet = weaver(scene.palette, look, scene.hand, width=1240 / near, height=1560 / near, k=scene.k * near)
    waves = folds(scene.hand, 3, 2.2, 0.8)
    turned = [type(w)(w.across * 0.5, w.phase, w.lean + 1.1, w.bend, w.deep) for w in waves]
    cloth = bent(sheet, scene.size, turned, much=0.035)
    light = fold_light(scene.size, turned, strong=2.0)
    scene.picture = lit_cloth(cloth, light, _dark(scene.palette.main))


def _piled(scene: Scene, weaver: Weaver, width: float) -> None:
    """A pile of folded cloths on the table, the listed one on top."""
    sheet = _sheet(scene, weaver, 900, 760)
    room(scene, 900, wood=True)
    by, palette = scene.hand, scene.palette
    bottom = 1270.0
    plain = [palette.second, palette.accent, palette.main, palette.cloth]
    by.shuffle(plain)
    for i in range(3):
        cloth = Image.new("RGB", sheet.size, plain[i])
        _folded(
            scene,
            _rough(cloth, by),
            (600 + by.uniform(-14, 14), bottom),
            760 - 14 * i,
            88,
            top=False,
        )
        bottom -= 84
    _folded(scene, sheet, (600 + by.uniform(-10, 10), bottom), 730, 104, top=True)


def _rough(cloth: Image.Image, by: Random) -> Image.Image:
    threads = Image.blend(grain.fibres(cloth.size, by, 60, upright=True), grain.fibres(cloth.size, by, 60), 0.5)
    return grain.textured(cloth, threads, 0.5)


def _folded(scene: Scene, cloth: Image.Image, at: Point, width: float, high: float, *, top: bool) -> None:
    """One folded cloth: a soft front with the edges of its layers, and its top face."""
    k, by = scene.k, scene.hand
    x0, x1, y1 = at[0] - width / 2, at[0] + width / 2, at[1]
    y0 = y1 - high
    front = Pencil(1200, 1500, k, fine=2)
    bulge = high * 0.32
    front.polygon(
        curve(
            [
                (x0 + 8, y0),
                (x0 - bulge * 0.4, y0 + high * 0.5),
                (x0 + 10, y1),
                (at[0], y1 + 5),
                (x1 - 10, y1),
                (x1 + bulge * 0.4, y0 + high * 0.5),
                (x1 - 8, y0),
                (at[0], y0 - 5),
            ],
            10,
            closed=True,
        )
    )
    mask = front.done()
    drop_shadow(scene, mask, height=16, deep=0.6)
    strip = cloth.crop((0, cloth.height - round(high * 1.15 * k), cloth.width, cloth.height))
    strip = strip.resize((round((width + 3 * bulge) * k), round((high + 10) * k)), Image.Resampling.BICUBIC)
    lines = Pencil(width + 3 * bulge, high + 10, k, ground=196, fine=2)
    for i in range(3):
        y = high * (0.27 + 0.25 * i) + by.uniform(-3, 3)
        path = curve(
            [
                (0, y + by.uniform(-4, 4)),
                (width * 0.3, y + by.uniform(-5, 5)),
                (width * 0.7, y),
                (width + 3 * bulge, y + by.uniform(-5, 5)),
            ],
            8,
        )
        lines.line([(px, py + 7) for px, py in path], 7, 222)
        lines.line(path, 4.5, 96)
        lines.line([(px, py - 8) for px, py in path], 7, 176)
    fall = Image.linear_gradient("L").resize(strip.size).point([round(236 - 0.36 * v) for v in range(256)])
    along = (
        Image.linear_gradient("L")
        .rotate(90)
        .resize(strip.size)
        .point([255 - round(abs(v - 90) * 0.24) for v in range(256)])
    )
    light = ImageChops.multiply(
        ImageChops.multiply(grain.soft(lines.done(), 2.2 * k), fall).point(
            [min(255, round(v * 1.22)) for v in range(256)]
        ),
        along,
    )
    lit = lit_cloth(strip, light, _dark(scene.palette.main))
    layer = Image.new("RGB", scene.size)
    layer.paste(lit, (round((x0 - bulge * 1.5) * k), round((y0 - 5) * k)))
    scene.lay(layer, mask)
    if top:
        _top_face(scene, cloth, (x0, x1, y0))


def _top_face(scene: Scene, cloth: Image.Image, edge: tuple[float, float, float]) -> None:
    x0, x1, y0 = edge
    k, deep, pull = scene.k, 190.0, 54.0
    w, h = cloth.size
    corners = [(x0 + pull, y0 - deep), (x0 + 4, y0 + 8), (x1 - 4, y0 + 8), (x1 - pull, y0 - deep)]
    face = Pencil(1200, 1500, k, fine=2)
    face.polygon(
        curve(
            [
                corners[0],
                (x0 + pull / 2, y0 - deep / 2),
                corners[1],
                (600, y0 + 12),
                corners[2],
                (x1 - pull / 2, y0 - deep / 2),
                corners[3],
                (600, y0 - deep - 4),
            ],
            8,
            closed=True,
        )
    )
    mesh = []
    rows = 14
    for j in range(rows):
        a, b = j / rows, (j + 1) / rows
        ya, yb = (y0 - deep - 16 + (deep + 40) * share for share in (a, b))
        top, low = a**0.85 * (h - 1), b**0.85 * (h - 1)
        far, near = (0.06 + pull * (1 - share) / (x1 - x0) for share in (a, b))
        box = (round((x0 - 30) * k), round(ya * k), round((x1 + 30) * k), round(yb * k))
        quad = (w * (0.16 - far), top, w * (0.16 - near), low)
        mesh.append((box, (*quad, w * (0.84 + near), low, w * (0.84 + far), top)))
    layer = cloth.transform(scene.size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)
    glow = Image.linear_gradient("L").resize(scene.size).rotate(90).point([round(232 - 0.2 * v) for v in range(256)])
    scene.lay(lit_cloth(layer, glow, _dark(scene.palette.main)), face.done())
