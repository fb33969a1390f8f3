"""The units of a picture: everything is drawn in a frame of 1200 by 1500, at any number of pixels."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from PIL import Image, ImageDraw

Point = tuple[float, float]
Colour = tuple[int, int, int]
Ink = int | Colour

WIDTH: Final = 1200
HEIGHT: Final = 1500


def hand(*key: str | int) -> Random:
    """A hand with its own small irregularities: the same key always gives the same hand."""
    return Random(":".join(str(part) for part in key))  # noqa: S311 (a drawing, not a secret)


class Pencil:
    """Draws in units on its own sheet, finer than asked, and hands it back smoothed.

    `k` is pixels per unit. The sheet is `fine` times as dense while it is drawn on; `origin` is
    the point (units) at its upper left corner."""

    def __init__(
        self,
        width: float,
        height: float,
        k: float,
        *,
        mode: str = "L",
        ground: Ink = 0,
        fine: int = 2,
        origin: Point = (0.0, 0.0),
    ) -> None:
        self.size = (max(1, round(width * k)), max(1, round(height * k)))
        self.fine = fine
        self.k = k * fine
        self.origin = origin
        self.sheet = Image.new(mode, (self.size[0] * fine, self.size[1] * fine), ground)
        self._draw = ImageDraw.Draw(self.sheet)

    def polygon(self, points: Sequence[Point], ink: Ink = 255) -> None:
        self._draw.polygon(self._placed(points), fill=ink)

    def line(self, points: Sequence[Point], width: float, ink: Ink = 255) -> None:
        thick = max(1, round(width * self.k))
        self._draw.line(self._placed(points), fill=ink, width=thick, joint="curve")

    def thread(self, points: Sequence[Point], width: float, ink: Ink = 255) -> None:
        """A line with round ends."""
        self.line(points, width, ink)
        for x, y in (points[0], points[-1]):
            self.ellipse(x, y, width / 2, width / 2, ink)

    def ellipse(self, x: float, y: float, rx: float, ry: float, ink: Ink = 255) -> None:
        self._draw.ellipse(self._placed([(x - rx, y - ry), (x + rx, y + ry)]), fill=ink)

    def box(self, x0: float, y0: float, x1: float, y1: float, ink: Ink = 255) -> None:
        """Empty when it ends before it starts."""
        if x1 >= x0 and y1 >= y0:
            self._draw.rectangle(self._placed([(x0, y0), (x1, y1)]), fill=ink)

    def done(self) -> Image.Image:
        return self.sheet.reduce(self.fine) if self.fine > 1 else self.sheet

    def _placed(self, points: Sequence[Point]) -> list[Point]:
        (left, top), k = self.origin, self.k
        return [((x - left) * k, (y - top) * k) for x, y in points]


def curve(points: Sequence[Point], steps: int = 12, *, closed: bool = False) -> list[Point]:
    """A smooth line through all points (Catmull-Rom), `steps` pieces between two of them."""
    count = len(points)
    path: list[Point] = []
    for i in range(count if closed else count - 1):
        if closed:
            a, b, c, d = (points[(i + j) % count] for j in (-1, 0, 1, 2))
        else:
            a, b, c, d = (points[min(count - 1, max(0, i + j))] for j in (-1, 0, 1, 2))
        path.extend(_between(a, b, c, d, step / steps) for step in range(steps))
    if not closed:
        path.append(points[-1])
    return path


def _between(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    def along(p: float, q: float, r: float, s: float) -> float:
        return (2 * q + (r - p) * t + (2 * p - 5 * q + 4 * r - s) * t**2 + (3 * q - p - 3 * r + s) * t**3) / 2

    return along(a[0], b[0], c[0], d[0]), along(a[1], b[1], c[1], d[1])


def moved(points: Sequence[Point], x: float, y: float, *, scale: float = 1.0, turn: float = 0.0) -> list[Point]:
    """The same points turned (radians), scaled and moved."""
    cos, sin = math.cos(turn) * scale, math.sin(turn) * scale
    return [(x + px * cos - py * sin, y + px * sin + py * cos) for px, py in points]


def ring(x: float, y: float, rx: float, ry: float, steps: int = 64) -> list[Point]:
    turns = (math.tau * i / steps for i in range(steps))
    return [(x + rx * math.cos(turn), y + ry * math.sin(turn)) for turn in turns]


def field(
    size: tuple[int, int], value: Callable[[float, float], float], cells: tuple[int, int] = (60, 75)
) -> Image.Image:
    """A soft map (L) of `value(u, v)` in 0..1, worked out on a few cells and smoothly enlarged."""
    columns, rows = cells
    drops = bytes(
        max(0, min(255, round(255 * value((i + 0.5) / columns, (j + 0.5) / rows))))
        for j in range(rows)
        for i in range(columns)
    )
    return Image.frombytes("L", cells, drops).resize(size, Image.Resampling.BICUBIC)


def outline(text: str) -> list[Point]:
    """Points as they are written down: "x,y x,y ..."."""
    pairs = (pair.split(",") for pair in text.split())
    return [(float(x), float(y)) for x, y in pairs]
