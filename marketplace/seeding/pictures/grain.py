"""Noise that is the same every time: grain, clouds, fibres. Pillow's own noise has no seed."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageChops, ImageFilter

Size = tuple[int, int]


def white(size: Size, by: Random) -> Image.Image:
    """Every pixel on its own, 0 to 255."""
    return Image.frombytes("L", size, by.randbytes(size[0] * size[1]))


def blotches(size: Size, by: Random, cells: tuple[int, int]) -> Image.Image:
    """Soft spots, about `cells` across and down."""
    small = (max(2, min(cells[0], size[0])), max(2, min(cells[1], size[1])))
    return white(small, by).resize(size, Image.Resampling.BICUBIC)


def clouds(size: Size, by: Random, cells: int = 4) -> Image.Image:
    """Blotches on blotches, half as strong each time they are twice as small."""
    tall = max(2, round(cells * size[1] / size[0]))
    cloud = blotches(size, by, (cells, tall))
    for octave in range(1, 4):
        finer = blotches(size, by, (cells << octave, tall << octave))
        cloud = Image.blend(cloud, finer, 0.36)
    return cloud


def fibres(size: Size, by: Random, stretch: int = 40, *, upright: bool = False) -> Image.Image:
    """Long thin streaks, along the width or upright."""
    width, height = size
    cells = (width, max(2, height // stretch)) if upright else (max(2, width // stretch), height)
    return blotches(size, by, cells)


def gentle(noise: Image.Image, strength: float, middle: int = 255) -> Image.Image:
    """Noise squeezed around `middle` by `strength` (1 is full), to multiply or overlay with."""
    table = [max(0, min(255, round(middle + (value - 128) * strength))) for value in range(256)]
    return noise.point(table)


def grey(noise: Image.Image) -> Image.Image:
    return Image.merge("RGB", (noise, noise, noise))


def textured(picture: Image.Image, noise: Image.Image, strength: float) -> Image.Image:
    """The picture with the noise laid over it, as light as before on the whole."""
    return ImageChops.overlay(picture, grey(gentle(noise, strength, 128)))


def embossed(height: Image.Image, step: int = 1, strength: float = 1.0) -> Image.Image:
    """Light from the upper left on a height map (L): 128 is level."""
    ahead = ImageChops.offset(height, -step, -step)
    return ImageChops.subtract(height, ahead, scale=1.0 / strength, offset=128)


def soft(picture: Image.Image, radius: float) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(radius)) if radius > 0 else picture
