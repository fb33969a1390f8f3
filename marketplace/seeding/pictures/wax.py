"""Candles of dyed beeswax, plain or ribbed, and their light."""

from __future__ import annotations

import math
from typing import Final

from PIL import Image, ImageChops, ImageDraw

from . import grain
from .colours import BONE, darker, lighter, mix, ramp
from .finish import WAX
from .frame import Colour, Point, curve, outline
from .ground import room
from .lathe import turned
from .solids import tube
from .studio import Scene, stand

FLAME: Final = outline("0,0.1 0.4,-0.4 0.44,-1 0.2,-1.9 0,-2.7 -0.22,-1.9 -0.44,-1 -0.36,-0.4")
GLOWS: Final[tuple[tuple[float, Colour, float], ...]] = (
    (1.0, (255, 176, 70), 0.16),
    (0.78, (255, 226, 140), 0.12),
    (0.5, (255, 252, 232), 0.1),
)


def candles(scene: Scene) -> None:
    look = scene.taste("wax")
    palette = scene.palette
    dyes = [mix(dye, BONE, look.uniform(0.15, 0.5)) for dye in (palette.main, palette.accent, palette.second)]
    look.shuffle(dyes)
    ribbed = look.random() < 0.5
    if scene.view == 1:
        room(scene, 1120)
        _candle(scene, (600, 1560), 350, 990, dyes[0], ribbed)
        return
    room(scene, 930, wood=scene.seed % 2 == 0)
    if scene.view == 2:
        for i, x in enumerate((270, 600, 930)):
            high = 620 - 150 * (i % 2) + 40 * i
            _candle(scene, (x, 1180 + (i % 2) * 100), 122, high, dyes[i], ribbed)
        return
    _candle(scene, (810, 1130), 168, 720, dyes[1], not ribbed)
    _candle(scene, (310, 1190), 185, 390, dyes[2], ribbed)
    _candle(scene, (580, 1320), 205, 560, dyes[0], ribbed)


def _candle(scene: Scene, at: Point, radius: float, high: float, wax: Colour, ribbed: bool) -> None:
    profile = [
        (radius * 0.97, 0.0),
        (radius, 6.0),
        (radius, high - radius * 0.1),
        (radius * 0.97, high - radius * 0.03),
        (radius * 0.88, high),
        (radius * 0.7, high - 3),
        (1.0, high - 9),
    ]
    size = (max(8, round(700 * scene.k)), max(8, round(500 * scene.k)))
    skin = ramp(grain.clouds(size, scene.hand, 5), darker(wax, 0.06), lighter(wax, 0.16), wax)
    side = round(size[1] * radius / (high + radius))
    if ribbed:
        skin = ImageChops.multiply(skin, grain.grey(_ribs(size, 26, side)))
    body = turned(
        profile,
        k=scene.k,
        finish=WAX,
        skin=_warmed(skin, side),
        tilt=0.2,
        columns=30,
        dark=darker(wax, 0.6),
    )
    stand(scene, body, at)
    _flame(scene, (at[0], at[1] - high * 0.975), radius)


def _ribs(size: tuple[int, int], count: int, bare: int) -> Image.Image:
    """Upright ribs, none on the `bare` rows that are the top."""
    row = bytes(round(216 + 39 * math.sin(math.tau * count * x / size[0])) for x in range(size[0]))
    ribs = Image.frombytes("L", (size[0], 1), row).resize(size)
    ImageDraw.Draw(ribs).rectangle([0, 0, size[0], round(bare * 1.06)], fill=244)
    return ribs


def _warmed(skin: Image.Image, bare: int) -> Image.Image:
    """Near the flame the wax glows from inside."""
    w, h = skin.size
    glow = Image.new("L", (w, h), 0)
    ImageDraw.Draw(glow).rectangle([0, 0, w, bare + h // 12], fill=210)
    glow = grain.soft(glow, h / 9)
    return ImageChops.add(skin, ImageChops.multiply(ramp(glow, (0, 0, 0), (130, 84, 36)), skin))


def _flame(scene: Scene, at: Point, radius: float) -> None:
    x, y = at
    size = 28 + radius * 0.16
    wick = curve([(x, y + 4), (x + 2, y - size * 0.3), (x + 5, y - size * 0.62)], 6)
    tube(scene, wick, 5 + radius * 0.012, (70, 52, 42), gloss=0.1)
    halo = scene.sketch()
    halo.ellipse(x, y - size * 1.4, size * 4.2, size * 4.2, 110)
    light = scene.whole(grain.soft(halo.done(), size * 0.5 * scene.k))
    scene.picture = ImageChops.screen(scene.picture, ramp(light, (0, 0, 0), (255, 190, 104)))
    for share, ink, blur in GLOWS:
        reach = size * share
        edge = [(x + 4 + px * reach, y - size * 0.22 + py * reach) for px, py in FLAME]
        pencil, corner = scene.around(edge, size)
        pencil.polygon(curve(edge, 8, closed=True))
        scene.lay(ink, grain.soft(pencil.done(), size * blur * scene.k), corner)
