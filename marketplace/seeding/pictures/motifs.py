"""Carved blocks: flowers, sprigs, drops and stars, each as polygons per dye around (0, 0)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from .frame import Point, curve, moved, ring

Motif = list[tuple[int, list[Point]]]
"""(which dye, outline) pieces in order; the motif fits in a circle of radius 1."""


def _petal(long: float, wide: float, start: float = 0.0) -> list[Point]:
    half = [(wide * math.sin(math.pi * (t / 10)) ** 0.8, -start - (long - start) * t / 10) for t in range(11)]
    return half + [(-x, y) for x, y in reversed(half)]


def _around(shape: list[Point], count: int, offset: float = 0.0) -> list[list[Point]]:
    return [moved(shape, 0, 0, turn=offset + math.tau * i / count) for i in range(count)]


def flower(petals: int = 5) -> Motif:
    pieces: Motif = [(0, p) for p in _around(_petal(1.0, 1.45 / petals, 0.2), petals)]
    pieces += [(3, p) for p in _around(_petal(0.82, 0.62 / petals, 0.4), petals)]
    pieces += [(1, p) for p in _around(_petal(0.66, 0.3 / petals, 0.45), petals)]
    return [*pieces, (2, ring(0, 0, 0.2, 0.2, 20)), (3, ring(0, 0, 0.09, 0.09, 14))]


def sprig() -> Motif:
    stem = [(-0.02, 0.95), (0.1, 0.5), (0.0, 0.0), (0.04, 0.0), (0.15, 0.5), (0.04, 0.95)]
    leaf = _petal(0.5, 0.13)
    pieces: Motif = [(1, curve(stem, 6))]
    for y, turn in ((0.72, 1.0), (0.62, -1.05), (0.38, 0.85), (0.3, -0.85)):
        pieces.append((1, moved(leaf, 0.07, y, turn=turn)))
    head = [moved(_petal(0.52, 0.17, 0.06), 0.0, -0.32, turn=t) for t in (-2.1, 2.1, -1.25, 1.25)]
    pieces += [(0, p) for p in head]
    pieces += [(0, moved(_petal(0.6, 0.2, 0.05), 0, -0.32, turn=t)) for t in (-0.5, 0.5, 0.0)]
    return [*pieces, (2, ring(0, -0.34, 0.13, 0.13, 18)), (3, ring(0, -0.34, 0.055, 0.055, 12))]


def drop() -> Motif:
    """The boteh: a drop whose tip bends over."""
    outer = curve(
        [
            (0.52, -0.95),
            (0.2, -0.86),
            (-0.1, -0.55),
            (-0.42, -0.1),
            (-0.56, 0.34),
            (-0.4, 0.76),
            (0.0, 0.94),
            (0.42, 0.76),
            (0.56, 0.36),
            (0.46, -0.02),
            (0.26, -0.34),
            (0.22, -0.62),
        ],
        8,
        closed=True,
    )
    inner = moved(outer, -0.02, 0.12, scale=0.74)
    core = moved(outer, -0.02, 0.2, scale=0.52)
    pieces: Motif = [(0, outer), (3, inner), (1, core)]
    pieces += [(3, moved(_petal(0.24, 0.07, 0.05), -0.02, 0.34, turn=math.tau * i / 6)) for i in range(6)]
    pieces.append((2, ring(-0.02, 0.34, 0.08, 0.08, 14)))
    for i in range(11):
        turn = 0.5 + i * 0.42
        pieces.append((0, ring(0.68 * math.sin(turn) - 0.02, 0.3 + 0.72 * math.cos(turn), 0.045, 0.045, 8)))
    return pieces


def star() -> Motif:
    diamond = [(0.0, -1.0), (0.2, -0.32), (0.0, -0.16), (-0.2, -0.32)]
    pieces: Motif = [(0, p) for p in _around(diamond, 8)]
    pieces += [(2, p) for p in _around(_petal(0.5, 0.08, 0.2), 8, math.pi / 8)]
    return [*pieces, (1, ring(0, 0, 0.17, 0.17, 20)), (3, ring(0, 0, 0.08, 0.08, 12))]


def tile() -> Motif:
    """A round lattice that meets its neighbours: for all-over prints."""
    pieces: Motif = []
    for i in range(4):
        turn = math.pi / 4 + i * math.pi / 2
        pieces.append((1, moved(_petal(1.0, 0.2, 0.25), 0, 0, turn=turn)))
        pieces.append((3, moved(_petal(0.88, 0.1, 0.36), 0, 0, turn=turn)))
    pieces += [(0, p) for p in _around(_petal(0.72, 0.2, 0.16), 4)]
    pieces += [(2, p) for p in _around(_petal(0.5, 0.07, 0.24), 4)]
    return [*pieces, (0, ring(0, 0, 0.17, 0.17, 20)), (3, ring(0, 0, 0.08, 0.08, 14))]


def dot() -> Motif:
    return [(2, ring(0, 0, 0.5, 0.5, 16))]


MOTIFS: Final[tuple[Callable[[], Motif], ...]] = (flower, sprig, drop, star, tile)
