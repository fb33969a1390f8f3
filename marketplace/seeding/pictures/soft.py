"""Soft and shaped: kilim cushions, felt slippers, leather satchels, soap."""

from __future__ import annotations

import math

from PIL import Image, ImageChops

from . import grain
from .colours import WALNUT, darker, lighter, mix, ramp
from .frame import Colour, Point, curve, hand, moved, ring
from .loom import kilim
from .metal import BRASS
from .motifs import MOTIFS
from .solids import solid, stitches, tube
from .studio import Scene, flat_ground, room, shadow


def cushion(scene: Scene) -> None:
    if scene.view == 1:
        look = hand(scene.craft, scene.seed, "rug", 0)
        sheet = kilim(scene.palette, look, scene.hand, width=1200 / 1.5, height=1000, k=scene.k * 1.5)
        scene.picture = sheet.resize(scene.size)
        light = Image.linear_gradient("L").rotate(90).resize(scene.size)
        scene.multiply(ramp(light, (206, 194, 190), (255, 253, 248)))
        return
    room(scene, 1120, wood=scene.seed % 2 == 0)
    if scene.view == 2:
        _cushion(scene, (760, 640), 330, 0.12, 1)
        _cushion(scene, (455, 830), 350, -0.1, 0)
        return
    _cushion(scene, (600, 770), 445, scene.look.uniform(-0.05, 0.05), 0)


def _cushion(scene: Scene, at: Point, size: float, turn: float, swap: int) -> None:
    outline = []
    for q in range(4):
        side = [(-1.0, -1.0), (-0.6, -0.93), (0.0, -0.9), (0.6, -0.93)]
        outline += moved(side, 0, 0, turn=q * math.pi / 2)
    shape = moved(curve(outline, 8, closed=True), *at, scale=size, turn=turn)
    pencil = scene.pencil()
    pencil.polygon(shape)
    mask = pencil.done()
    floor = scene.sketch()
    floor.ellipse(at[0] + size * 0.2, at[1] + size * 0.93, size * 1.0, size * 0.1)
    shadow(scene, grain.soft(floor.done(), 7 * scene.k), 0.75)
    sheet = _wrapped(scene, at, size, turn, swap)
    solid(scene, mask, sheet, radii=(20, 60, 130), steep=1.25, height=50, deep=0.5, dark=(58, 36, 34))
    cord = mix((scene.palette.second, scene.palette.main)[swap], (80, 60, 50), 0.15)
    tube(scene, [*shape, shape[0]], 12, cord, gloss=0.15)
    for corner in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        x, y = moved([corner], *at, scale=size, turn=turn)[0]
        for _ in range(16):
            dx, dy = corner[0] * scene.hand.uniform(6, 40), abs(scene.hand.gauss(30, 14))
            tube(
                scene,
                [(x, y), (x + dx * 0.6, y + dy * 0.5), (x + dx, y + dy + 20)],
                5,
                cord,
                gloss=0.1,
            )


def _wrapped(scene: Scene, at: Point, size: float, turn: float, swap: int) -> Image.Image:
    """The kilim over the whole picture, turned and bulged like the cushion below it."""
    look = hand(scene.craft, scene.seed, "rug", swap)
    rug = kilim(scene.palette, look, scene.hand, width=900, height=900, k=scene.k)
    cells = 14
    nodes = {}
    cos, sin = math.cos(turn), math.sin(turn)
    for i in range(cells + 1):
        for j in range(cells + 1):
            x, y = (2 * i / cells - 1) * 1.5, (2 * j / cells - 1) * 1.5
            u, v = x * cos + y * sin, -x * sin + y * cos
            swell = 1.0 - 0.1 * math.cos(min(1.0, math.hypot(u, v)) * math.pi / 2)
            bow_u, bow_v = 1 + 0.1 * (1 - v * v), 1 + 0.1 * (1 - u * u)
            nodes[i, j] = (
                (0.5 + 0.5 * u * swell * bow_u) * rug.width,
                (0.5 + 0.5 * v * swell * bow_v) * rug.height,
            )
    k = scene.k
    mesh = []
    for i in range(cells):
        for j in range(cells):
            box = tuple(
                round((c + (2 * n / cells - 1) * 1.5 * size) * k)
                for c, n in ((at[0], i), (at[1], j), (at[0], i + 1), (at[1], j + 1))
            )
            quad = (*nodes[i, j], *nodes[i, j + 1], *nodes[i + 1, j + 1], *nodes[i + 1, j])
            mesh.append((box, quad))
    return rug.transform(scene.size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)


SOLE: tuple[Point, ...] = ((0, -330), (78, -318), (128, -240), (138, -120), (108, 20), (92, 140), (104, 240), (84, 322), (0, 352), (-78, 326), (-98, 240), (-92, 130), (-112, 10), (-126, -130), (-104, -250), (-60, -318))  # fmt: skip
UPPER: tuple[Point, ...] = ((0, -318), (74, -304), (120, -232), (130, -120), (110, 0), (92, 130), (70, 150), (48, 96), (0, 62), (-48, 96), (-70, 150), (-94, 120), (-108, 0), (-118, -130), (-98, -240), (-58, -304))  # fmt: skip


def slippers(scene: Scene) -> None:
    flat_ground(scene, wood=scene.seed % 2 == 0, colour=lighter(scene.palette.wall, 0.1))
    if scene.view == 1:
        _slipper(scene, (560, 900), 2.6, 0.25, 1)
        return
    if scene.view == 2:
        _slipper(scene, (400, 700), 1.12, -0.6, 1)
        _slipper(scene, (790, 830), 1.12, 0.3, -1)
        return
    _slipper(scene, (395, 760), 1.5, -0.06, 1)
    _slipper(scene, (805, 760), 1.5, 0.06, -1)


def _slipper(scene: Scene, at: Point, big: float, turn: float, side: int) -> None:
    def placed(points: tuple[Point, ...], grow: float = 1.0) -> list[Point]:
        flat = [(x * side * grow, y * grow) for x, y in points]
        return moved(curve(flat, 8, closed=True), *at, scale=big, turn=turn)

    felt = mix(scene.palette.main, (150, 130, 116), 0.15)
    inner = mix(scene.palette.cloth, (200, 180, 150), 0.3)
    _felted(scene, placed(SOLE, 1.03), darker(felt, 0.42), (4, 10), 1.0, 30 * big)
    _felted(scene, placed(SOLE, 0.93), inner, (30, 50), -0.8, 0)
    _felted(scene, placed(UPPER), felt, (10 * big, 26 * big, 50 * big), 1.7, 16 * big)
    opening = curve(
        moved(
            [(x * side, y) for x, y in ((-72, 146), (-48, 96), (0, 62), (48, 96), (72, 146))],
            *at,
            scale=big,
            turn=turn,
        ),
        10,
    )
    stitches(scene, opening, scene.palette.accent, long=13 * big, width=4.4 * big)
    _embroidery(scene, at, big, turn, side)


def _felted(
    scene: Scene,
    outline: list[Point],
    colour: Colour,
    radii: tuple[float, ...],
    steep: float,
    height: float,
) -> None:
    pencil = scene.pencil()
    pencil.polygon(outline)
    wool = Image.new("RGB", scene.size, colour)
    wool = grain.textured(wool, grain.soft(grain.white(scene.size, scene.hand), 1.1 * scene.k), 0.5)
    wool = grain.textured(wool, grain.clouds(scene.size, scene.hand, 24), 0.2)
    solid(
        scene,
        pencil.done(),
        wool,
        radii=radii,
        steep=steep,
        height=height,
        dark=darker(colour, 0.75),
    )


def _embroidery(scene: Scene, at: Point, big: float, turn: float, side: int) -> None:
    look = hand(scene.craft, scene.seed, "thread")
    motif = look.choice(MOTIFS)()
    inks = (scene.palette.cloth, scene.palette.second, scene.palette.accent, scene.palette.main)
    x, y = moved([(2.0 * side, -130.0)], *at, scale=big, turn=turn)[0]
    size = 86 * big
    layers = [scene.pencil() for _ in inks]
    for ink, shape in motif:
        layers[ink].polygon(moved([(px * side, py) for px, py in shape], x, y, scale=size, turn=turn))
    lines = grain.gentle(grain.fibres(scene.size, scene.hand, 12), 0.6, 220)
    for layer, dye in zip(layers, inks, strict=True):
        thread = ImageChops.multiply(Image.new("RGB", scene.size, dye), grain.grey(lines))
        solid(
            scene,
            layer.done(),
            thread,
            radii=(3,),
            steep=0.8,
            height=3,
            deep=0.3,
            dark=darker(dye, 0.6),
        )


def satchel(scene: Scene) -> None:
    look = hand(scene.craft, scene.seed, "hide")
    hide = look.choice(((158, 92, 52), (122, 66, 42), (186, 122, 72), (92, 56, 44), (132, 54, 44), (64, 66, 62)))
    tall = look.uniform(0.9, 1.05)
    if scene.view == 1:
        room(scene, 1600)
        _bag(scene, (520, 1180), 2.1, tall, hide)
        return
    room(scene, 1040, wood=scene.seed % 2 == 0)
    if scene.view == 2:
        _bag(scene, (790, 1090), 0.72, tall, mix(hide, WALNUT, 0.7))
        _bag(scene, (470, 1240), 0.86, tall, hide)
        return
    _bag(scene, (600, 1260), 1.15, tall, hide)


def _bag(scene: Scene, at: Point, big: float, tall: float, hide: Colour) -> None:
    """A satchel that stands with the middle of its lower edge at `at`."""

    def placed(points: list[Point]) -> list[Point]:
        return [(at[0] + x * big, at[1] + y * big * tall) for x, y in points]

    floor = scene.sketch()
    floor.polygon(placed([(-370, -20), (400, -20), (500, 30), (-340, 22)]))
    shadow(scene, grain.soft(floor.done(), 5 * scene.k), 0.78)
    strap = curve(
        placed(
            [
                (-300, -470),
                (-330, -620),
                (-210, -780),
                (0, -830),
                (210, -780),
                (330, -620),
                (300, -470),
            ]
        ),
        12,
    )
    tube(scene, strap, 26 * big, darker(hide, 0.22), gloss=0.16, height=30)
    sheet = _hide(scene, hide)
    body = curve(
        placed(
            [
                (-360, -520),
                (-384, -260),
                (-372, -30),
                (-330, 0),
                (0, 4),
                (330, 0),
                (372, -30),
                (384, -260),
                (360, -520),
                (0, -530),
            ]
        ),
        10,
        closed=True,
    )
    _leather(scene, body, sheet, hide, (12, 34, 80), 1.0, 26)
    stitches(
        scene,
        placed([(-352, -60), (-340, -36), (-310, -26), (310, -26), (340, -36), (352, -60)]),
        (226, 200, 152),
        long=17 * big,
        width=4.6 * big,
    )
    flap: list[Point] = [
        (-372, -500),
        (-366, -545),
        (-300, -566),
        (0, -572),
        (300, -566),
        (366, -545),
        (372, -500),
        (366, -300),
        (350, -216),
        (290, -186),
        (0, -176),
        (-290, -186),
        (-350, -216),
        (-366, -300),
    ]
    _leather(
        scene,
        curve(placed(flap), 10, closed=True),
        ImageChops.multiply(sheet, Image.new("RGB", sheet.size, (250, 246, 240))),
        hide,
        (10, 30, 90),
        1.2,
        20,
    )
    seam = curve(
        placed(
            [
                (-346, -500),
                (-342, -300),
                (-328, -228),
                (-284, -208),
                (0, -198),
                (284, -208),
                (328, -228),
                (342, -300),
                (346, -500),
            ]
        ),
        8,
    )
    stitches(scene, seam, (226, 200, 152), long=17 * big, width=4.6 * big)
    for x in (-190, 190):
        _strap(scene, placed, x, big, sheet, hide)


def _strap(scene: Scene, placed: object, x: float, big: float, sheet: Image.Image, hide: Colour) -> None:
    assert callable(placed)
    band = curve(
        placed(
            [
                (x - 32, -400),
                (x + 32, -400),
                (x + 32, -110),
                (x + 18, -78),
                (x, -70),
                (x - 18, -78),
                (x - 32, -110),
            ]
        ),
        6,
        closed=True,
    )
    _leather(
        scene,
        band,
        ImageChops.multiply(sheet, Image.new("RGB", sheet.size, (206, 196, 190))),
        hide,
        (5, 10),
        1.0,
        10,
    )
    for y in (-96, -120, -144):
        hole = scene.pencil()
        hole.polygon(placed(ring(x, y, 4.6, 4.6, 16)))
        scene.lay((36, 22, 18), hole.done())
    frame = placed([(x - 46, -238), (x + 46, -238), (x + 46, -166), (x - 46, -166), (x - 46, -238)])
    tube(scene, frame, 11 * big, BRASS, gloss=0.9, height=7)
    tube(scene, placed([(x, -238), (x, -160)]), 8 * big, lighter(BRASS, 0.1), gloss=0.9, height=4)
    keeper = curve(placed([(x - 42, -330), (x + 42, -330), (x + 42, -296), (x - 42, -296)]), 2, closed=True)
    _leather(scene, keeper, sheet, hide, (4, 8), 1.2, 6)


def _hide(scene: Scene, hide: Colour) -> Image.Image:
    """Vegetable-tanned leather: clouds, pores, a few scratches."""
    by, k = scene.hand, scene.k
    sheet = ramp(grain.clouds(scene.size, by, 5), darker(hide, 0.22), lighter(hide, 0.16), hide)
    pores = grain.embossed(grain.soft(grain.white(scene.size, by), 1.6 * k), 2, 2.2)
    sheet = ImageChops.overlay(sheet, grain.grey(grain.gentle(pores, 0.42, 128)))
    marks = scene.pencil(fine=2)
    for _ in range(26):
        x, y, turn, long = (
            by.uniform(0, 1200),
            by.uniform(0, 1500),
            by.uniform(-0.6, 0.6),
            by.uniform(20, 120),
        )
        marks.line(
            [(x, y), (x + long * math.cos(turn), y + long * math.sin(turn))],
            1.6,
            by.randint(30, 80),
        )
    sheet.paste(lighter(hide, 0.35), (0, 0, *sheet.size), marks.done())
    return sheet


def _leather(
    scene: Scene,
    outline: list[Point],
    sheet: Image.Image,
    hide: Colour,
    radii: tuple[float, ...],
    steep: float,
    height: float,
) -> None:
    pencil = scene.pencil()
    pencil.polygon(outline)
    solid(
        scene,
        pencil.done(),
        sheet,
        radii=radii,
        steep=steep,
        gloss=0.2,
        height=height,
        dark=darker(hide, 0.8),
    )


def soap(scene: Scene) -> None:
    look = hand(scene.craft, scene.seed, "soap")
    kinds = [
        mix(c, (246, 238, 222), look.uniform(0.35, 0.6))
        for c in (scene.palette.main, scene.palette.accent, scene.palette.second)
    ]
    look.shuffle(kinds)
    flat_ground(scene, wood=scene.seed % 2 == 1, colour=lighter(scene.palette.table, 0.2))
    motif = look.randrange(len(MOTIFS))
    if scene.view == 1:
        _bar(scene, (560, 800), 2.1, 0.12, kinds[0], motif)
        return
    if scene.view == 2:
        for i in range(3):
            _bar(
                scene,
                (600 + (i - 1) * 40, 390 + 350 * i),
                1.05,
                (-0.1, 0.05, 0.16)[i],
                kinds[i],
                motif,
            )
        return
    _bar(scene, (820, 520), 1.12, 0.5, kinds[1], motif)
    _bar(scene, (380, 620), 1.12, -0.35, kinds[2], motif)
    _bar(scene, (590, 960), 1.3, 0.06, kinds[0], motif)


def _bar(scene: Scene, at: Point, big: float, turn: float, wax: Colour, motif: int) -> None:
    half = [
        (-250.0, -130.0),
        (-238, -158),
        (-200, -168),
        (0, -171),
        (200, -168),
        (238, -158),
        (250, -130),
        (253, 0),
    ]
    outline = curve([*half, *[(-x, -y) for x, y in half]], 8, closed=True)
    pencil = scene.pencil()
    pencil.polygon(moved(outline, *at, scale=big, turn=turn))
    mask = pencil.done()
    veins = grain.clouds(scene.size, scene.hand, 6).point([round(127 + 127 * math.sin(v * 0.16)) for v in range(256)])
    sheet = ramp(veins, darker(wax, 0.12), lighter(wax, 0.3), wax)
    solid(
        scene,
        mask,
        sheet,
        radii=(12 * big, 22 * big, 40 * big),
        steep=1.5,
        gloss=0.2,
        height=40 * big,
        deep=0.6,
        dark=darker(wax, 0.55),
    )
    stamp = scene.pencil()
    for ink, shape in MOTIFS[motif]():
        stamp.polygon(moved(shape, *at, scale=108 * big, turn=turn), 0 if ink == 3 else 255)
    _pressed(scene, stamp.done(), wax, big)


def _pressed(scene: Scene, mask: Image.Image, wax: Colour, big: float) -> None:
    """A stamp pressed into the soap: shadow at its upper left edge, light at the lower right."""
    step = max(1, round(4 * big * scene.k))
    scene.lay(darker(wax, 0.16), mask.point([round(v * 0.45) for v in range(256)]))
    dark = ImageChops.subtract(mask, ImageChops.offset(mask, step, step))
    light = ImageChops.subtract(ImageChops.offset(mask, step, step), mask)
    scene.lay(
        darker(wax, 0.6),
        grain.soft(dark, 1.2 * big * scene.k).point([round(v * 0.6) for v in range(256)]),
    )
    scene.lay(
        lighter(wax, 0.8),
        grain.soft(light, 1.0 * big * scene.k).point([round(v * 0.6) for v in range(256)]),
    )
