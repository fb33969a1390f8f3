"""How a surface answers the studio's light: one small lit ball per finish, looked up by direction."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PIL import Image

BALL: Final = 96
Vector = tuple[float, float, float]


def unit(x: float, y: float, z: float) -> Vector:
    length = math.sqrt(x * x + y * y + z * z) or 1.0
    return x / length, y / length, z / length


WINDOW: Final = unit(-0.62, 0.52, 0.6)
"""Where the window is: to the left, above, a little in front. x right, y up, z to the camera."""


@dataclass(frozen=True)
class Finish:
    """`wrap`: how far the light creeps round; `gloss`: how strong and `tight` how small the
    window's reflection is; `metal`: the room itself is mirrored; `rim`: light along the edge."""

    wrap: float = 0.35
    gloss: float = 0.0
    tight: float = 0.12
    metal: float = 0.0
    rim: float = 0.1


MATT: Final = Finish(wrap=0.4, rim=0.06)
GLAZE: Final = Finish(wrap=0.35, gloss=0.95, tight=0.05, rim=0.22)
SATIN: Final = Finish(wrap=0.4, gloss=0.3, tight=0.3, rim=0.1)
METAL: Final = Finish(wrap=0.3, gloss=0.6, tight=0.12, metal=1.0, rim=0.2)
WAX: Final = Finish(wrap=0.8, gloss=0.16, tight=0.4, rim=0.16)


def _step(low: float, high: float, value: float) -> float:
    t = max(0.0, min(1.0, (value - low) / (high - low)))
    return t * t * (3 - 2 * t)


def _window(seen: Vector, tight: float) -> float:
    """The window in the mirror: two tall panes to the left, with a soft edge of width `tight`."""
    x, y, z = seen
    if z < -0.75:
        return 0.0
    across = math.atan2(x, z + 0.25)
    up = y
    tall = _step(-0.12 - tight, -0.12 + tight, up) * (1 - _step(0.74 - tight, 0.74 + tight, up))
    wide = _step(-1.62 - tight, -1.62 + tight, across)
    wide *= 1 - _step(-0.92 - tight, -0.92 + tight, across)
    bar = 1 - 0.75 * math.exp(-(((across + 1.27) / (0.025 + tight * 0.3)) ** 2))
    bar *= 1 - 0.6 * math.exp(-(((up - 0.34) / (0.02 + tight * 0.25)) ** 2))
    return tall * wide * bar


def _room(seen: Vector) -> float:
    """The room in a mirror: a dark horizon, a warm floor, a bright ceiling, a reflector right."""
    x, y, z = seen
    sky = 0.42 + 0.4 * _step(0.05, 0.85, y)
    floor = 0.54 - 0.24 * _step(-0.95, -0.05, y)
    room = floor + (sky - floor) * _step(-0.08, 0.1, y)
    room -= 0.09 * math.exp(-((y / 0.12) ** 2))
    room += 0.34 * _step(0.5, 0.95, x) * _step(-0.5, 0.1, y)
    room += 0.5 * math.exp(-(((x + 0.7) / 0.22) ** 2)) * _step(-0.4, 0.3, y)
    return room


def lit(normal: Vector, finish: Finish) -> tuple[float, float]:
    """(light on the colour 0..1, light on top of it 0..1) for a surface that faces `normal`."""
    x, y, z = normal
    facing = x * WINDOW[0] + y * WINDOW[1] + z * WINDOW[2]
    key = max(0.0, (facing + finish.wrap) / (1 + finish.wrap))
    bounce = max(0.0, 0.5 - 0.5 * y) * 0.16 + max(0.0, x) * 0.1
    body = 0.2 + 0.74 * key**1.25 + bounce * (1 - key)
    mirror = unit(2 * z * x, 2 * z * y, 2 * z * z - 1)
    if finish.metal:
        body = body * (1 - finish.metal) + finish.metal * max(0.0, 1.12 * _room(mirror))
    edge = (1 - max(0.0, z)) ** 3
    shine = finish.gloss * _window(mirror, finish.tight) * (0.72 + 0.5 * edge)
    rim = finish.rim * edge * (0.35 + 0.65 * _step(-0.2, 0.9, x if x > 0 else -x * 0.8))
    return min(1.0, body), min(1.0, shine + rim)


@lru_cache(maxsize=16)
def balls(finish: Finish) -> tuple[Image.Image, Image.Image]:
    """The lit ball as two maps (L): light on the colour, and light on top of it."""
    body, shine = bytearray(BALL * BALL), bytearray(BALL * BALL)
    for row in range(BALL):
        for column in range(BALL):
            x = (column + 0.5) * 2 / BALL - 1
            y = 1 - (row + 0.5) * 2 / BALL
            z = math.sqrt(max(0.0, 1 - x * x - y * y))
            light, gleam = lit(unit(x, y, z), finish)
            body[row * BALL + column] = round(255 * light)
            shine[row * BALL + column] = round(255 * gleam)
    size = (BALL, BALL)
    return Image.frombytes("L", size, bytes(body)), Image.frombytes("L", size, bytes(shine))


def spot(normal: Vector) -> tuple[float, float]:
    """Where on the ball (pixels) a surface that faces `normal` looks its light up."""
    x, y, z = normal
    if z < 0:
        x, y, _ = unit(x, y, 0.0)
    reach = BALL / 2 - 1.5
    return BALL / 2 + x * reach, BALL / 2 - y * reach
