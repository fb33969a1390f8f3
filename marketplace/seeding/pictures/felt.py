"""Felt slippers with embroidered toes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageChops

from . import grain
from .colours import darker, lighter, mix
from .frame import Colour, Point, curve, moved, outline
from .ground import flat_ground
from .motifs import MOTIFS
from .solids import solid, stitches
from .studio import Scene

SOLE: Final = outline(
    "0,-330 78,-318 124,-240 134,-120 108,20 92,140 102,240 84,322 0,352 -78,326 -96,240 "
    "-92,130 -110,10 -124,-130 -104,-250 -60,-318"
)
UPPER: Final = outline(
    "0,-318 74,-304 118,-232 128,-120 108,0 92,130 70,150 48,96 0,62 -48,96 -70,150 -94,120 "
    "-108,0 -118,-130 -98,-240 -58,-304"
)
MOUTH: Final = outline("-74,144 -52,98 0,66 52,98 74,144")


def slippers(scene: Scene) -> None:
    flat_ground(scene, wood=scene.seed % 2 == 0, colour=lighter(scene.palette.wall, 0.1))
    if scene.view == 1:
        _slipper(scene, (560, 960), 2.7, 0.22, 1)
        return
    if scene.view == 2:
        _slipper(scene, (395, 690), 1.3, -0.5, 1)
        _slipper(scene, (800, 840), 1.3, 0.34, -1)
        return
    _slipper(scene, (375, 750), 1.68, -0.07, 1)
    _slipper(scene, (825, 750), 1.68, 0.07, -1)


def _slipper(scene: Scene, at: Point, big: float, turn: float, side: int) -> None:
    def placed(shape: Sequence[Point], grow: float = 1.0) -> list[Point]:
        flat = [(x * side * grow, y * grow) for x, y in shape]
        return moved(flat, *at, scale=big, turn=turn)

    look = scene.taste("felt")
    dye = look.choice((scene.palette.main, scene.palette.second, scene.palette.main))
    felt = mix(dye, (150, 130, 116), 0.15)
    inner = mix(scene.palette.accent, (206, 184, 150), 0.45)
    sole = darker(felt, 0.42)
    hairs = grain.blotches(scene.size, scene.hand, (scene.size[0] // 2, scene.size[1] // 2))
    wool = Image.blend(hairs, grain.clouds(scene.size, scene.hand, 24), 0.4)
    rim, bed = (curve(placed(SOLE, grow), 8, closed=True) for grow in (1.03, 0.93))
    _felted(scene, rim, sole, wool, (4, 10), 1.0, 30 * big)
    _felted(scene, bed, inner, wool, (30, 50), -0.8, 0)
    radii = (10 * big, 26 * big, 50 * big)
    _felted(scene, curve(placed(UPPER), 8, closed=True), felt, wool, radii, 1.7, 18 * big)
    seam = lighter(inner, 0.3)
    stitches(scene, curve(placed(MOUTH), 10), seam, long=13 * big, width=4.4 * big)
    _embroidery(scene, at, big, turn, side)


def _felted(
    scene: Scene,
    shape: list[Point],
    colour: Colour,
    wool: Image.Image,
    radii: tuple[float, ...],
    steep: float,
    height: float,
) -> None:
    sheet = grain.textured(Image.new("RGB", scene.size, colour), wool, 0.42)
    dark = darker(colour, 0.75)
    solid(scene, shape, sheet, radii=radii, steep=steep, height=height, dark=dark)


def _embroidery(scene: Scene, at: Point, big: float, turn: float, side: int) -> None:
    motif = scene.taste("thread").choice(MOTIFS)()
    palette = scene.palette
    inks = (palette.cloth, palette.second, palette.accent, darker(palette.main, 0.2))
    x, y = moved([(2.0 * side, -130.0)], *at, scale=big, turn=turn)[0]
    layers = [scene.pencil() for _ in inks]
    for ink, shape in motif:
        flat = [(px * side, py) for px, py in shape]
        layers[ink].polygon(moved(flat, x, y, scale=88 * big, turn=turn))
    lines = grain.grey(grain.gentle(grain.fibres(scene.size, scene.hand, 12), 0.6, 220))
    for layer, dye in zip(layers, inks, strict=True):
        mask = layer.done()
        if mask.getbbox() is None:
            continue
        thread = ImageChops.multiply(Image.new("RGB", scene.size, dye), lines)
        dark = darker(dye, 0.6)
        solid(scene, mask, thread, radii=(3,), steep=0.8, height=3, deep=0.3, dark=dark)
