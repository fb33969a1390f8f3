"""Bound by hand: notebooks of handmade paper."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Final

from PIL import Image, ImageChops

from . import grain
from .blockprint import printed_cloth
from .colours import PAPER, darker, lighter, mix
from .frame import Colour, Pencil, Point, curve, moved, outline
from .ground import flat_ground
from .solids import solid, stitches, tube
from .studio import Scene, drop_shadow

WIDE: Final = 310.0
TALL: Final = 430.0
PETAL: Final = outline("0,0 9,-6 22,-4 27,3 16,7 5,5")


@dataclass(frozen=True)
class Book:
    """Where the middle of a book lies, how big and how turned; which of three covers it has."""

    at: Point
    big: float
    turn: float
    plain: bool
    swap: int = 0

    def placed(self, points: list[Point]) -> list[Point]:
        return moved(points, *self.at, scale=self.big, turn=self.turn)


def notebook(scene: Scene) -> None:
    look = scene.taste("book")
    plain, turn = look.random() < 0.4, look.uniform(-0.07, 0.05)
    flat_ground(scene, wood=scene.seed % 2 == 0)
    if scene.view == 1:
        _book(scene, Book((430, 850), 1.95, 0.1, plain))
        return
    if scene.view == 2:
        _book(scene, Book((770, 500), 0.86, 0.2, not plain, 1))
        _book(scene, Book((640, 760), 0.92, -0.12, True, 2))
        _book(scene, Book((480, 950), 0.98, 0.05, plain))
        _pencil(scene, (1010, 1120), 0.35)
        return
    _book(scene, Book((565, 740), 1.3, turn, plain))
    _pencil(scene, (1090, 900), 0.1)


def _book(scene: Scene, book: Book) -> None:
    _pages(scene, book)
    cover = scene.outline(book.placed(_rounded(WIDE, TALL, 14)))
    drop_shadow(scene, cover, height=5 * book.big, deep=0.45)
    sheet = _cover(scene, book)
    solid(scene, cover, sheet, radii=(3, 6), steep=0.5, height=0, dark=(70, 50, 46))
    edge = book.placed([(-WIDE, -TALL), (92 - WIDE, -TALL), (92 - WIDE, TALL), (-WIDE, TALL)])
    band = ImageChops.multiply(scene.outline(edge), cover)
    dyes = (scene.palette.second, scene.palette.main, scene.palette.accent)
    tint = darker(dyes[book.swap], 0.1)
    cloth = Image.new("RGB", scene.size, tint)
    threads = Image.blend(
        grain.fibres(scene.size, scene.hand, 24), grain.fibres(scene.size, scene.hand, 24, upright=True), 0.5
    )
    cloth = grain.textured(cloth, threads, 0.4)
    dark = darker(tint, 0.7)
    solid(scene, band, cloth, radii=(4, 8), steep=0.6, height=3, deep=0.4, dark=dark)
    _sewing(scene, book)


def _pages(scene: Scene, book: Book) -> None:
    """The pages' torn edges below the cover."""
    for step in range(5, 0, -1):
        edge = _deckle(WIDE + 3 + step * 3.2, TALL + step * 2.6, scene.hand)
        if step == 5:
            whole = scene.outline(book.placed(edge))
            drop_shadow(scene, whole, height=30 * book.big, deep=0.68)
        shade = mix(PAPER, (206, 186, 156), 0.15 * (step % 2) + 0.08 * step)
        scene.fill(book.placed(edge), shade)


def _rounded(w: float, h: float, r: float) -> list[Point]:
    corners = [(w - r, h - r, 0), (r - w, h - r, 1), (r - w, r - h, 2), (w - r, r - h, 3)]
    turns = [(x, y, math.pi / 2 * (quarter + t / 6)) for x, y, quarter in corners for t in range(7)]
    return [(x + r * math.cos(turn), y + r * math.sin(turn)) for x, y, turn in turns]


def _deckle(w: float, h: float, by: Random) -> list[Point]:
    """The edge of handmade paper: right and below uneven, straight at the spine."""
    right = [(w + by.uniform(-5, 4), -h + 2 * h * i / 26) for i in range(27)]
    below = [(w - 2 * w * i / 20, h + by.uniform(-5, 3)) for i in range(1, 20)]
    return [(-w + 18, -h + 6), *right, *below, (-w + 18, h)]


def _cover(scene: Scene, book: Book) -> Image.Image:
    """The cover's paper over the whole picture, turned with the book."""
    palette = scene.palette
    if book.plain:
        dye = (palette.cloth, palette.accent, palette.second)[book.swap]
        near = min(book.big, 1.3)
        sheet, zoom = _petal_paper(scene, dye, scene.k * near), book.big / near
    else:
        look = scene.taste("print", book.swap)
        k = scene.k * book.big * 0.8
        sheet = printed_cloth(palette, look, scene.hand, width=840, height=1110, k=k)
        zoom = 1.0
    cos, sin = math.cos(book.turn) / zoom, math.sin(book.turn) / zoom
    cx, cy = book.at[0] * scene.k, book.at[1] * scene.k
    mx, my = sheet.width / 2, sheet.height / 2
    back = (cos, sin, mx - cos * cx - sin * cy, -sin, cos, my + sin * cx - cos * cy)
    return sheet.transform(scene.size, Image.Transform.AFFINE, back, Image.Resampling.BICUBIC)


def _petal_paper(scene: Scene, colour: Colour, k: float) -> Image.Image:
    """Handmade paper with fibres and petals in the pulp, a little larger than a cover."""
    by, palette = scene.hand, scene.palette
    wide, tall = 2 * WIDE + 60, 2 * TALL + 60
    dyes = (palette.main, palette.second, palette.accent, (120, 118, 70))
    bits = [Pencil(wide, tall, k) for _ in dyes]
    pulp = Image.new("RGB", bits[0].size, mix(colour, PAPER, 0.25))
    pulp = grain.textured(pulp, grain.clouds(pulp.size, by, 14), 0.22)
    for i in range(110):
        at, turn = (by.uniform(0, wide), by.uniform(0, tall)), by.uniform(0, math.tau)
        if i % 3:
            bend, long = by.uniform(-1.2, 1.2), by.uniform(14, 46)
            fibre = curve([(0.0, 0.0), (0.5, 0.2 * bend), (1.0, 0.0)], 4)
            bits[i % 4].line(moved(fibre, *at, turn=turn, scale=long), 1.6, by.randint(90, 200))
        else:
            petal = moved(PETAL, *at, turn=turn, scale=by.uniform(0.6, 1.5))
            bits[i % 4].polygon(curve(petal, 5, closed=True), by.randint(90, 190))
    for bit, dye in zip(bits, dyes, strict=True):
        pulp.paste(dye, (0, 0, *pulp.size), grain.soft(bit.done(), 0.9 * k))
    return pulp


def _sewing(scene: Scene, book: Book) -> None:
    """Long stitches down the spine, tied round it in four places."""
    thread, x, end = lighter(scene.palette.cloth, 0.1), 46 - WIDE, TALL - 60
    seam = book.placed([(x, -end), (x, end)])
    stitches(scene, seam, thread, long=58 * book.big, width=6.5 * book.big)
    for y in (-end, -end / 2, end / 2, end):
        tie = book.placed([(2 - WIDE, y), (x, y)])
        tube(scene, tie, 6.5 * book.big, thread, gloss=0.2)


def _pencil(scene: Scene, at: Point, turn: float) -> None:
    tip = moved(outline("-13,290 13,290 3,350 -3,350"), *at, turn=turn)
    lead = moved(outline("-5.5,336 5.5,336 0,364"), *at, turn=turn)
    body = moved(outline("-13,-330 13,-330 13,290 -13,290"), *at, turn=turn)
    for part, colour in ((tip, (226, 190, 140)), (lead, (52, 46, 48)), (body, scene.palette.accent)):
        solid(scene, part, colour, radii=(4, 9), steep=1.6, gloss=0.3, height=14)
