"""Spun and beaten: a brass clock, a brass lamp, a copper pot."""

from __future__ import annotations

import math

from PIL import Image, ImageChops

from . import grain
from .colours import SOOT, darker, lighter, mix, ramp
from .finish import METAL, Finish, lit, unit
from .frame import Colour, Pencil, Point, curve, field, hand, ring
from .lathe import Cutout, opened, turned
from .solids import tube
from .studio import Scene, drop_shadow, flat_ground, room, shadow, stand

BRASS: Colour = (232, 184, 92)
COPPER: Colour = (226, 132, 88)
DARK: Colour = (58, 32, 20)
SHADE: Finish = Finish(wrap=0.9, rim=0.0)


def clock(scene: Scene) -> None:
    if scene.view == 1:
        flat_ground(scene, wood=True)
        _dial(scene, (480, 900), 860)
        return
    if scene.view == 2:
        flat_ground(scene, colour=scene.palette.second)
        tube(
            scene,
            curve(
                [
                    (600, 440),
                    (760, 250),
                    (980, 210),
                    (1060, 380),
                    (900, 470),
                    (1010, 640),
                    (1230, 560),
                ],
                14,
            ),
            17,
            BRASS,
            gloss=0.9,
            height=8,
        )
        _crown(scene, (600, 850), 380)
        _dial(scene, (600, 850), 380)
        return
    room(scene, 1000, wood=scene.seed % 2 == 0)
    centre, size = (600, 800), 372.0
    for side in (-1, 1):
        foot = turned(_ball(46), k=scene.k, finish=METAL, skin=BRASS, dark=DARK, columns=14)
        stand(scene, foot, (600 + side * 215, 1200))
    _crown(scene, centre, size)
    _case(scene, centre, size)
    _dial(scene, centre, size)


def _ball(size: float) -> list[Point]:
    return [
        (max(0.4, size * math.sin(math.pi * i / 24)), size * (1 - math.cos(math.pi * i / 24))) for i in range(3, 25)
    ]


def _case(scene: Scene, at: Point, size: float) -> None:
    """The side of the case, seen past the dial."""
    back = scene.pencil()
    back.ellipse(at[0] + 26, at[1] + 4, size * 1.0, size * 1.0)
    mask = back.done()
    floor = scene.sketch()
    floor.ellipse(at[0] + 90, at[1] + size + 34, size * 0.95, 40)
    shadow(scene, grain.soft(floor.done(), 7 * scene.k), 0.7)
    across = Image.linear_gradient("L").rotate(90).resize(scene.size)
    scene.lay(ramp(across, darker(BRASS, 0.2), darker(BRASS, 0.72)), mask)


def _crown(scene: Scene, at: Point, size: float) -> None:
    x, y = at[0], at[1] - size
    loop = [(x + 62 * math.cos(t / 20 * math.tau), y - 92 + 62 * math.sin(t / 20 * math.tau)) for t in range(21)]
    tube(scene, loop, 17, BRASS, gloss=0.9, height=10)
    knob = turned(
        curve([(26, 0), (30, 10), (24, 26), (38, 36), (40, 66), (30, 78), (0.5, 80)], 6),
        k=scene.k, finish=METAL, skin=BRASS, dark=DARK, columns=14,
    )  # fmt: skip
    scene.lay(knob.colour, knob.mask, (x * scene.k - knob.foot[0], (y + 18) * scene.k - knob.foot[1]))


def _dial(scene: Scene, at: Point, size: float) -> None:
    """Bezel, enamel face, hands, glass."""
    k = scene.k
    wide = round(2 * size * k)
    corner = (at[0] - size, at[1] - size)
    outer = Pencil(2 * size, 2 * size, k, fine=2)
    outer.ellipse(size, size, size - 1, size - 1)
    mask = outer.done()
    whole = scene.pencil(fine=1).done()
    whole.paste(mask, (round(corner[0] * k), round(corner[1] * k)))
    drop_shadow(scene, whole, height=22, deep=0.5)
    cells = (150, 150)
    light = field((wide, wide), lambda u, v: _bezel(2 * u - 1, 2 * v - 1), cells)
    bezel = ImageChops.multiply(
        Image.new("RGB", light.size, lighter(BRASS, 0.1)),
        ramp(light, DARK, (255, 252, 240), (176, 150, 120)),
    )
    spark = light.point([max(0, round((v - 205) * 3.4)) for v in range(256)])
    bezel = ImageChops.screen(bezel, ramp(spark, (0, 0, 0), (255, 244, 214)))
    scene.lay(bezel, mask.resize(light.size), (corner[0] * k, corner[1] * k))
    _face(scene, at, size * 0.8)


def _bezel(x: float, y: float) -> float:
    """A round moulding, a groove, a bevel down to the face."""
    r = math.hypot(x, y) or 0.01
    if r < 0.78:
        return 0.5
    for low, high, lean in ((0.9, 1.0, 1.0), (0.86, 0.9, -0.7), (0.79, 0.86, 0.6)):
        if r >= low:
            out = lean * math.sin((2 * (r - low) / (high - low) - 1) * 1.35)
            return lit(unit(x / r * out, -y / r * out, 0.85), METAL)[0] * 1.05
    return 0.12


def _face(scene: Scene, at: Point, size: float) -> None:
    look = hand(scene.craft, scene.seed, "face")
    paper = look.choice(((246, 238, 220), (250, 246, 236), (36, 44, 64), (46, 84, 82)))
    ink = SOOT if sum(paper) > 400 else (240, 224, 184)
    x, y = at
    disc = scene.pencil()
    disc.ellipse(x, y, size, size)
    mask = disc.done()
    enamel = ramp(grain.clouds(scene.size, scene.hand, 5), darker(paper, 0.08), lighter(paper, 0.08))
    scene.lay(enamel, mask)
    _marks(scene, at, size, ink, roman=look.random() < 0.6, accent=scene.palette.main)
    _inner_shade(scene, at, size, mask)
    hour, minute = look.uniform(9, 11), 0.16
    for turn, long, wide in ((hour / 12, 0.5, 0.05), (minute, 0.8, 0.032)):
        _pointer(scene, at, math.tau * turn, size * long, size * wide, ink)
    cap = scene.pencil()
    cap.ellipse(x, y, size * 0.045, size * 0.045)
    scene.lay(BRASS, cap.done())
    _glass(scene, at, size, mask)


def _marks(scene: Scene, at: Point, size: float, ink: Colour, *, roman: bool, accent: Colour) -> None:
    pencil, rings = scene.pencil(fine=3), scene.pencil(fine=2)
    for i in range(60):
        turn = math.tau * i / 60
        near = 0.9 if i % 5 else 0.87
        _ray(pencil, at, turn, size * near, size * 0.94, size * (0.006 if i % 5 else 0.014))
    for i in range(12):
        turn = math.tau * i / 12
        if roman:
            for bar in range((1, 2, 3, 2)[i % 4]):
                lean = (bar - ((1, 2, 3, 2)[i % 4] - 1) / 2) * 0.075
                _ray(pencil, at, turn + lean, size * 0.64, size * 0.82, size * 0.024)
        else:
            cx, cy = at[0] + size * 0.73 * math.sin(turn), at[1] - size * 0.73 * math.cos(turn)
            pencil.ellipse(cx, cy, size * 0.05, size * 0.05)
    for radius in (0.96, 0.86):
        rings.polygon(ring(at[0], at[1], size * radius, size * radius, 120))
        rings.polygon(ring(at[0], at[1], size * (radius - 0.008), size * (radius - 0.008), 120), 0)
    scene.lay(ink, pencil.done())
    scene.lay(accent, rings.done())


def _ray(pencil: Pencil, at: Point, turn: float, start: float, end: float, width: float) -> None:
    sin, cos = math.sin(turn), -math.cos(turn)
    pencil.line([(at[0] + sin * start, at[1] + cos * start), (at[0] + sin * end, at[1] + cos * end)], width)


def _inner_shade(scene: Scene, at: Point, size: float, mask: Image.Image) -> None:
    """The bezel's shadow on the face."""
    hole = scene.pencil(ground=255, fine=1)
    hole.ellipse(at[0] + size * 0.05, at[1] + size * 0.06, size * 0.98, size * 0.98, 0)
    shade = ImageChops.multiply(grain.soft(hole.done(), size * 0.045 * scene.k), mask)
    scene.lay((40, 26, 24), shade.point([round(v * 0.6) for v in range(256)]))


def _pointer(scene: Scene, at: Point, turn: float, long: float, wide: float, ink: Colour) -> None:
    shape = [
        (0.0, long * 0.18),
        (wide * 0.7, 0.0),
        (wide, -long * 0.6),
        (0.0, -long),
        (-wide, -long * 0.6),
        (-wide * 0.7, 0.0),
    ]
    sin, cos = math.sin(turn), math.cos(turn)
    for shift, colour, blur in ((9.0, (40, 28, 26), 4.0), (0.0, ink, 0.0)):
        pencil = scene.pencil(fine=3 if not blur else 1)
        pencil.polygon([(at[0] + shift + x * cos - y * sin, at[1] + shift * 1.2 + x * sin + y * cos) for x, y in shape])
        mask = grain.soft(pencil.done(), blur * scene.k)
        scene.lay(colour, mask.point([round(v * (0.4 if blur else 1)) for v in range(256)]))


def _glass(scene: Scene, at: Point, size: float, mask: Image.Image) -> None:
    """The window, faint in the glass."""
    panes = scene.pencil(fine=1)
    x, y = at[0] - size * 0.62, at[1] - size * 0.66
    for i in range(2):
        left = x + i * size * 0.36
        panes.polygon(
            [
                (left, y + 20),
                (left + size * 0.32, y),
                (left + size * 0.26, y + size * 0.7),
                (left - size * 0.06, y + size * 0.76),
            ]
        )
    shine = ImageChops.multiply(grain.soft(panes.done(), 7 * scene.k), mask)
    scene.lay((255, 253, 246), shine.point([round(v * 0.2) for v in range(256)]))


def pot(scene: Scene) -> None:
    look = hand(scene.craft, scene.seed, "pot")
    metal = look.choice((COPPER, COPPER, BRASS))
    wide, tall = look.uniform(0.95, 1.08), look.uniform(0.9, 1.12)
    if scene.view == 1:
        room(scene, 1150)
        _vessel(scene, (520, 1560), 620 * wide, tall, metal)
        return
    room(scene, 940, wood=scene.seed % 2 == 1)
    if scene.view == 2:
        _vessel(scene, (770, 1060), 190 * wide, tall * 1.25, mix(metal, BRASS, 0.6))
        _vessel(scene, (440, 1230), 300 * wide, tall, metal)
        return
    _vessel(scene, (590, 1240), 395 * wide, tall, metal)


def _vessel(scene: Scene, at: Point, size: float, tall: float, metal: Colour) -> None:
    shape = (
        (0.62, 0.0),
        (0.72, 0.02),
        (0.93, 0.2),
        (1.0, 0.5),
        (0.96, 0.82),
        (0.86, 1.0),
        (0.84, 1.05),
        (0.93, 1.12),
        (0.95, 1.14),
    )
    profile = curve([(r * size, h * size * tall) for r, h in shape], 12)
    vessel = turned(
        profile,
        k=scene.k,
        finish=METAL,
        skin=_beaten(scene, metal),
        dark=DARK,
        tilt=0.2,
        columns=34,
    )
    opened(
        vessel,
        profile[-1][0],
        profile[-1][1],
        k=scene.k,
        tilt=0.2,
        inside=mix(metal, (216, 206, 196), 0.5),
        lip=size * 0.03,
    )
    for side in (-1, 1):
        x, y = at[0] + side * size * 0.97, at[1] - size * tall * 0.8
        loop = curve(
            [
                (x - side * size * 0.04, y + size * 0.12),
                (x + side * size * 0.14, y + size * 0.1),
                (x + side * size * 0.2, y - size * 0.06),
                (x + side * size * 0.12, y - size * 0.2),
                (x - side * size * 0.06, y - size * 0.2),
            ],
            10,
        )
        tube(scene, loop, size * 0.062, BRASS, gloss=0.9)
    stand(scene, vessel, at)


def _beaten(scene: Scene, metal: Colour) -> Image.Image:
    """Hammer marks: each a small mirror that leans its own way."""
    by, k = scene.hand, scene.k
    width, high, step = 900.0, 700.0, 27.0
    marks = Pencil(width, high, k, ground=150, fine=2)
    row = 0
    y = 0.0
    while y < high + step:
        x = (row % 2) * step / 2
        while x < width + step:
            px, py = x + by.gauss(0, 3.4), y + by.gauss(0, 3.0)
            r = step * by.uniform(0.5, 0.64)
            marks.ellipse(px, py, r, r, by.randint(128, 176))
            marks.ellipse(px + r * 0.2, py + r * 0.24, r * 0.72, r * 0.7, by.randint(160, 226))
            x += step
        y += step * 0.86
        row += 1
    sheen = grain.soft(marks.done(), 3.2 * k)
    fire = grain.clouds(sheen.size, by, 4)
    sheet = ramp(fire, mix(metal, (188, 84, 66), 0.45), mix(metal, (246, 196, 120), 0.35), metal)
    lift = sheen.point([min(255, round(v * 1.25)) for v in range(256)])
    return ImageChops.multiply(sheet, grain.grey(lift))


def lamp(scene: Scene) -> None:
    look = hand(scene.craft, scene.seed, "lamp")
    wide, tall = look.uniform(0.92, 1.1), look.uniform(0.92, 1.06)
    shade = look.choice((scene.palette.cloth, (246, 226, 190), lighter(scene.palette.accent, 0.5)))
    if scene.view == 1:
        room(scene, 1180)
        _glow(scene, (600, 120), 700)
        _lamp(scene, (600, 1400), 1.75, wide, tall, shade)
        return
    room(scene, 1080, wood=scene.seed % 2 == 0)
    if scene.view == 2:
        scene.multiply(Image.new("RGB", scene.size, (150, 138, 146)))
    _glow(scene, (600, 520), 620)
    _lamp(scene, (600, 1290), 1.0, wide, tall, shade)


def _glow(scene: Scene, at: Point, size: float) -> None:
    light = scene.sketch()
    light.ellipse(at[0], at[1], size * 0.62, size * 0.62, 170)
    halo = scene.whole(grain.soft(light.done(), 52 * scene.k))
    warm = ImageChops.multiply(ramp(halo, (0, 0, 0), (255, 206, 130)), scene.picture)
    scene.picture = ImageChops.add(scene.picture, warm)


STEM: tuple[Point, ...] = (
    (0.98, 0.0), (1.0, 0.03), (0.97, 0.07), (0.9, 0.1), (0.5, 0.2), (0.26, 0.32), (0.17, 0.5), (0.26, 0.6),
    (0.34, 0.68), (0.26, 0.77), (0.13, 0.86), (0.11, 1.1), (0.19, 1.3), (0.36, 1.56), (0.4, 1.72),
    (0.28, 1.92), (0.12, 2.04), (0.1, 2.2), (0.2, 2.24), (0.2, 2.3), (0.09, 2.34), (0.09, 2.6),
)  # fmt: skip


def _lamp(scene: Scene, at: Point, big: float, wide: float, tall: float, shade: Colour) -> None:
    base = curve([(r * 185 * wide * big, h * 190 * tall * big) for r, h in STEM], 6)
    stem = turned(base, k=scene.k, finish=METAL, skin=BRASS, dark=DARK, tilt=0.2, rows=5)
    stand(scene, stem, at)
    high, radius = 400 * big, 330 * big * wide
    skin = _paper_shade(scene, shade)
    cone: Cutout = turned(
        [(radius, 0), (radius * 0.97, 6), (radius * 0.56, high - 4), (radius * 0.56, high)],
        k=scene.k, finish=SHADE, skin=skin, tilt=0.08, dark=(150, 96, 60),
    )  # fmt: skip
    y = at[1] - base[-1][1] * 0.86
    scene.lay(cone.colour, cone.mask, (at[0] * scene.k - cone.foot[0], y * scene.k - cone.foot[1]))


def _paper_shade(scene: Scene, paper: Colour) -> Image.Image:
    """A pleated paper shade with the light behind it."""
    w, h = round(800 * scene.k), round(420 * scene.k)
    pleats = Pencil(800, 420, scene.k, ground=236, fine=1)
    for i in range(46):
        x = 800 * i / 46
        pleats.box(x, 0, x + 5, 420, 212)
        pleats.box(x + 9, 0, x + 13, 420, 252)
    low = grain.soft(pleats.done(), 1.5 * scene.k)
    glow = field(
        (w, h),
        lambda u, v: 0.6 + 0.46 * math.exp(-(((u - 0.5) / 0.24) ** 2) - ((v - 0.62) / 0.34) ** 2),
        (40, 24),
    )
    warm = ramp(glow, mix(paper, (206, 130, 62), 0.5), (255, 246, 214), mix(paper, (255, 214, 140), 0.5))
    sheet = ImageChops.multiply(warm, grain.grey(low))
    trim = Pencil(800, 420, scene.k, fine=1)
    trim.box(0, 0, 800, 13)
    trim.box(0, 404, 800, 420)
    sheet.paste(darker(scene.palette.main, 0.05), (0, 0, *sheet.size), trim.done())
    return grain.textured(sheet, grain.fibres(sheet.size, scene.hand, 50), 0.2)
