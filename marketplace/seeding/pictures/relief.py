"""Things without a turning axis: an outline is blown up like a cushion, and lit from its slopes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageChops, ImageMath

from . import grain
from .colours import ramp
from .frame import Colour

Tools = dict[str, Any]
"""What Pillow hands to arithmetic on images: the images and functions by name."""


def puffed(mask: Image.Image, radii: Sequence[float]) -> Image.Image:
    """How high the inside of the outline stands (L): domes of the given radii (pixels) added."""
    height = Image.new("L", mask.size, 0)
    for i, radius in enumerate(radii):
        dome = ImageChops.multiply(grain.soft(mask, radius), mask)
        height = dome if i == 0 else Image.blend(height, dome, 1 / (i + 1))
    return height


def slopes(height: Image.Image, step: int, steep: float) -> tuple[Image.Image, Image.Image]:
    """How much the height rises to the right and downwards (L, 128 is level)."""
    rises = []
    for x, y in ((step, 0), (0, step)):
        ahead, behind = ImageChops.offset(height, -x, -y), ImageChops.offset(height, x, y)
        rise = ImageChops.subtract(ahead, behind, scale=1 / steep, offset=128)
        rises.append(grain.soft(rise, step * 0.6))
    return rises[0], rises[1]


def lit(
    height: Image.Image, *, step: int = 3, steep: float = 1.0, gloss: float = 0.0
) -> tuple[Image.Image, Image.Image]:
    """(light on the colour, light on top) for a height map (L), with the studio's window."""
    right, down = slopes(height, step, steep)
    light = ImageMath.lambda_eval(
        lambda a: a["convert"](_lambert(a, a["right"], a["down"]), "L"), right=right, down=down
    )
    if not gloss:
        return light, Image.new("L", height.size, 0)
    shine = ImageMath.lambda_eval(
        lambda a: a["convert"](_shine(a, a["right"], a["down"], gloss), "L"), right=right, down=down
    )
    return light, shine


def _tilt(a: Tools, right: Any, down: Any) -> Any:
    """The surface's normal from its slopes."""
    x, y = (a["float"](right) - 128.0) / -52.0, (a["float"](down) - 128.0) / 52.0
    return x, y, (x * x + y * y + 1.0) ** -0.5


def _lambert(a: Tools, right: Any, down: Any) -> Any:
    x, y, z = _tilt(a, right, down)
    facing = (x * -0.5 + y * 0.52 + 0.69) * z
    return a["max"](a["min"](40.0 + 236.0 * (facing + 0.22) / 1.22, 255.0), 30.0)


def _shine(a: Tools, right: Any, down: Any, gloss: float) -> Any:
    x, y, z = _tilt(a, right, down)
    half = a["max"]((x * -0.3 + y * 0.32 + 0.9) * z, 0.0)
    return a["min"](255.0 * gloss * half**26.0, 255.0)


def modelled(
    colour: Image.Image | Colour,
    mask: Image.Image,
    radii: Sequence[float],
    *,
    dark: Colour,
    steep: float = 1.0,
    gloss: float = 0.0,
    step: int = 3,
) -> Image.Image:
    """The colour, lit as if the outline were rounded. All sizes in pixels of the outline."""
    full = mask.size
    small = mask.resize((max(2, full[0] // 2), max(2, full[1] // 2)), Image.Resampling.BOX)
    height = puffed(small, [radius / 2 for radius in radii])
    light, shine = (
        part.resize(full, Image.Resampling.BICUBIC) for part in lit(height, step=step, steep=steep, gloss=gloss)
    )
    sheet = colour if isinstance(colour, Image.Image) else Image.new("RGB", full, colour)
    return glowing(sheet, light, shine, dark)


def glowing(colour: Image.Image, light: Image.Image, shine: Image.Image, dark: Colour) -> Image.Image:
    """Light above the middle (200) brightens the colour, below it darkens it towards `dark`."""
    shade = light.point([min(255, round(v * 255 / 200)) for v in range(256)])
    extra = light.point([max(0, round((v - 200) * 1.1)) for v in range(256)])
    lit_colour = ImageChops.multiply(colour, ramp(shade, dark, (255, 253, 249)))
    glow = ImageChops.multiply(ramp(extra, (0, 0, 0), (255, 246, 226)), colour)
    lit_colour = ImageChops.add(lit_colour, glow)
    return ImageChops.screen(lit_colour, ramp(shine, (0, 0, 0), (255, 250, 240)))
