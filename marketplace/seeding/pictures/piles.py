"""Folded cloths in a pile on a table, the listed one on top."""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageChops

from . import grain
from .colours import Palette, darker
from .drape import lit_cloth
from .frame import Pencil, Point, curve
from .ground import room
from .studio import Scene, drop_shadow

DEEP: Final = 230.0
"""How far (units in the picture) the top of the pile runs back."""


def pile(scene: Scene, sheet: Image.Image) -> None:
    room(scene, 840, wood=True)
    by, bottom = scene.hand, 1320.0
    for i, dye in enumerate(_plain(scene.palette, scene)):
        cloth = Image.new("RGB", sheet.size, dye)
        warp = grain.fibres(cloth.size, by, 60, upright=True)
        threads = Image.blend(warp, grain.fibres(cloth.size, by, 60), 0.5)
        place = (600 + by.uniform(-14, 14), bottom)
        _folded(scene, grain.textured(cloth, threads, 0.45), place, 880 - 16 * i, 104)
        bottom -= 99
    place = (600 + by.uniform(-10, 10), bottom)
    _folded(scene, sheet, place, 850, 118)
    _top_face(scene, sheet, (place[0] - 425, place[0] + 425, bottom - 118))


def _plain(palette: Palette, scene: Scene) -> list[tuple[int, int, int]]:
    """Three plain cloths that go with the listed one."""
    dyes = [palette.second, palette.accent, palette.main, palette.cloth]
    scene.hand.shuffle(dyes)
    return dyes[:3]


def _folded(scene: Scene, cloth: Image.Image, at: Point, width: float, high: float) -> None:
    """The soft front of one folded cloth, with the edges of its layers."""
    k = scene.k
    x0, x1, y1 = at[0] - width / 2, at[0] + width / 2, at[1]
    y0, bulge = y1 - high, high * 0.32
    edge = [
        (x0 + 8, y0),
        (x0 - bulge * 0.4, y0 + high * 0.5),
        (x0 + 10, y1),
        (at[0], y1 + 5),
        (x1 - 10, y1),
        (x1 + bulge * 0.4, y0 + high * 0.5),
        (x1 - 8, y0),
        (at[0], y0 - 5),
    ]
    mask = scene.outline(curve(edge, 10, closed=True))
    drop_shadow(scene, mask, height=18, deep=0.6)
    size = (width + 3 * bulge, high + 10)
    strip = cloth.crop((0, cloth.height - round(high * 1.15 * k), cloth.width, cloth.height))
    strip = strip.resize((round(size[0] * k), round(size[1] * k)), Image.Resampling.BICUBIC)
    lit = lit_cloth(strip, _fold_lines(scene, size, strip.size), darker(scene.palette.main, 0.78))
    layer = Image.new("RGB", scene.size)
    layer.paste(lit, (round((x0 - bulge * 1.5) * k), round((y0 - 5) * k)))
    scene.lay(layer, mask)


def _fold_lines(scene: Scene, size: Point, pixels: tuple[int, int]) -> Image.Image:
    """The light on the front: rounded from top to bottom, dark between the layers."""
    by, (wide, high) = scene.hand, size
    lines = Pencil(wide, high, scene.k, ground=196, fine=2)
    for i in range(3):
        y = high * (0.27 + 0.25 * i) + by.uniform(-3, 3)
        heights = [y + by.uniform(-5, 5) for _ in range(4)]
        path = curve([(wide * j / 3, heights[j]) for j in range(4)], 8)
        for shift, thick, tone in ((7, 7.0, 222), (0, 4.5, 96), (-8, 7.0, 176)):
            lines.line([(px, py + shift) for px, py in path], thick, tone)
    down = Image.linear_gradient("L").resize(pixels)
    along = Image.linear_gradient("L").rotate(90).resize(pixels)
    fall = down.point([round(min(255, (236 - 0.36 * v) * 1.22)) for v in range(256)])
    side = along.point([255 - round(abs(v - 90) * 0.24) for v in range(256)])
    soft = grain.soft(lines.done(), 2.2 * scene.k).resize(pixels)
    return ImageChops.multiply(ImageChops.multiply(soft, fall), side)


def _top_face(scene: Scene, cloth: Image.Image, edge: tuple[float, float, float]) -> None:
    """The top of the pile in perspective; `edge` is left, right and height of its front."""
    x0, x1, y0 = edge
    k, pull = scene.k, 62.0
    middle = (x0 + x1) / 2
    face = [
        (x0 + pull, y0 - DEEP),
        (x0 + pull / 2, y0 - DEEP / 2),
        (x0 + 4, y0 + 8),
        (middle, y0 + 12),
        (x1 - 4, y0 + 8),
        (x1 - pull / 2, y0 - DEEP / 2),
        (x1 - pull, y0 - DEEP),
        (middle, y0 - DEEP - 4),
    ]
    mask = scene.outline(curve(face, 8, closed=True))
    w, h = cloth.size
    mesh, rows = [], 14
    for j in range(rows):
        a, b = j / rows, (j + 1) / rows
        ya, yb = (y0 - DEEP - 16 + (DEEP + 40) * share for share in (a, b))
        top, low = a**0.85 * (h - 1), b**0.85 * (h - 1)
        far, near = (0.06 + pull * (1 - share) / (x1 - x0) for share in (a, b))
        box = (round((x0 - 30) * k), round(ya * k), round((x1 + 30) * k), round(yb * k))
        left = (w * (0.16 - far), top, w * (0.16 - near), low)
        mesh.append((box, (*left, w * (0.84 + near), low, w * (0.84 + far), top)))
    layer = cloth.transform(scene.size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)
    across = Image.linear_gradient("L").rotate(90).resize(scene.size)
    glow = across.point([round(232 - 0.2 * v) for v in range(256)])
    scene.lay(lit_cloth(layer, glow, darker(scene.palette.main, 0.78)), mask)
