"""Bound by hand: notebooks of handmade paper."""

from __future__ import annotations

import math
from random import Random

from PIL import Image, ImageChops

from . import grain
from .blockprint import printed_cloth
from .colours import PAPER, darker, lighter, mix
from .frame import Colour, Pencil, Point, curve, hand, moved
from .solids import solid, stitches, tube
from .studio import Scene, drop_shadow, flat_ground


def notebook(scene: Scene) -> None:
    look = hand(scene.craft, scene.seed, "book")
    plain = look.random() < 0.4
    flat_ground(scene, wood=scene.seed % 2 == 0)
    if scene.view == 1:
        _book(scene, (330, 900), 1.75, 0.1, plain)
        return
    if scene.view == 2:
        _book(scene, (760, 560), 0.72, 0.2, not plain, swap=1)
        _book(scene, (640, 800), 0.78, -0.12, True, swap=2)
        _book(scene, (520, 980), 0.82, 0.05, plain)
        _pencil(scene, (985, 1120), 0.35)
        return
    _book(scene, (585, 740), 1.12, look.uniform(-0.07, 0.05), plain)
    _pencil(scene, (1060, 860), 0.12)


def _book(scene: Scene, at: Point, big: float, turn: float, plain: bool, swap: int = 0) -> None:
    """A book whose middle lies at `at`, 620 by 860 units times `big`."""
    w, h = 310.0, 430.0
    by = scene.hand

    def placed(points: list[Point]) -> list[Point]:
        return moved(points, at[0], at[1], scale=big, turn=turn)

    for step in range(5, 0, -1):
        leaves = scene.pencil()
        leaves.polygon(placed(_deckle(w + 3 + step * 3.2, h + step * 2.6, by)))
        mask = leaves.done()
        if step == 5:
            drop_shadow(scene, mask, height=30 * big, deep=0.68)
        scene.lay(mix(PAPER, (206, 186, 156), 0.15 * (step % 2) + 0.08 * step), mask)
    cover = scene.pencil()
    cover.polygon(placed(_rounded(w, h, 14)))
    mask = cover.done()
    drop_shadow(scene, mask, height=5 * big, deep=0.45)
    sheet = _cover(scene, at, big, turn, plain, swap)
    solid(scene, mask, sheet, radii=(3, 6), steep=0.5, height=0, dark=(70, 50, 46))
    spine = scene.pencil()
    spine.polygon(placed([(-w, -h), (-w + 92, -h), (-w + 92, h), (-w, h)]))
    band = ImageChops.multiply(spine.done(), mask)
    tint = darker((scene.palette.second, scene.palette.main, scene.palette.accent)[swap], 0.1)
    cloth = grain.textured(Image.new("RGB", scene.size, tint), grain.white(scene.size, by), 0.16)
    solid(scene, band, cloth, radii=(4, 8), steep=0.6, height=3, deep=0.4, dark=darker(tint, 0.7))
    _sewing(scene, placed, w, h, big)


def _rounded(w: float, h: float, r: float) -> list[Point]:
    corners = [(w - r, h - r, 0), (r - w, h - r, 1), (r - w, r - h, 2), (w - r, r - h, 3)]
    return [
        (x + r * math.cos(math.pi / 2 * (q + t / 6)), y + r * math.sin(math.pi / 2 * (q + t / 6)))
        for x, y, q in corners
        for t in range(7)
    ]


def _deckle(w: float, h: float, by: Random) -> list[Point]:
    """The torn edge of handmade paper: right and below uneven, straight at the spine."""
    right = [(w + by.uniform(-5, 4), -h + 2 * h * i / 26) for i in range(27)]
    below = [(w - 2 * w * i / 20, h + by.uniform(-5, 3)) for i in range(1, 20)]
    return [(-w + 18, -h + 6), *right, *below, (-w + 18, h)]


def _cover(scene: Scene, at: Point, big: float, turn: float, plain: bool, swap: int) -> Image.Image:
    """The cover's paper over the whole picture, turned with the book."""
    if plain:
        sheet = _petal_paper(scene, (scene.palette.cloth, scene.palette.accent, scene.palette.second)[swap])
    else:
        look = hand(scene.craft, scene.seed, "print", swap)
        k = scene.k * min(1.0, big * 0.8)
        sheet = printed_cloth(scene.palette, look, scene.hand, width=1000, height=1240, k=k)
        sheet = sheet.crop((0, round(sheet.height * 0.1), sheet.width, round(sheet.height * 0.9)))
    w, h = scene.size
    fit = max(w / sheet.width, h / sheet.height, 1.0) if plain else big * 0.74 * scene.k * 1000 / sheet.width
    cos, sin, cx, cy = math.cos(turn) / fit, math.sin(turn) / fit, at[0] * scene.k, at[1] * scene.k
    mx, my = sheet.width / 2, sheet.height / 2
    back = (cos, sin, mx - cos * cx - sin * cy, -sin, cos, my + sin * cx - cos * cy)
    return sheet.transform((w, h), Image.Transform.AFFINE, back, Image.Resampling.BICUBIC)


def _petal_paper(scene: Scene, colour: Colour) -> Image.Image:
    """Handmade paper with fibres and petals in the pulp."""
    by = scene.hand
    pulp = Image.new("RGB", scene.size, mix(colour, PAPER, 0.25))
    pulp = grain.textured(pulp, grain.clouds(scene.size, by, 14), 0.26)
    dyes = (scene.palette.main, scene.palette.second, scene.palette.accent, (120, 118, 70))
    bits = [scene.pencil(fine=2) for _ in dyes]
    for i in range(150):
        x, y, turn = by.uniform(0, 1200), by.uniform(0, 1500), by.uniform(0, math.tau)
        if i % 3:
            long = by.uniform(14, 46)
            bend = by.uniform(-0.6, 0.6)
            path = [
                (x + long * t * math.cos(turn + bend * t), y + long * t * math.sin(turn + bend * t))
                for t in (0, 0.5, 1)
            ]
            bits[i % 4].line(path, 1.6, by.randint(90, 200))
        else:
            petal = [(0.0, 0.0), (9.0, -6.0), (22.0, -4.0), (27.0, 3.0), (16.0, 7.0), (5.0, 5.0)]
            bits[i % 4].polygon(
                curve(moved(petal, x, y, turn=turn, scale=by.uniform(0.5, 1.1)), 5, closed=True),
                by.randint(90, 190),
            )
    for bit, dye in zip(bits, dyes, strict=True):
        scene_mask = grain.soft(bit.done(), 0.9 * scene.k)
        pulp.paste(dye, (0, 0, *pulp.size), scene_mask)
    return pulp


def _sewing(scene: Scene, placed: object, w: float, h: float, big: float) -> None:
    """Long stitches across the spine, and a knotted cord round the book."""
    assert callable(placed)
    thread = lighter(scene.palette.cloth, 0.1)
    line = [(-w + 46, -h + 60), (-w + 46, h - 60)]
    stitches(scene, placed(line), thread, long=58 * big, width=6.5 * big)
    for y in (-h + 60, -h + 250, h - 250, h - 60):
        tube(scene, placed([(-w + 2, y), (-w + 46, y)]), 6.5 * big, thread, gloss=0.2)


def _pencil(scene: Scene, at: Point, turn: float) -> None:
    body = [(-13.0, -330.0), (13.0, -330.0), (13.0, 290.0), (-13.0, 290.0)]
    tip = [(-13.0, 290.0), (13.0, 290.0), (3.0, 350.0), (-3.0, 350.0)]
    lead = [(-5.5, 336.0), (5.5, 336.0), (0.0, 364.0)]
    whole = scene.pencil()
    for part in (body, tip, lead):
        whole.polygon(moved(part, *at, turn=turn))
    drop_shadow(scene, whole.done(), height=16)
    for part, colour in (
        (tip, (226, 190, 140)),
        (lead, (52, 46, 48)),
        (body, scene.palette.accent),
    ):
        pencil = Pencil(1200, 1500, scene.k, fine=2)
        pencil.polygon(moved(part, *at, turn=turn))
        solid(scene, pencil.done(), colour, radii=(4, 9), steep=1.6, gloss=0.3, height=0)
