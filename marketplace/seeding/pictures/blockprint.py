"""Cloth printed by hand with carved blocks: every stamp lands a little differently."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageChops

from . import grain
from .colours import Palette, brightness, lighter, mix
from .frame import Colour, Pencil, moved
from .motifs import MOTIFS, Motif, dot, flower, star


def printed_cloth(
    palette: Palette, look: Random, hand: Random, *, width: float, height: float, k: float
) -> Image.Image:
    """A printed cloth of this size (units): a field of stamps, a border above and below."""
    motif = look.choice(MOTIFS)()
    step = look.uniform(128, 172)
    drop = look.random() < 0.6
    inks = _inks(palette, look)
    layers = [Pencil(width, height, k, fine=2) for _ in inks]
    border = look.choice((210.0, 240.0))
    _field(layers, motif, step, drop, (width, border, height - border), hand)
    floral = look.random() < 0.5
    for top in (0.0, height - border):
        _border(layers, floral, (width, top, top + border), hand)
    sheet = Image.new("RGB", layers[0].size, palette.cloth)
    for pencil, ink in zip(layers, inks, strict=True):
        sheet.paste(ink, (0, 0, *sheet.size), _inked(pencil.done(), hand, k))
    return woven(sheet, hand, k)


def _inks(palette: Palette, look: Random) -> tuple[Colour, ...]:
    first, second, third = palette.main, palette.second, palette.accent
    if look.random() < 0.4:
        first, second = second, first
    paper = palette.cloth
    return first, second, third, mix(paper, lighter(paper, 0.5), 0.5)


def _inked(mask: Image.Image, hand: Random, k: float) -> Image.Image:
    """Ink never covers evenly: pale spots, a dry edge."""
    size = mask.size
    pressure = grain.gentle(grain.clouds(size, hand, 7), 0.42, 226)
    speck = grain.gentle(grain.blotches(size, hand, (size[0] // 3, size[1] // 3)), 0.45, 238)
    return ImageChops.multiply(grain.soft(mask, 0.7 * k), ImageChops.multiply(pressure, speck))


def _stamp(layers: list[Pencil], motif: Motif, at: tuple[float, float], size: float, hand: Random) -> None:
    turn = hand.gauss(0, 0.02)
    shift = [(hand.gauss(0, 1.1), hand.gauss(0, 1.1)) for _ in layers]
    for ink, shape in motif:
        x, y = at[0] + shift[ink][0], at[1] + shift[ink][1]
        outline = moved(shape, x, y, scale=size, turn=turn)
        layers[ink].polygon(outline)


def _field(
    layers: list[Pencil],
    motif: Motif,
    step: float,
    drop: bool,
    area: tuple[float, float, float],
    hand: Random,
) -> None:
    width, top, bottom = area
    rows = max(1, round((bottom - top) / step))
    high = (bottom - top) / rows
    for row in range(rows):
        shift = step / 2 if drop and row % 2 else 0.0
        for column in range(-1, round(width / step) + 2):
            x, y = column * step + shift, top + (row + 0.5) * high
            x, y = x + hand.gauss(0, 1.6), y + hand.gauss(0, 1.6)
            _stamp(layers, motif, (x, y), step * 0.45, hand)
            _stamp(layers, dot(), (x + step / 2, y), step * 0.055, hand)
            _stamp(layers, dot(), (x, y + high / 2), step * 0.04, hand)


def _border(layers: list[Pencil], floral: bool, area: tuple[float, float, float], hand: Random) -> None:
    width, top, bottom = area
    high = bottom - top
    for share, thick, ink in ((0.06, 0.05, 0), (0.14, 0.02, 2), (0.86, 0.02, 2), (0.94, 0.05, 0)):
        y = top + high * share
        layers[ink].box(0, y - high * thick / 2, width, y + high * thick / 2)
    motif, step = (flower(6) if floral else star()), high * 0.58
    for column in range(-1, round(width / step) + 2):
        x = column * step + hand.gauss(0, 1.4)
        _stamp(layers, motif, (x, top + high / 2), high * 0.27, hand)
        for y in (0.24, 0.5, 0.76):
            _stamp(layers, dot(), (x + step / 2, top + high * y), high * 0.04, hand)


def woven(sheet: Image.Image, hand: Random, k: float) -> Image.Image:
    """The threads of a plain weave in a sheet of colour."""
    size = sheet.size
    warp = grain.fibres(size, hand, max(4, round(70 * k)), upright=True)
    weft = grain.fibres(size, hand, max(4, round(90 * k)))
    threads = Image.blend(warp, weft, 0.5)
    depth = 0.3 if brightness(sheet.resize((1, 1)).getpixel((0, 0))) > 0.5 else 0.45  # type: ignore[arg-type]
    return grain.textured(sheet, threads, depth)
