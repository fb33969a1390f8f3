"""Strung by hand: necklaces of glass, clay and brass beads."""

from __future__ import annotations

import math
from random import Random

from PIL import Image

from . import grain
from .brass import BRASS, DARK, turned_brass
from .colours import darker, lighter, ramp
from .finish import GLAZE, METAL, Finish
from .frame import Colour, Point, curve, outline
from .ground import flat_ground, linen
from .lathe import Cutout, turned
from .solids import tube
from .studio import Scene, drop_shadow

CAP = outline("38,0 40,8 34,34 18,52 15,66 0.5,70")
STONE: Finish = Finish(wrap=0.45, gloss=0.55, tight=0.1, rim=0.14)


def necklace(scene: Scene) -> None:
    look = scene.taste("beads")
    ground = (scene.palette.wall, scene.palette.cloth, scene.palette.table)[scene.view % 3]
    flat_ground(scene, wood=scene.view == 2, colour=lighter(ground, 0.15))
    kinds = _kinds(scene, look, 3.0 if scene.view == 1 else 1.25)
    plan = [look.randrange(len(kinds)) for _ in range(look.choice((3, 4, 5)))]
    if scene.view == 1:
        linen(scene)
        _string(scene, _loop((560, -560), 800, 1000, 1.15), kinds, plan[::-1], 3.0)
        _string(scene, _loop((620, -460), 920, 1420, 1.15), kinds, plan, 3.0)
    elif scene.view == 2:
        _string(scene, _coil(scene.hand), kinds, plan, 1.25)
    else:
        _string(scene, _loop((600, 690), 420, 560, 1.25), kinds, plan, 1.25)
        _pendant(scene, look, (600, 1262))


def _kinds(scene: Scene, look: Random, big: float) -> list[tuple[Cutout, float]]:
    """The beads that are used again and again, each with its length along the string."""
    palette = scene.palette
    dyes = [palette.main, palette.second, palette.accent, palette.main]
    kinds = []
    for i, dye in enumerate(dyes):
        size = (27, 21, 24, 15)[i] * big * look.uniform(0.92, 1.06)
        flat = (1.0, 0.92, 0.8, 0.7)[i]
        kinds.append((_bead(scene, size, flat, dye, STONE if i % 2 else GLAZE), size * 1.96))
    kinds.append((_bead(scene, 13 * big, 0.72, BRASS, METAL), 13 * big * 1.7))
    return kinds


def _bead(scene: Scene, size: float, flat: float, dye: Colour, finish: Finish) -> Cutout:
    profile = [
        (
            max(0.3, size * math.sin(math.pi * i / 20)),
            size * flat * (1 - math.cos(math.pi * i / 20)),
        )
        for i in range(21)
    ]
    skin: Image.Image | Colour = dye
    if finish is not METAL:
        cells = (max(8, round(200 * scene.k)), max(8, round(160 * scene.k)))
        skin = ramp(grain.clouds(cells, scene.hand, 4), darker(dye, 0.3), lighter(dye, 0.34), dye)
    dark = DARK if finish is METAL else darker(dye, 0.8)
    return turned(profile, k=scene.k, finish=finish, skin=skin, tilt=0.1, columns=14, dark=dark)


def _loop(centre: Point, rx: float, ry: float, point: float) -> list[Point]:
    """A necklace laid out: round above, drawn to a point below."""
    path = []
    for i in range(241):
        turn = -math.pi / 2 + math.tau * i / 240
        x, y = math.cos(turn), math.sin(turn)
        if y > 0:
            x = math.copysign(abs(x) ** point, x)
        path.append((centre[0] + rx * x, centre[1] + ry * y))
    return path


def _coil(by: Random) -> list[Point]:
    path = []
    for i in range(420):
        turn = 0.3 + i / 420 * math.tau * 2.7
        radius = 445 - 250 * i / 420 + 16 * math.sin(turn * 1.7 + by.random() * 0.02)
        path.append((600 + radius * math.cos(turn), 760 + radius * 1.12 * math.sin(turn)))
    return path


def _string(scene: Scene, path: list[Point], kinds: list[tuple[Cutout, float]], plan: list[int], big: float) -> None:
    """The beads on their thread: shadows first, then bead by bead in the order of the plan."""
    tube(scene, path, 3.2 * big, (196, 170, 128), gloss=0.2, height=6)
    places = _places(path, kinds, plan)
    shade = scene.pencil(fine=1)
    for x, y, kind in places:
        reach = kinds[kind][1] / 2
        shade.ellipse(x, y, reach, reach)
    drop_shadow(scene, shade.done(), height=17 * big, deep=0.68)
    for x, y, kind in places:
        bead = kinds[kind][0]
        at = (x * scene.k - bead.mask.width / 2, y * scene.k - bead.mask.height / 2)
        scene.lay(bead.colour, bead.mask, at)


def _places(path: list[Point], kinds: list[tuple[Cutout, float]], plan: list[int]) -> list[tuple[float, float, int]]:
    places, gone, count = [], 0.0, 0
    due = kinds[plan[0]][1] / 2
    for (x0, y0), (x1, y1) in zip(path, path[1:], strict=False):
        run = math.hypot(x1 - x0, y1 - y0)
        while due <= gone + run:
            part = (due - gone) / run if run else 0.0
            kind = plan[count % len(plan)]
            places.append((x0 + (x1 - x0) * part, y0 + (y1 - y0) * part, kind))
            count += 1
            due += (kinds[kind][1] + kinds[plan[count % len(plan)]][1]) / 2
        gone += run
    return places


def _pendant(scene: Scene, look: Random, at: Point) -> None:
    """A brass cap with a tassel of dyed thread."""
    x, y = at
    dye = look.choice((scene.palette.main, scene.palette.second))
    threads, tone = scene.pencil(fine=2), scene.pencil(ground=150, fine=1)
    for i in range(44):
        sway = (i / 43 - 0.5) * 86 + scene.hand.gauss(0, 5)
        path = curve(
            [
                (x + sway * 0.3, y + 20),
                (x + sway * 0.8, y + 90),
                (x + sway, y + 185 + scene.hand.gauss(0, 5)),
            ],
            6,
        )
        threads.line(path, 4.5)
        tone.line(path, 4.5, scene.hand.randint(120, 255))
    mask = threads.done()
    drop_shadow(scene, mask, height=13, deep=0.6)
    sheet = ramp(tone.done(), darker(dye, 0.5), lighter(dye, 0.18))
    scene.lay(sheet, mask)
    cap = turned_brass(scene, curve(CAP, 5))
    scene.lay_on(cap, (x, y + 44))
