"""Natural dyes, and the sets of them that one maker works with."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from PIL import Image, ImageOps

from .frame import Colour

INDIGO: Final[Colour] = (43, 68, 122)
NIGHT: Final[Colour] = (27, 36, 66)
MADDER: Final[Colour] = (172, 56, 44)
TURMERIC: Final[Colour] = (226, 166, 54)
SEA: Final[Colour] = (62, 130, 122)
OCHRE: Final[Colour] = (205, 146, 74)
WALNUT: Final[Colour] = (98, 66, 46)
BONE: Final[Colour] = (240, 230, 210)
PAPER: Final[Colour] = (249, 243, 231)
TERRACOTTA: Final[Colour] = (196, 104, 70)
ROSE: Final[Colour] = (216, 146, 130)
OLIVE: Final[Colour] = (124, 124, 72)
SKY: Final[Colour] = (138, 170, 188)
POMEGRANATE: Final[Colour] = (136, 40, 56)
SAGE: Final[Colour] = (156, 168, 138)
SOOT: Final[Colour] = (46, 43, 45)


@dataclass(frozen=True)
class Palette:
    """`cloth` is the ground of the goods, `main`, `second` and `accent` its dyes;
    `wall` and `table` are the studio's."""

    cloth: Colour
    main: Colour
    second: Colour
    accent: Colour
    wall: Colour
    table: Colour


PALETTES: Final = (
    Palette(PAPER, MADDER, INDIGO, TURMERIC, (242, 214, 178), (222, 186, 146)),
    Palette(PAPER, INDIGO, SKY, MADDER, (190, 212, 222), (224, 206, 182)),
    Palette(BONE, SEA, OCHRE, MADDER, (240, 186, 160), (216, 168, 138)),
    Palette(NIGHT, BONE, TURMERIC, SKY, (226, 178, 120), (168, 122, 88)),
    Palette(BONE, POMEGRANATE, OLIVE, TURMERIC, (188, 204, 174), (216, 190, 154)),
    Palette(TURMERIC, WALNUT, MADDER, PAPER, (72, 118, 118), (190, 148, 108)),
    Palette(PAPER, TERRACOTTA, SEA, NIGHT, (182, 210, 204), (232, 218, 198)),
    Palette(MADDER, PAPER, TURMERIC, NIGHT, (244, 216, 168), (204, 150, 110)),
    Palette(BONE, WALNUT, OCHRE, INDIGO, (240, 232, 218), (224, 200, 168)),
    Palette(SAGE, PAPER, NIGHT, TERRACOTTA, (226, 146, 112), (226, 190, 158)),
    Palette(INDIGO, PAPER, ROSE, TURMERIC, (240, 196, 108), (222, 186, 142)),
    Palette(ROSE, POMEGRANATE, PAPER, OLIVE, (216, 208, 220), (228, 206, 192)),
    Palette(PAPER, NIGHT, TERRACOTTA, SAGE, (62, 80, 112), (196, 160, 126)),
    Palette(OCHRE, MADDER, PAPER, NIGHT, (122, 142, 108), (206, 170, 128)),
)


def mix(a: Colour, b: Colour, part: float) -> Colour:
    """`part` 0 is all `a`, 1 is all `b`."""
    red, green, blue = (round(x + (y - x) * part) for x, y in zip(a, b, strict=True))
    return red, green, blue


def lighter(colour: Colour, part: float) -> Colour:
    return mix(colour, (255, 250, 240), part)


def darker(colour: Colour, part: float) -> Colour:
    return mix(colour, (30, 20, 24), part)


def wavering(colour: Colour, by: Random, much: int = 8) -> Colour:
    """One dip in the vat: never quite the same twice."""
    shift = by.randint(-much, much)
    red, green, blue = (max(0, min(255, part + shift + by.randint(-much // 3, much // 3))) for part in colour)
    return red, green, blue


def brightness(colour: Colour) -> float:
    return (0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]) / 255


def ramp(grey: Image.Image, dark: Colour, light: Colour, mid: Colour | None = None) -> Image.Image:
    """A grey map (L) as colours (RGB) from `dark` to `light`."""
    return ImageOps.colorize(grey, dark, light, mid=mid)
