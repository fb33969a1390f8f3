"""Woven pictures: ikat, whose dyed threads shift on the loom, and kilim, built knot by knot."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageChops

from . import grain
from .blockprint import woven
from .colours import Palette, wavering
from .frame import Colour, Pencil, Point


def ikat(palette: Palette, look: Random, hand: Random, *, width: float, height: float, k: float) -> Image.Image:
    """Lozenges in warp bands; threads slip up and down, so every edge is feathered."""
    pencil = Pencil(width, height, k, mode="RGB", ground=palette.main, fine=1)
    band = look.uniform(150, 220)
    tall = band * look.uniform(1.1, 1.7)
    inks = [palette.cloth, palette.second, palette.accent, palette.main]
    hooks = look.random() < 0.5
    columns = round(width / band) + 2
    for column in range(columns):
        x = (column - 0.25) * band
        odd = column % 2 == 1
        if odd and not hooks:
            pencil.box(x - band / 2, 0, x + band / 2, height, palette.second)
        for row in range(-1, round(height / tall) + 2):
            y = (row + (0.5 if odd else 0.0)) * tall
            _lozenge(pencil, (x, y), band, tall, inks, hooks)
        for edge, ink in ((-0.5, palette.accent), (0.5, palette.accent)):
            pencil.box(x + edge * band - 4, 0, x + edge * band + 4, height, ink)
    return woven(_slipped(pencil.done(), hand, k), hand, k)


def _lozenge(pencil: Pencil, at: Point, band: float, tall: float, inks: list[Colour], hooks: bool) -> None:
    x, y = at
    sizes = (0.47, 0.36, 0.25, 0.13)
    for size, ink in zip(sizes, (inks[0], inks[2], inks[3], inks[0]), strict=True):
        pencil.polygon(
            [
                (x, y - tall * size),
                (x + band * size, y),
                (x, y + tall * size),
                (x - band * size, y),
            ],
            ink,
        )
    if not hooks:
        return
    for side in (-1, 1):
        for up in (-1, 1):
            px, py = x + side * band * 0.36, y + up * tall * 0.36
            d = band * 0.11
            pencil.polygon([(px, py - d), (px + d, py), (px, py + d), (px - d, py)], inks[1])


def _slipped(sheet: Image.Image, hand: Random, k: float) -> Image.Image:
    """Bundles of warp threads, each shifted a little along itself."""
    w, h = sheet.size
    bundle = max(2, round(3.2 * k))
    mesh, slip = [], 0.0
    for x in range(0, w, bundle):
        slip = slip * 0.72 + hand.gauss(0, 7.5 * k)
        one = min(bundle, w - x)
        shift = slip + hand.gauss(0, 3.5 * k)
        top, low = max(0.0, shift), h + min(0.0, shift)
        mesh.append(((x, 0, x + one, h), (x, top, x, low, x + one, low, x + one, top)))
    return sheet.transform((w, h), Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def stripes(palette: Palette, look: Random, hand: Random, *, width: float, height: float, k: float) -> Image.Image:
    """A handloom cloth: bands of weft with small supplementary figures."""
    ground = palette.cloth
    inks = [palette.main, palette.second, palette.accent, palette.cloth]
    pencil = Pencil(width, height, k, mode="RGB", ground=ground, fine=1)
    plan = [(look.choice(inks), look.choice((10, 16, 30, 54, 90)), look.random()) for _ in range(9)]
    y, turn = 30.0, 0
    while y < height:
        ink, high, kind = plan[turn % len(plan)]
        pencil.box(0, y, width, y + high, wavering(ink, hand, 6))
        if high >= 54 and kind < 0.8:
            _figures(pencil, (width, y, high), inks[(turn + 1) % 4], ground, kind)
        y += high + (6 if kind < 0.5 else 26)
        turn += 1
    return woven(_slipped_rows(pencil.done(), hand, k), hand, k)


def _figures(pencil: Pencil, band: tuple[float, float, float], ink: Colour, other: Colour, kind: float) -> None:
    width, y, high = band
    step = high * 0.9
    for i in range(round(width / step) + 1):
        x, middle, d = i * step, y + high / 2, high * 0.36
        if kind < 0.4:
            pencil.polygon([(x, middle - d), (x + d, middle), (x, middle + d), (x - d, middle)], ink)
            e = d * 0.45
            pencil.polygon([(x, middle - e), (x + e, middle), (x, middle + e), (x - e, middle)], other)
        else:
            zig = [
                (x - step / 2, y + high * 0.8),
                (x, y + high * 0.2),
                (x + step / 2, y + high * 0.8),
            ]
            pencil.line(zig, high * 0.16, ink)


def _slipped_rows(sheet: Image.Image, hand: Random, k: float) -> Image.Image:
    w, h = sheet.size
    thick = max(2, round(4 * k))
    mesh = []
    for y in range(0, h, thick):
        shift = max(0.0, 2 * k + hand.gauss(0, 1.1 * k))
        end = min(h, y + thick)
        mesh.append(((0, y, w, end), (shift, y, shift, end, w, end, w, y)))
    return sheet.transform((w, h), Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def kilim(palette: Palette, look: Random, hand: Random, *, width: float, height: float, k: float) -> Image.Image:
    """Stepped diamonds, knot by knot, in wool of uneven dips."""
    columns, rows = round(width / 9), round(height / 9)
    half = look.choice((13, 16, 19))
    inks = [palette.main, palette.accent, palette.second, palette.cloth]
    if look.random() < 0.5:
        inks[0], inks[2] = inks[2], inks[0]
    steps = look.choice((1, 2, 2))
    knots = Image.new("RGB", (columns, rows))
    for row in range(rows):
        dips = [wavering(ink, hand, 7) for ink in inks]
        for column in range(columns):
            ink = _knot(column, row, columns, rows, half, steps)
            knots.putpixel((column, row), dips[ink])
    size = (max(1, round(width * k)), max(1, round(height * k)))
    sheet = _slipped_rows(knots.resize(size, Image.Resampling.NEAREST), hand, k)
    return _ribbed(sheet, hand, k)


def _knot(x: int, y: int, columns: int, rows: int, half: int, steps: int) -> int:
    """Which wool the knot at (x, y) has."""
    edge = min(x, y, columns - 1 - x, rows - 1 - y)
    if edge < 3:
        return 2
    if edge < 6:
        return 1 if (x + y) // 3 % 2 else 3
    if edge < 8:
        return 2
    dx, dy = abs((x - columns // 2) % (2 * half) - half), abs((y - rows // 2) % (2 * half) - half)
    ring = dx // steps * steps + dy // steps * steps
    if abs(dx - dy) < 2 and ring > half * 1.2:
        return 3
    for bound, ink in (
        (3, 3),
        (6, 1),
        (half * 0.62, 0),
        (half * 0.72, 3),
        (half - 1, 2),
        (half + 1, 1),
    ):
        if ring < bound:
            return ink
    return 0


def _ribbed(sheet: Image.Image, hand: Random, k: float) -> Image.Image:
    """The ribs of a weft-faced weave: thick rows of wool over hidden warps."""
    w, h = sheet.size
    rib = max(2, round(9 * k))
    one = Image.linear_gradient("L").rotate(90).resize((rib, 1))
    hump = ImageChops.lighter(one, ImageChops.invert(one)).point([255 - abs(v - 190) for v in range(256)])
    row = Image.new("L", (w, 1))
    for x in range(0, w, rib):
        row.paste(hump, (x, 0))
    ribs = grain.gentle(row.resize((w, h)), 0.3, 222)
    wool = grain.gentle(grain.fibres(sheet.size, hand, max(3, round(16 * k))), 0.34, 226)
    pile = ImageChops.multiply(sheet, grain.grey(ImageChops.multiply(ribs, wool)))
    return ImageChops.add(pile, pile.point([round(v * 0.16) for v in range(256)] * 3))
