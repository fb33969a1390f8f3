"""What things stand or lie on: a painted wall with a table, boards, a table top from above."""

from __future__ import annotations

import math
from random import Random

from PIL import Image, ImageChops

from . import grain
from .colours import darker, lighter, ramp
from .frame import HEIGHT, WIDTH, Colour, Pencil, Point, field, moved
from .studio import Scene


def room(scene: Scene, horizon: float = 960, *, wood: bool = False) -> None:
    """A painted wall and a table whose far edge lies at `horizon` units."""
    size = scene.size
    wall = Image.new("RGB", size, lighter(scene.palette.wall, 0.1))
    wall = grain.textured(wall, grain.clouds(size, scene.hand, 3), 0.13)
    table = _boards(scene, horizon) if wood else _slab(scene)
    edge = scene.pencil(fine=1)
    edge.box(0, horizon, WIDTH, HEIGHT)
    wall.paste(table, (0, 0), grain.soft(edge.done(), 2.4 * scene.k))
    scene.picture = wall
    scene.multiply(scene.whole(_daylight(scene, horizon)))


def flat_ground(scene: Scene, *, wood: bool = False, colour: Colour | None = None) -> None:
    """A table top seen from right above."""
    ground = lighter(colour or scene.palette.table, 0.1)
    if wood:
        scene.picture = planks(scene, lighter(scene.palette.table, 0.1))
    else:
        sheet = Image.new("RGB", scene.size, ground)
        scene.picture = grain.textured(sheet, grain.clouds(scene.size, scene.hand, 3), 0.13)
    scene.multiply(scene.whole(_sideways(scene)))


def linen(scene: Scene) -> None:
    """Lays a plain cloth over the ground."""
    warp = grain.fibres(scene.size, scene.hand, 60, upright=True)
    weft = grain.fibres(scene.size, scene.hand, 60)
    scene.picture = grain.textured(scene.picture, Image.blend(warp, weft, 0.5), 0.35)


def wood_sheet(size: tuple[int, int], colour: Colour, by: Random, *, upright: bool = False) -> Image.Image:
    """Sawn wood with its figure along the width, or upright."""
    streaks = Image.blend(
        grain.fibres(size, by, max(8, max(size) // 5), upright=upright),
        grain.soft(grain.fibres(size, by, max(8, max(size) // 3), upright=upright), 3),
        0.6,
    )
    cells = (14, 3) if upright else (3, 14)
    figure = Image.blend(streaks, grain.blotches(size, by, cells), 0.4)
    spread = figure.point([max(0, min(255, round((v - 128) * 1.9 + 128))) for v in range(256)])
    return ramp(spread, darker(colour, 0.3), lighter(colour, 0.2), colour)


def planks(scene: Scene, colour: Colour, wide: float = 265) -> Image.Image:
    """Boards from above, running upright, each a little different."""
    sheet = wood_sheet(scene.size, colour, scene.hand, upright=True)
    joints = Pencil(WIDTH, HEIGHT, scene.k, ground=255, fine=1)
    x = -scene.hand.uniform(0, 200)
    while x < WIDTH:
        width = wide * scene.hand.uniform(0.88, 1.12)
        joints.box(x, 0, x + width, HEIGHT, scene.hand.randint(226, 255))
        joints.box(x, 0, x + 2.5, HEIGHT, 106)
        x += width
    return ImageChops.multiply(sheet, grain.grey(grain.soft(joints.done(), 0.8 * scene.k)))


def away(sheet: Image.Image, size: tuple[int, int], top: float, *, far: float, near: float) -> Image.Image:
    """A sheet seen from above laid down so that it runs away to the height `top` (pixels).

    `far` and `near` are pixels of the sheet per pixel of the picture, at `top` and at its foot."""
    w, h = size
    bend = (far / near - 1) / (h - top)
    base = 1 - bend * top
    middle, half = w / 2, sheet.width / 2
    across = (far / base, half * bend / base, (half * base - far * middle) / base)
    deep = sheet.height / (h - top) * far / near
    down = (0.0, deep / base, -deep * top / base)
    return sheet.transform(
        size,
        Image.Transform.PERSPECTIVE,
        (*across, *down, 0.0, bend / base),
        Image.Resampling.BICUBIC,
    )


def _slab(scene: Scene) -> Image.Image:
    stone = Image.new("RGB", scene.size, lighter(scene.palette.table, 0.12))
    stone = grain.textured(stone, grain.clouds(scene.size, scene.hand, 5), 0.1)
    return grain.textured(stone, grain.soft(grain.white(scene.size, scene.hand), 0.9), 0.16)


def _boards(scene: Scene, horizon: float) -> Image.Image:
    """Boards running away from us."""
    above = planks(scene, lighter(scene.palette.table, 0.1), 110)
    return away(above, scene.size, horizon * scene.k, far=1.0, near=0.44)


def _daylight(scene: Scene, horizon: float) -> Image.Image:
    """Light falling off to the right, a window thrown on the wall, a darker foot of the wall."""
    w, h = scene.small
    fall = Image.linear_gradient("L").rotate(90).resize((w, h))
    base = ramp(fall, (212, 203, 200), (255, 253, 250), (252, 248, 242))
    glow = scene.sketch()
    glow.ellipse(330, 520, 640, 620, 120)
    warm = ramp(grain.soft(glow.done(), 50 * scene.k), (0, 0, 0), (120, 112, 96))
    base = ImageChops.screen(base, warm)
    base = ImageChops.multiply(base, ramp(_panes(scene), (228, 219, 217), (255, 255, 255)))
    foot = scene.sketch(255)
    foot.box(0, horizon - 26, WIDTH, horizon + 4, 186)
    foot.box(0, horizon + 4, WIDTH, horizon + 40, 238)
    return ImageChops.multiply(base, grain.grey(grain.soft(foot.done(), 8 * scene.k)))


def _sideways(scene: Scene) -> Image.Image:
    """Low light over a table top: bright at the upper left, soft window and leaf shadows."""
    fall = field(scene.small, lambda u, v: 1.08 - 0.55 * u - 0.35 * v, (8, 10))
    base = ramp(fall, (200, 189, 185), (255, 253, 249), (250, 244, 236))
    panes = grain.soft(_panes(scene), 3 * scene.k)
    return ImageChops.multiply(base, ramp(panes, (226, 217, 215), (255, 255, 255)))


def _panes(scene: Scene) -> Image.Image:
    """Where the window's light falls (255), with the shadow of some leaves in it."""
    by = scene.hand
    light = scene.sketch(0)
    left, top = by.uniform(60, 260), by.uniform(30, 160)
    wide, tall, lean = by.uniform(210, 260), by.uniform(250, 310), by.uniform(0.24, 0.4)
    for column in range(2):
        for row in range(3):
            x, y = left + column * (wide + 34), top + row * (tall + 30)
            corners = ((x, y), (x + wide, y), (x + wide, y + tall), (x, y + tall))
            light.polygon([(px + (py - 200) * 0.12, py + (px - left) * lean) for px, py in corners])
    if by.random() < 0.7:
        _branch(light, by, (by.uniform(780, 1000), by.uniform(-60, 60)))
    return grain.soft(light.done(), 5.5 * scene.k)


def _branch(light: Pencil, by: Random, at: Point) -> None:
    """Twigs with leaves that hang into the light."""
    half = [(t / 8, 0.19 * math.sin(math.pi * t / 8)) for t in range(9)]
    leaf = half + [(x, -y) for x, y in reversed(half)]
    for _ in range(by.randint(3, 4)):
        turn = by.uniform(1.7, 2.9)
        for step in range(3, 12):
            x = at[0] + math.cos(turn) * step * 58
            y = at[1] + math.sin(turn) * step * 58 + step * step * 2.0
            side = turn + (1.0 if step % 2 else -1.0) + by.uniform(-0.2, 0.2)
            light.polygon(moved(leaf, x, y, scale=by.uniform(58, 86), turn=side), 0)
