"""One picture while it is made, the shadows in it, and the last print."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from PIL import Image, ImageChops, ImageDraw

from . import grain
from .colours import PALETTES, Palette, mix, ramp
from .frame import HEIGHT, WIDTH, Colour, Pencil, Point, hand
from .lathe import Cutout


@dataclass
class Scene:
    """`look` is the same in every view of a listing, `hand` is not.

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
        self.palette = self.look.choice(PALETTES)
        self.picture = Image.new("RGB", self.size, self.palette.wall)

    @property
    def size(self) -> tuple[int, int]:
        return round(WIDTH * self.k), round(HEIGHT * self.k)

    @property
    def small(self) -> tuple[int, int]:
        """A quarter of the size: enough for all that is soft."""
        return max(2, self.size[0] // 4), max(2, self.size[1] // 4)

    def taste(self, *what: str | int) -> Random:
        """The maker's hand for one question: the same in every view of the listing."""
        return hand(self.craft, self.seed, *what)

    def pencil(self, *, mode: str = "L", ground: int | Colour = 0, fine: int = 2) -> Pencil:
        return Pencil(WIDTH, HEIGHT, self.k, mode=mode, ground=ground, fine=fine)

    def outline(self, points: Sequence[Point]) -> Image.Image:
        """A filled outline as a mask of the whole picture."""
        pencil = self.pencil()
        pencil.polygon(points)
        return pencil.done()

    def around(
        self, points: Sequence[Point], margin: float, *, mode: str = "L", ground: int | Colour = 0
    ) -> tuple[Pencil, Point]:
        """A pencil for the part of the picture near these points, and that part's corner."""
        left, top = (math.floor((min(axis) - margin) * self.k) for axis in zip(*points, strict=True))
        right, low = (math.ceil((max(axis) + margin) * self.k) for axis in zip(*points, strict=True))
        left, top = max(0, min(left, self.size[0] - 2)), max(0, min(top, self.size[1] - 2))
        right, low = min(self.size[0], max(right, left + 2)), min(self.size[1], max(low, top + 2))
        wide, tall = (right - left) / self.k, (low - top) / self.k
        origin = (left / self.k, top / self.k)
        return Pencil(wide, tall, self.k, mode=mode, ground=ground, origin=origin), (left, top)

    def sketch(self, ground: int = 0) -> Pencil:
        """A pencil for soft maps, at a quarter of the size."""
        return Pencil(WIDTH, HEIGHT, self.small[0] / WIDTH, ground=ground, fine=1)

    def whole(self, small: Image.Image) -> Image.Image:
        return small.resize(self.size, Image.Resampling.BICUBIC)

    def multiply(self, light: Image.Image) -> None:
        self.picture = ImageChops.multiply(self.picture, light)

    def lay(self, colour: Image.Image | Colour, mask: Image.Image, at: Point = (0, 0)) -> None:
        """Colours through a mask, with its upper left corner at `at` (pixels)."""
        box = mask.getbbox()
        if box is None:
            return
        place = (round(at[0]) + box[0], round(at[1]) + box[1])
        cut = mask.crop(box)
        if isinstance(colour, Image.Image):
            self.picture.paste(colour.crop(box), place, cut)
        else:
            self.picture.paste(colour, (*place, place[0] + cut.width, place[1] + cut.height), cut)

    def fill(self, points: Sequence[Point], colour: Colour) -> None:
        """A flat shape in one colour."""
        pencil, at = self.around(points, 3)
        pencil.polygon(points)
        self.lay(colour, pencil.done(), at)

    def lay_on(self, thing: Cutout, at: Point) -> None:
        """A thing with its foot at `at` (units) on top of another thing: no shadow."""
        self.lay(thing.colour, thing.mask, (at[0] * self.k - thing.foot[0], at[1] * self.k - thing.foot[1]))


def faded(mask: Image.Image, part: float) -> Image.Image:
    """A mask (L) at `part` of its strength."""
    return mask.point([round(value * part) for value in range(256)])


def shadow(scene: Scene, soft: Image.Image, deep: float = 0.62) -> None:
    """Darkens the picture by a small map (L) of the whole picture: 255 is full shade."""
    box = soft.getbbox()
    if box is None:
        return
    zoom_x, zoom_y = scene.size[0] / soft.width, scene.size[1] / soft.height
    full = (
        math.floor(box[0] * zoom_x),
        math.floor(box[1] * zoom_y),
        math.ceil(box[2] * zoom_x),
        math.ceil(box[3] * zoom_y),
    )
    shade = soft.crop(box).resize((full[2] - full[0], full[3] - full[1]), Image.Resampling.BICUBIC)
    warm = ramp(shade, (255, 255, 255), mix((255, 255, 255), (52, 34, 36), deep))
    scene.picture.paste(ImageChops.multiply(scene.picture.crop(full), warm), full[:2])


def drop_shadow(scene: Scene, mask: Image.Image, *, height: float = 12, deep: float = 0.6, at: Point = (0, 0)) -> None:
    """The shadow of something that lies flat, `height` units above the table. `at` (pixels) is
    where the mask's corner lies in the picture."""
    w, h = scene.small
    small = Image.new("L", (w, h), 0)
    part = mask.resize((max(1, mask.width // 4), max(1, mask.height // 4)), Image.Resampling.BOX)
    small.paste(part, (round(at[0] / 4), round(at[1] / 4)))
    d = height * scene.k / 4
    near = grain.soft(_shifted(small, d * 0.35, d * 0.4), d * 0.35 + 0.6 * scene.k)
    far = grain.soft(_shifted(small, d * 1.3, d * 1.4), d * 1.2 + scene.k)
    shadow(scene, ImageChops.lighter(faded(near, 0.8), far), deep)


def _shifted(mask: Image.Image, x: float, y: float) -> Image.Image:
    return mask.transform(mask.size, Image.Transform.AFFINE, (1, 0, -x, 0, 1, -y), Image.Resampling.BILINEAR)


def stand(scene: Scene, thing: Cutout, at: Point, *, deep: float = 0.74) -> None:
    """Puts a thing on the table with its foot at `at` (units), and its shadow to the right."""
    corner = at[0] * scene.k - thing.foot[0], at[1] * scene.k - thing.foot[1]
    shadow(scene, _cast(scene, thing, corner), deep)
    scene.lay(thing.colour, thing.mask, corner)


def _cast(scene: Scene, thing: Cutout, at: Point) -> Image.Image:
    """The thing's outline laid down on the table, sharper near its foot; a dark line below it."""
    w, h = scene.small
    k = scene.k
    full = Image.new("L", (w, h), 0)
    quarter = (max(1, thing.mask.width // 4), max(1, thing.mask.height // 4))
    full.paste(thing.mask.resize(quarter, Image.Resampling.BOX), (round(at[0] / 4), round(at[1] / 4)))
    x, y = (at[0] + thing.foot[0]) / 4, (at[1] + thing.foot[1]) / 4
    lean, flat = 1.0, 0.22
    slant = (1, lean / flat, -lean / flat * y, 0, 1 / flat, y - y / flat)
    laid = full.transform((w, h), Image.Transform.AFFINE, slant, Image.Resampling.BILINEAR)
    fade = Image.new("L", (w, h), 0)
    ImageDraw.Draw(fade).rectangle([0, y - 10 * k, w, max(h, y)], fill=255)
    cast = Image.composite(grain.soft(laid, 2.2 * k), grain.soft(laid, 9 * k), grain.soft(fade, 8 * k))
    touch = Image.new("L", (w, h), 0)
    reach = thing.reach / 4
    box = [x - reach * 1.02, y - reach * 0.2, x + reach * 1.1, y + reach * 0.26]
    ImageDraw.Draw(touch).ellipse(box, fill=235)
    return ImageChops.lighter(faded(cast, 0.68), grain.soft(touch, 2.6 * k))


def printed(scene: Scene) -> Image.Image:
    """The last step: vignette, a touch more contrast, fine grain."""
    w, h = scene.small
    edge = Image.radial_gradient("L").resize((round(w * 1.5), round(h * 1.5)))
    edge = edge.crop((w // 4, h // 4, w // 4 + w, h // 4 + h))
    dusk = edge.point([max(0, min(255, round((v - 80) * 1.25))) for v in range(256)])
    scene.multiply(scene.whole(ramp(dusk, (255, 255, 255), (190, 178, 176))))
    noise = grain.gentle(grain.white(scene.size, scene.hand), 0.045, 128)
    return ImageChops.overlay(scene.picture.point(_contrast() * 3), grain.grey(noise))


def _contrast() -> list[int]:
    """A gentle S: deeper shadows, open lights."""
    return [
        max(0, min(255, round(255 * (t + 0.03 * math.sin((t - 0.5) * math.tau) + 0.016))))
        for t in ((v / 255) ** 0.88 for v in range(256))
    ]
