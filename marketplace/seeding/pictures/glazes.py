"""Glazes over clay: one runs over another, a clean dip, or flowers painted with a brush."""

from __future__ import annotations

from random import Random
from typing import Final

from PIL import Image, ImageChops

from . import grain
from .colours import PAPER, brightness, darker, lighter, mix, ramp
from .frame import Colour, Pencil, Point, curve, moved
from .motifs import flower, sprig
from .studio import Scene

CLAY: Final[Colour] = (186, 136, 100)


def glaze(scene: Scene, size: tuple[int, int]) -> tuple[Image.Image, Colour]:
    """A glazed skin (of `size` units) over bare clay, and the colour inside the vessel."""
    look = scene.taste("glaze")
    main, over = _pair(scene, look)
    style = look.choice(("runs", "runs", "dip", "painted", "painted"))
    if style == "painted":
        dyes = (scene.palette.main, scene.palette.second, scene.palette.accent)
        main, over = mix(PAPER, main, 0.05), min(dyes, key=brightness)
    w, h = max(8, round(size[0] * scene.k)), max(8, round(size[1] * scene.k))
    pool = grain.clouds((w, h), scene.hand, 4)
    skin = ramp(pool, darker(main, 0.2), lighter(main, 0.24), main)
    if style == "painted":
        _brushed(scene, skin, over, size, look)
    else:
        level, wild = (0.42, 0.16) if style == "runs" else (look.uniform(0.3, 0.62), 0.012)
        second = ramp(pool, darker(over, 0.14), lighter(over, 0.3), over)
        skin.paste(second, (0, 0), _runs(scene.hand, size, scene.k, level, wild))
    _speckle(scene, skin, main, size)
    bare = ImageChops.invert(_runs(scene.hand, size, scene.k, 0.9, 0.018))
    clay = grain.fibres((w, h), scene.hand, 60)
    skin.paste(ramp(clay, darker(CLAY, 0.12), lighter(CLAY, 0.1)), (0, 0), bare)
    return skin, mix(over, main, 0.5)


def _pair(scene: Scene, look: Random) -> tuple[Colour, Colour]:
    palette = scene.palette
    colours = [palette.main, palette.second, palette.accent, palette.cloth]
    first = look.choice(colours)
    rest = [colour for colour in colours if colour != first]
    if brightness(first) > 0.8 and brightness(rest[0]) > 0.8:
        first = palette.main
    return first, mix(first, look.choice(rest), look.uniform(0.55, 1.0))


def _speckle(scene: Scene, skin: Image.Image, main: Colour, size: tuple[int, int]) -> None:
    """Iron that burned through the glaze."""
    by = scene.hand
    specks = Pencil(*size, scene.k, fine=2)
    for _ in range(260):
        r = abs(by.gauss(0, 1.7)) + 0.6
        specks.ellipse(by.uniform(0, size[0]), by.uniform(0, size[1]), r, r, by.randint(70, 190))
    speck = darker(main, 0.6) if brightness(main) > 0.45 else lighter(main, 0.3)
    skin.paste(speck, (0, 0, *skin.size), specks.done())


def _runs(by: Random, size: tuple[int, int], k: float, level: float, wild: float) -> Image.Image:
    """The part above a wavering line (255), `level` down the height."""
    w, h = size
    points: list[Point] = []
    x = -30.0
    while x < w + 60:
        points.append((x, h * (level + by.uniform(-wild, wild))))
        x += by.uniform(26, 60)
    pencil = Pencil(w, h, k, fine=1)
    pencil.polygon([(0, 0), *curve(points, 6), (w, 0)])
    return grain.soft(pencil.done(), (1.5 + 60 * wild) * k)


def _brushed(scene: Scene, skin: Image.Image, ink: Colour, size: tuple[int, int], look: Random) -> None:
    """Flowers round the belly between two lines, in cobalt or what the maker has."""
    w, h = size
    palette = scene.palette
    inks = (ink, palette.second if palette.second != ink else palette.accent, palette.accent)
    layers = [Pencil(w, h, scene.k, fine=2) for _ in inks]
    count = look.choice((6, 7, 8))
    motif = look.choice((flower(6), sprig(), flower(8)))
    rows = ((0.5, 0.0, 1.0), (0.28, 0.5, 0.5), (0.72, 0.5, 0.5))
    for level, shift, share in rows:
        for i in range(count + 1):
            at = ((i + shift) * w / count, h * level + scene.hand.gauss(0, 3))
            for layer, shape in motif:
                if layer < len(layers):
                    big = w / count * 0.46 * share
                    turn = scene.hand.gauss(0, 0.05)
                    layers[layer].polygon(moved(shape, *at, scale=big, turn=turn))
    for level in (0.1, 0.155, 0.86):
        y = h * level
        wave = [(x, y + scene.hand.gauss(0, 1.5)) for x in range(0, w + 40, 40)]
        layers[0].line(curve(wave, 4), 7)
    wash = grain.gentle(grain.clouds(skin.size, scene.hand, 9), 0.6, 232)
    for pencil, colour in zip(layers, inks, strict=True):
        mask = ImageChops.multiply(grain.soft(pencil.done(), 1.3 * scene.k), wash)
        skin.paste(darker(colour, 0.08), (0, 0, *skin.size), mask)
