"""Cloth that hangs, lies in folds or in a pile: a flat sheet bent over waves and lit by them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from PIL import Image, ImageChops

from .colours import ramp
from .frame import Colour, field

Size = tuple[int, int]


@dataclass(frozen=True)
class Wave:
    """One fold: `across` waves over the width, `lean` how far it wanders, `deep` how strong."""

    across: float
    phase: float
    lean: float
    bend: float
    deep: float

    def at(self, u: float, v: float) -> float:
        turn = self.across * u + self.phase + self.lean * v + self.bend * math.sin(2.6 * v + self.phase)
        return self.deep * math.sin(math.tau * turn)


def folds(by: Random, count: int = 4, finest: float = 5.0, deep: float = 1.0) -> list[Wave]:
    """Folds from broad to fine."""
    waves = []
    for i in range(count):
        across = 1.2 + (finest - 1.2) * i / max(1, count - 1)
        waves.append(
            Wave(
                across * by.uniform(0.85, 1.15),
                by.random(),
                by.uniform(-0.35, 0.35),
                by.uniform(0.02, 0.1),
                deep * by.uniform(0.7, 1.1) / (1 + 0.7 * i),
            )
        )
    return waves


def height(waves: list[Wave], u: float, v: float, gather: float = 0.0) -> float:
    """How far the cloth comes towards us at (u, v). `gather` flattens the folds near the top."""
    calm = 1 - gather * max(0.0, 1 - v * 1.6)
    total = 0.0
    for wave in waves:
        total += wave.at(u, v)
    return total * calm


def bent(sheet: Image.Image, size: Size, waves: list[Wave], *, much: float) -> Image.Image:
    """The sheet pushed sideways by its folds; `much` in parts of the width."""
    columns, rows = 26, 20
    w, h = sheet.size
    xs = [round(i * size[0] / columns) for i in range(columns + 1)]
    ys = [round(j * size[1] / rows) for j in range(rows + 1)]
    nodes = [[_source(waves, i / columns, j / rows, much, (w, h)) for j in range(rows + 1)] for i in range(columns + 1)]
    mesh = []
    for i, (x0, x1) in enumerate(pairwise(xs)):
        for j, (y0, y1) in enumerate(pairwise(ys)):
            quad = (*nodes[i][j], *nodes[i][j + 1], *nodes[i + 1][j + 1], *nodes[i + 1][j])
            mesh.append(((x0, y0, x1, y1), quad))
    return sheet.transform(size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)


def _source(waves: list[Wave], u: float, v: float, much: float, size: Size) -> tuple[float, float]:
    lift = height(waves, u, v)
    x = (0.06 + 0.88 * u) + much * lift
    y = (0.04 + 0.92 * v) + much * 0.35 * lift
    return max(0.0, min(1.0, x)) * (size[0] - 1), max(0.0, min(1.0, y)) * (size[1] - 1)


def fold_light(size: Size, waves: list[Wave], *, strong: float = 1.0) -> Image.Image:
    """The light on the folds (L, 200 is the cloth's own colour)."""
    step = 0.012

    def light(u: float, v: float) -> float:
        rise_x = (height(waves, u + step, v) - height(waves, u - step, v)) / (2 * step)
        rise_y = (height(waves, u, v + step) - height(waves, u, v - step)) / (2 * step)
        slope = (0.8 * rise_x + 0.5 * rise_y) * 0.05 * strong
        hollow = min(0.0, height(waves, u, v)) * 0.07 * strong
        return 0.77 + 0.3 * slope / math.sqrt(1 + slope * slope) + hollow

    return field(size, light, (90, 110))


def lit_cloth(cloth: Image.Image, light: Image.Image, dark: Colour) -> Image.Image:
    """The cloth in this light."""
    shade = light.point([min(255, round(v * 255 / 205)) for v in range(256)])
    extra = light.point([max(0, round((v - 205) * 1.4)) for v in range(256)])
    lit = ImageChops.multiply(cloth, ramp(shade, dark, (255, 254, 250)))
    return ImageChops.add(lit, ImageChops.multiply(ramp(extra, (0, 0, 0), (255, 240, 220)), cloth))
