"""Thrown and glazed: a vase, and cups with a bowl."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageChops

from . import grain
from .colours import Palette, darker, lighter, mix, ramp
from .finish import GLAZE
from .frame import Colour, curve
from .lathe import Cutout, Profile, turned
from .studio import Scene, room, stand

VASES: tuple[tuple[tuple[float, float], ...], ...] = (
    ((0.50, 0.0), (0.56, 0.03), (0.86, 0.26), (1.0, 0.56), (0.86, 0.86), (0.46, 1.06), (0.36, 1.2), (0.42, 1.36), (0.47, 1.4)),
    ((0.46, 0.0), (0.50, 0.03), (0.62, 0.3), (0.76, 0.7), (0.78, 1.1), (0.60, 1.42), (0.33, 1.6), (0.30, 1.75), (0.40, 1.86)),
    ((0.56, 0.0), (0.62, 0.03), (0.98, 0.34), (1.0, 0.58), (0.7, 0.84), (0.32, 1.02), (0.2, 1.3), (0.2, 1.62), (0.3, 1.74)),
    ((0.60, 0.0), (0.64, 0.03), (0.72, 0.4), (0.74, 0.9), (0.7, 1.24), (0.62, 1.36), (0.6, 1.44), (0.68, 1.5)),
)


def vase(scene: Scene) -> None:
    shape = scene.look.choice(VASES)
    stretch = scene.look.uniform(0.94, 1.06)
    room(scene, 980, wood=scene.seed % 2 == 0)
    size = 330
    profile = curve([(r * size, h * size * 1.35 * stretch) for r, h in shape], 14)
    skin = glaze(scene, (900, 1100))
    pot = turned(profile, k=scene.k, finish=GLAZE, skin=skin)
    stand(scene, pot, (600, 1230))


def glaze(scene: Scene, size: tuple[int, int]) -> Image.Image:
    by = scene.look
    w, h = max(8, round(size[0] * scene.k)), max(8, round(size[1] * scene.k))
    main = by.choice((scene.palette.main, scene.palette.second, scene.palette.cloth))
    second = by.choice((scene.palette.accent, scene.palette.second, scene.palette.cloth))
    cloud = grain.clouds((w, h), by, 5)
    body = ramp(cloud, darker(main, 0.35), lighter(main, 0.45), main)
    return body
