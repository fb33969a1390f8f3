"""The studio: a wall, a table, daylight from a window on the left, shadows, and the last print."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from . import grain
from .colours import PALETTES, Palette, darker, lighter, mix, ramp
from .frame import HEIGHT, WIDTH, Colour, Pencil, Point, hand
from .lathe import Cutout


@dataclass
class Scene:
    """One picture while it is made. `look` is the same in every view of a listing, `hand` is not.

    `k` is pixels per unit; the picture is 1200 by 1500 units."""

    craft: str
    seed: int
    view: int
    k: float
    look: Random = field(init=False)
    hand: Random = field(init=False)
    palette: Palette = field(init=False)
    picture: Image.Image = field(init=False)

    def __post_init__(self) -> None:
        self.look = hand(self.craft, self.seed)
        self.hand = hand(self.craft, self.seed, self.view)
        self.palette = PALETTES[self.look.randrange(len(PALETTES))]
        self.picture = Image.new("RGB", self.size, self.palette.wall)

    @property
    def size(self) -> tuple[int, int]:
        return round(WIDTH * self.k), round(HEIGHT * self.k)

    @property
    def small(self) -> tuple[int, int]:
        """A quarter of the size: enough for all that is soft."""
        return max(2, self.size[0] // 4), max(2, self.size[1] // 4)

    def pencil(self, *, mode: str = "L", ground: int | Colour = 0, fine: int = 2) -> Pencil:
        return Pencil(WIDTH, HEIGHT, self.k, mode=mode, ground=ground, fine=fine)

    def sketch(self, ground: int = 0) -> Pencil:
        """A pencil for soft maps, at a quarter of the size."""
        return Pencil(WIDTH, HEIGHT, self.small[0] / WIDTH, ground=ground, fine=1)

    def whole(self, small: Image.Image) -> Image.Image:
        return small.resize(self.size, Image.Resampling.BICUBIC)

    def multiply(self, light: Image.Image) -> None:
        self.picture = ImageChops.multiply(self.picture, light)

    def lay(self, colour: Image.Image | Colour, mask: Image.Image, at: Point = (0, 0)) -> None:
        """Colours through a mask, with its upper left corner at `at` (pixels)."""
        x, y = round(at[0]), round(at[1])
        if isinstance(colour, Image.Image):
            self.picture.paste(colour, (x, y), mask)
        else:
            self.picture.paste(colour, (x, y, x + mask.width, y + mask.height), mask)


def room(scene: Scene, horizon: float = 960, *, wood: bool = False) -> None:
    """A painted wall and a table whose far edge lies at `horizon` units."""
    size = scene.size
    wall = Image.new("RGB", size, scene.palette.wall)
    plaster = grain.clouds(size, scene.hand, 3)
    wall = grain.textured(wall, plaster, 0.16)
    table = _boards(scene, horizon) if wood else _slab(scene)
    edge = scene.pencil(fine=1)
    edge.box(0, horizon, WIDTH, HEIGHT)
    wall.paste(table, (0, 0), grain.soft(edge.done(), 2.4 * scene.k))
    scene.picture = wall
    scene.multiply(scene.whole(_daylight(scene, horizon)))


def flat_ground(scene: Scene, *, wood: bool = False, colour: Colour | None = None) -> None:
    """A table top seen from right above."""
    ground = colour or scene.palette.table
    if wood:
        scene.picture = planks(scene, ground)
    else:
        sheet = Image.new("RGB", scene.size, ground)
        scene.picture = grain.textured(sheet, grain.clouds(scene.size, scene.hand, 4), 0.2)
    scene.multiply(scene.whole(_sideways(scene)))


def _slab(scene: Scene) -> Image.Image:
    stone = Image.new("RGB", scene.size, scene.palette.table)
    return grain.textured(stone, grain.clouds(scene.size, scene.hand, 6), 0.2)


def planks(scene: Scene, colour: Colour, wide: float = 265) -> Image.Image:
    """Boards from above, running upright, each a little different."""
    sheet = wood_sheet(scene.size, colour, scene.hand, upright=True)
    joints = Pencil(WIDTH, HEIGHT, scene.k, ground=255, fine=1)
    x = -scene.hand.uniform(0, 200)
    while x < WIDTH:
        width = wide * scene.hand.uniform(0.88, 1.12)
        joints.box(x, 0, x + width, HEIGHT, scene.hand.randint(222, 255))
        joints.box(x, 0, x + 2.5, HEIGHT, 96)
        x += width
    return ImageChops.multiply(sheet, grain.grey(grain.soft(joints.done(), 0.8 * scene.k)))


def _boards(scene: Scene, horizon: float) -> Image.Image:
    """The same boards running away from us, towards a point above the horizon."""
    above = planks(scene, scene.palette.table, 110)
    w, h = scene.size
    top, near = horizon * scene.k, 2.3
    bend = (near - 1) / (h - top)
    far = 1 - bend * top
    middle = w / 2
    across = (1 / far, middle * bend / far, middle * (far - 1) / far)
    down = (0.0, near / far, -near * top / far)
    return above.transform(
        (w, h),
        Image.Transform.PERSPECTIVE,
        (*across, *down, 0.0, bend / far),
        Image.Resampling.BICUBIC,
    )


def wood_sheet(size: tuple[int, int], colour: Colour, by: Random, *, upright: bool = False) -> Image.Image:
    """Sawn wood with its figure along the width, or upright."""
    streaks = Image.blend(
        grain.fibres(size, by, max(8, max(size) // 5), upright=upright),
        grain.soft(grain.fibres(size, by, max(8, max(size) // 3), upright=upright), 3),
        0.6,
    )
    cells = (14, 3) if upright else (3, 14)
    figure = Image.blend(streaks, grain.blotches(size, by, cells), 0.4)
    spread = figure.point([max(0, min(255, round((v - 128) * 2.1 + 128))) for v in range(256)])
    return ramp(spread, darker(colour, 0.34), lighter(colour, 0.2), colour)


def _daylight(scene: Scene, horizon: float) -> Image.Image:
    """Light falling off to the right, a window thrown on the wall, a darker foot of the wall."""
    w, h = scene.small
    fall = Image.linear_gradient("L").rotate(90).resize((w, h))
    base = ramp(fall, (206, 196, 194), (255, 253, 249), (250, 245, 238))
    glow = scene.sketch()
    glow.ellipse(330, 520, 640, 620, 120)
    panes = _panes(scene, horizon)
    glow_map = grain.soft(glow.done(), 50 * scene.k)
    base = ImageChops.screen(base, ramp(glow_map, (0, 0, 0), (120, 112, 96)))
    base = ImageChops.multiply(base, ramp(panes, (222, 214, 214), (255, 255, 255)))
    foot = scene.sketch(255)
    foot.box(0, horizon - 26, WIDTH, horizon + 4, 176)
    foot.box(0, horizon + 4, WIDTH, horizon + 40, 236)
    return ImageChops.multiply(base, grain.grey(grain.soft(foot.done(), 8 * scene.k)))


def _panes(scene: Scene, horizon: float) -> Image.Image:
    """Where the window's light meets the wall (255), with the shadow of some leaves in it."""
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
        _leaves(light, by, (by.uniform(780, 1000), by.uniform(-60, 60)))
    return grain.soft(light.done(), 5.5 * scene.k)


def _leaves(light: Pencil, by: Random, at: Point) -> None:
    """A branch that hangs into the light."""
    for _ in range(by.randint(3, 4)):
        turn = by.uniform(1.7, 2.9)
        for step in range(3, 12):
            x = at[0] + math.cos(turn) * step * 58
            y = at[1] + math.sin(turn) * step * 58 + step * step * 2.0
            side = turn + (1.0 if step % 2 else -1.0) + by.uniform(-0.2, 0.2)
            long = by.uniform(58, 86)
            light.polygon(_leaf((x, y), side, long), 0)


def _leaf(at: Point, turn: float, long: float) -> list[Point]:
    cos, sin = math.cos(turn), math.sin(turn)
    shape = [(t / 8, 0.19 * math.sin(math.pi * t / 8)) for t in range(9)]
    shape += [(x, -y) for x, y in reversed(shape)]
    return [(at[0] + long * (x * cos - y * sin), at[1] + long * (x * sin + y * cos)) for x, y in shape]


def _sideways(scene: Scene) -> Image.Image:
    """Low light over a table top: bright at the upper left, soft leaf shadows."""
    w, h = scene.small
    fall = Image.linear_gradient("L").rotate(130, expand=False).resize((w, h))
    slope = Image.linear_gradient("L").rotate(90).resize((w, h))
    base = ramp(Image.blend(fall, slope, 0.7), (184, 172, 168), (255, 253, 248), (244, 236, 226))
    panes = grain.soft(_panes(scene, HEIGHT), 4 * scene.k)
    return ImageChops.multiply(base, ramp(panes, (220, 210, 208), (255, 255, 255)))


def shadow(scene: Scene, soft: Image.Image, deep: float = 0.62) -> None:
    """Darkens the picture by a small map (L): 255 is full shade."""
    warm = mix((255, 255, 255), (52, 34, 36), deep)
    scene.multiply(scene.whole(ramp(soft, (255, 255, 255), warm)))


def drop_shadow(scene: Scene, mask: Image.Image, *, height: float = 12, deep: float = 0.6) -> None:
    """The shadow of something that lies flat, `height` units above the table."""
    w, h = scene.small
    small = mask.resize((w, h), Image.Resampling.BOX)
    d = height * scene.k / 4
    near = grain.soft(_shifted(small, d * 0.35, d * 0.4), d * 0.35 + 0.6)
    far = grain.soft(_shifted(small, d * 1.3, d * 1.4), d * 1.2 + 1)
    shadow(scene, ImageChops.lighter(near.point([round(v * 0.8) for v in range(256)]), far), deep)


def _shifted(mask: Image.Image, x: float, y: float) -> Image.Image:
    return mask.transform(mask.size, Image.Transform.AFFINE, (1, 0, -x, 0, 1, -y), Image.Resampling.BILINEAR)


def stand(scene: Scene, thing: Cutout, at: Point, *, deep: float = 0.72) -> None:
    """Puts a thing on the table with its foot at `at` (units), and its shadow to the right."""
    x, y = at[0] * scene.k - thing.foot[0], at[1] * scene.k - thing.foot[1]
    shadow(scene, _cast(scene, thing, (x, y)), deep)
    scene.lay(thing.colour, thing.mask, (x, y))


def _cast(scene: Scene, thing: Cutout, at: Point) -> Image.Image:
    """The thing's outline laid down on the table, sharper near its foot; a dark line below it."""
    w, h = scene.small
    full = Image.new("L", (w, h), 0)
    mask = thing.mask.resize((max(1, thing.mask.width // 4), max(1, thing.mask.height // 4)), Image.Resampling.BOX)
    full.paste(mask, (round(at[0] / 4), round(at[1] / 4)))
    foot = (at[0] + thing.foot[0]) / 4, (at[1] + thing.foot[1]) / 4
    lean, flat = 0.95, 0.2
    laid = full.transform(
        (w, h),
        Image.Transform.AFFINE,
        (1, lean / flat, -lean / flat * foot[1], 0, 1 / flat, foot[1] - foot[1] / flat),
        Image.Resampling.BILINEAR,
    )
    k = scene.k
    near, far = grain.soft(laid, 2.2 * k), grain.soft(laid, 11 * k)
    fade = Image.new("L", (w, h), 0)
    ImageDraw.Draw(fade).rectangle([0, foot[1] - 10 * k, w, max(h, foot[1])], fill=255)
    cast = Image.composite(near, far, grain.soft(fade, 8 * k)).point([round(v * 0.62) for v in range(256)])
    touch = Image.new("L", (w, h), 0)
    reach = thing.reach / 4
    box = [
        foot[0] - reach * 1.02,
        foot[1] - reach * 0.2,
        foot[0] + reach * 1.1,
        foot[1] + reach * 0.26,
    ]
    ImageDraw.Draw(touch).ellipse(box, fill=230)
    return ImageChops.lighter(cast, touch.filter(ImageFilter.GaussianBlur(2.6 * k)))


def printed(scene: Scene) -> Image.Image:
    """The last step: vignette, a touch more contrast, fine grain."""
    w, h = scene.small
    edge = Image.radial_gradient("L").resize((round(w * 1.5), round(h * 1.5)))
    edge = edge.crop((w // 4, h // 4, w // 4 + w, h // 4 + h))
    scene.multiply(scene.whole(ramp(edge.point(_vignette()), (255, 255, 255), (176, 164, 164))))
    noise = grain.gentle(grain.white(scene.size, scene.hand), 0.05, 128)
    return ImageChops.overlay(scene.picture.point(_contrast() * 3), grain.grey(noise))


def _vignette() -> list[int]:
    return [max(0, min(255, round((v - 70) * 1.25))) for v in range(256)]


def _contrast() -> list[int]:
    """A gentle S: deeper shadows, open lights."""
    return [
        round(255 * (v / 255 + 0.03 * math.sin((v / 255 - 0.5) * math.tau) + 0.012)) if v else 2 for v in range(256)
    ]
