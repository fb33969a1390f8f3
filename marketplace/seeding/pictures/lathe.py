"""Whatever is turned, thrown or spun: a profile goes round, a texture is bent over it and lit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageChops

from .colours import darker, lighter, ramp
from .finish import BALL, Finish, balls, spot, unit
from .frame import Colour, Pencil, Point

Profile = Sequence[Point]
"""(radius, height) from the foot up, in units."""

Quad = tuple[float, float, float, float, float, float, float, float]
Mesh = list[tuple[tuple[int, int, int, int], Quad]]


@dataclass(frozen=True)
class Cutout:
    """A thing cut out of its picture: colours (RGB), mask (L), and the pixel it stands on."""

    colour: Image.Image
    mask: Image.Image
    foot: Point
    reach: float
    """Half the width of its base, in pixels."""


@dataclass(frozen=True)
class Node:
    """One point of the visible surface: along the turn and the profile (0..1), and its light."""

    round: float
    along: float
    spot: Point


def turned(
    profile: Profile,
    *,
    k: float,
    tilt: float = 0.16,
    finish: Finish,
    skin: Image.Image | Colour,
    dark: Colour = (44, 26, 30),
    rows: float = 7.0,
    columns: int = 26,
) -> Cutout:
    """The profile turned, seen from a little above (`tilt` is the sine of the angle), at `k`
    pixels per unit. `skin` is a colour, or a picture of the front half laid flat."""
    profile = _dense(profile)
    radius = max(r for r, _ in profile) + 2
    top = max(h for _, h in profile)
    rise = math.sqrt(1 - tilt * tilt)
    tall = top * rise + 2 * tilt * radius + 8
    foot = (radius, top * rise + tilt * radius + 4)
    outline = _outline(profile, k, tilt, (2 * radius, tall), foot)
    size = outline.size
    columns = max(columns, round(radius / 11))
    grid = _Grid(profile, tilt, radius, foot, (columns, max(12, round(tall / rows))), size, k)
    body, shine = balls(finish)
    light = _bent(body, grid, lambda node: node.spot)
    gleam = _bent(shine, grid, lambda node: node.spot)
    if isinstance(skin, Image.Image):
        wide, high = skin.size
        colour = _bent(skin, grid, lambda n: (n.round * (wide - 1), (1 - n.along) * (high - 1)))
    else:
        colour = Image.new("RGB", size, skin)
    return Cutout(shaded(colour, light, gleam, dark), outline, (foot[0] * k, foot[1] * k), profile[0][0] * k)


def _dense(profile: Profile) -> list[Point]:
    """The same profile with no long straight pieces."""
    step = max(max(r, h) for r, h in profile) / 40
    dense = [profile[0]]
    for (r0, h0), (r1, h1) in pairwise(profile):
        pieces = max(1, math.ceil(math.hypot(r1 - r0, h1 - h0) / step))
        dense += [(r0 + (r1 - r0) * i / pieces, h0 + (h1 - h0) * i / pieces) for i in range(1, pieces + 1)]
    return dense


def opened(
    thing: Cutout,
    radius: float,
    height: float,
    *,
    k: float,
    inside: Colour,
    tilt: float = 0.16,
    lip: float = 9.0,
    fill: tuple[float, Colour] | None = None,
) -> None:
    """Opens the top of a vessel whose rim has this `radius` and `height`. The inside is darkest
    on the side of the window. `fill` is how deep (units) something stands in it, and its colour."""
    wide, deep = radius * 2 + 4, radius * tilt * 2 + 4
    x, y = wide / 2, deep / 2
    flat = Pencil(wide, deep, k, fine=3)
    flat.ellipse(x, y, radius - 1, (radius - 1) * tilt)
    hole = Pencil(wide, deep, k, fine=3)
    hole.ellipse(x, y + lip * 0.1, radius - lip, (radius - lip) * tilt - lip * 0.12)
    rim, well = flat.done(), hole.done()
    corner = (
        round(thing.foot[0] - x * k),
        round(thing.foot[1] - height * math.sqrt(1 - tilt * tilt) * k - y * k),
    )
    across = Image.linear_gradient("L").rotate(90).resize(rim.size)
    edge = ramp(across, lighter(inside, 0.2), lighter(inside, 0.62))
    thing.colour.paste(edge, corner, rim)
    away = ImageChops.invert(across)
    down = Image.linear_gradient("L").resize(rim.size)
    dusk = ImageChops.multiply(
        ramp(away, darker(inside, 0.8), darker(inside, 0.2)),
        ramp(down, (150, 146, 150), (255, 255, 255)),
    )
    thing.colour.paste(dusk, corner, well)
    if fill:
        level = Pencil(wide, deep, k, fine=3)
        level.ellipse(x, y + fill[0], radius - lip - 3, (radius - lip) * tilt - lip * 0.12)
        pool = ImageChops.multiply(level.done(), well)
        shine = ramp(away, lighter(fill[1], 0.22), darker(fill[1], 0.3), fill[1])
        thing.colour.paste(shine, corner, pool)


def shaded(colour: Image.Image, light: Image.Image, gleam: Image.Image, dark: Colour) -> Image.Image:
    """The colour in this light; shadows go warm towards `dark`, highlights towards daylight."""
    middle = (178 + dark[0] // 8, 166 + dark[1] // 8, 160 + dark[2] // 8)
    lit = ImageChops.multiply(colour, ramp(light, dark, (255, 253, 248), middle))
    return ImageChops.screen(lit, ramp(gleam, (0, 0, 0), (255, 251, 242)))


def _outline(profile: Profile, k: float, tilt: float, size: tuple[float, float], foot: Point) -> Image.Image:
    """Every slice is an ellipse; between two slices lies what their common tangents enclose."""
    rise = math.sqrt(1 - tilt * tilt)
    pencil = Pencil(*size, k, fine=2)
    x = foot[0]
    edge: list[Point] = []
    for (r, h), (out, up) in zip(profile, _faces(profile), strict=True):
        y = foot[1] - h * rise
        pencil.ellipse(x, y, r, r * tilt)
        towards = max(-1.0, min(1.0, -up * tilt / max(1e-6, out * rise)))
        edge.append((r * math.sqrt(1 - towards * towards), y + towards * r * tilt))
    for (w0, y0), (w1, y1) in pairwise(edge):
        pencil.polygon([(x - w0, y0), (x + w0, y0), (x + w1, y1), (x - w1, y1)])
    return pencil.done()


class _Grid:
    """The visible surface at the corners of a grid laid over the picture."""

    def __init__(
        self,
        profile: Profile,
        tilt: float,
        radius: float,
        foot: Point,
        cells: tuple[int, int],
        size: tuple[int, int],
        k: float,
    ) -> None:
        columns, rows = cells
        self.xs = [round(i * size[0] / columns) for i in range(columns + 1)]
        self.ys = [round(j * size[1] / rows) for j in range(rows + 1)]
        surface = _Surface(profile, tilt)
        self.nodes = [surface.column(x / k - foot[0], [y / k - foot[1] for y in self.ys]) for x in self.xs]


class _Surface:
    def __init__(self, profile: Profile, tilt: float) -> None:
        self.tilt = tilt
        self.rise = math.sqrt(1 - tilt * tilt)
        self.radii = [r for r, _ in profile]
        self.heights = [h for _, h in profile]
        self.faces = _faces(profile)
        lengths = [0.0]
        for (r0, h0), (r1, h1) in pairwise(profile):
            lengths.append(lengths[-1] + math.hypot(r1 - r0, h1 - h0))
        self.along = [length / lengths[-1] for length in lengths]

    def column(self, x: float, ys: Sequence[float]) -> list[Node]:
        """What is seen in the column at `x` for each `y` (from the foot, down is more)."""
        limit = max(self.radii) * 0.9985
        x = max(-limit, min(limit, x))
        seen = self._seen(x)
        nodes, at = [], 0
        for y in reversed(ys):
            while at < len(seen) - 2 and seen[at + 1][0] > y:
                at += 1
            nodes.append(self._node(x, y, seen[at], seen[min(at + 1, len(seen) - 1)]))
        return nodes[::-1]

    def _seen(self, x: float) -> list[tuple[float, int, float]]:
        """(y, index, side) from below upwards: the front, then the back where it looks over."""
        seen: list[tuple[float, int, float]] = []
        front = [i for i, r in enumerate(self.radii) if r >= abs(x)]
        for side, order in ((1.0, front), (-1.0, front[::-1])):
            for i in order:
                depth = math.sqrt(self.radii[i] ** 2 - x * x)
                y = -self.heights[i] * self.rise + side * depth * self.tilt
                if not seen or y < seen[-1][0]:
                    seen.append((y, i, side))
        return seen

    def _node(self, x: float, y: float, a: tuple[float, int, float], b: tuple[float, int, float]) -> Node:
        part = 0.0 if a[0] == b[0] else max(0.0, min(1.0, (a[0] - y) / (a[0] - b[0])))
        if a[1] != b[1] and abs(a[1] - b[1]) > 3:
            part = round(part)
        i, j = a[1], b[1]
        radius = max(abs(x), self.radii[i] + (self.radii[j] - self.radii[i]) * part, 0.01)
        along = self.along[i] + (self.along[j] - self.along[i]) * part
        out = self.faces[i][0] + (self.faces[j][0] - self.faces[i][0]) * part
        up = self.faces[i][1] + (self.faces[j][1] - self.faces[i][1]) * part
        across = x / radius
        towards = math.sqrt(max(0.0, 1 - across * across)) * (a[2] if part < 0.5 else b[2])
        nx, ny, nz = out * across, up, out * towards
        seen = unit(nx, ny * self.rise - nz * self.tilt, ny * self.tilt + nz * self.rise)
        return Node(0.5 + math.asin(max(-1.0, min(1.0, across))) / math.pi, along, spot(seen))


def _faces(profile: Profile) -> list[Point]:
    """Which way (outwards, upwards) the profile faces at each of its points."""
    faces = []
    for i in range(len(profile)):
        (r0, h0), (r1, h1) = profile[max(0, i - 1)], profile[min(len(profile) - 1, i + 1)]
        length = math.hypot(r1 - r0, h1 - h0) or 1.0
        faces.append(((h1 - h0) / length, (r0 - r1) / length))
    return faces


def _bent(flat: Image.Image, grid: _Grid, where: object) -> Image.Image:
    assert callable(where)
    mesh: Mesh = []
    for i, (x0, x1) in enumerate(pairwise(grid.xs)):
        left = [where(node) for node in grid.nodes[i]]
        right = [where(node) for node in grid.nodes[i + 1]]
        for j, (y0, y1) in enumerate(pairwise(grid.ys)):
            if x0 == x1 or y0 == y1:
                continue
            quad = (*left[j], *left[j + 1], *right[j + 1], *right[j])
            mesh.append(((x0, y0, x1, y1), quad))
    size = (grid.xs[-1], grid.ys[-1])
    quality = Image.Resampling.BILINEAR if flat.size[0] <= BALL else Image.Resampling.BICUBIC
    return flat.transform(size, Image.Transform.MESH, mesh, quality)
