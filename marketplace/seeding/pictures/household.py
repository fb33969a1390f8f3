"""For the table and the shelf: tea caddies, baskets, candles."""

from __future__ import annotations

import math

from PIL import Image, ImageChops

from . import grain
from .blockprint import printed_cloth
from .clay import CUP, TEA, cup
from .colours import BONE, Palette, darker, lighter, mix, ramp, wavering
from .finish import MATT, METAL, SATIN, WAX
from .frame import Colour, Pencil, Point, curve, hand
from .lathe import Cutout, opened, turned
from .metal import BRASS, DARK
from .solids import tube
from .studio import Scene, drop_shadow, room, stand


def caddy(scene: Scene) -> None:
    tall = scene.look.uniform(0.9, 1.2)
    if scene.view == 1:
        room(scene, 1130)
        _tin(scene, (600, 1560), 450, tall, 0)
        return
    room(scene, 940, wood=scene.seed % 2 == 0)
    if scene.view == 2:
        _tin(scene, (430, 1120), 205, tall * 1.15, 0)
        _tin(scene, (790, 1090), 165, tall * 0.9, 1)
        cup(scene, CUP, 130, (690, 1320), tilt=0.26, fill=(20, TEA))
    else:
        _tin(scene, (590, 1240), 300, tall, 0)
    _leaves(scene, (330, 1345) if scene.view == 2 else (880, 1330))


def _tin(scene: Scene, at: Point, size: float, tall: float, swap: int) -> None:
    """A round tin in printed paper with a brass-edged lid."""
    high = size * 1.9 * tall
    look = hand(scene.craft, scene.seed, "paper", swap)
    palette = scene.palette
    if swap:
        palette = Palette(palette.second, palette.cloth, palette.accent, palette.main, palette.wall, palette.table)
    sheet = printed_cloth(palette, look, scene.hand, width=1150, height=1150 * high / (size * 3.14), k=scene.k * 0.75)
    body = [(size * 0.97, 0.0), (size, size * 0.03), (size, high - 3), (size * 0.98, high)]
    tin = turned(body, k=scene.k, finish=SATIN, skin=sheet, tilt=0.17, columns=34)
    stand(scene, tin, at)
    base = at[1] - high * 0.985
    collar = turned(
        [
            (size * 1.006, 0),
            (size * 1.02, 5),
            (size * 1.02, size * 0.07),
            (size * 1.006, size * 0.085),
        ],
        k=scene.k,
        finish=METAL,
        skin=BRASS,
        dark=DARK,
        tilt=0.17,
        columns=34,
        rows=5,
    )
    _set_on(scene, collar, (at[0], base + size * 0.02))
    lid_high = size * 0.42
    lid = curve(
        [
            (size, 0.0),
            (size * 1.01, lid_high * 0.1),
            (size * 1.0, lid_high * 0.72),
            (size * 0.95, lid_high * 0.92),
            (size * 0.7, lid_high * 1.02),
            (size * 0.2, lid_high * 1.06),
            (1.0, lid_high * 1.06),
        ],
        8,
    )
    dye = darker((palette.main, palette.second)[swap], 0.08)
    top = turned(lid, k=scene.k, finish=SATIN, skin=dye, tilt=0.17, dark=darker(dye, 0.8), columns=34)
    _set_on(scene, top, (at[0], base - size * 0.06))
    knob = curve(
        [
            (size * 0.12, 0),
            (size * 0.07, size * 0.05),
            (size * 0.08, size * 0.1),
            (size * 0.16, size * 0.17),
            (size * 0.13, size * 0.27),
            (1.0, size * 0.3),
        ],
        7,
    )
    _set_on(
        scene,
        turned(knob, k=scene.k, finish=METAL, skin=BRASS, dark=DARK, tilt=0.17, columns=14, rows=4),
        (at[0], base - size * 0.06 - lid_high * 1.03),
    )


def _set_on(scene: Scene, thing: Cutout, at: Point) -> None:
    """Lays a cutout with its foot at `at`, on top of something: no shadow on the table."""
    scene.lay(thing.colour, thing.mask, (at[0] * scene.k - thing.foot[0], at[1] * scene.k - thing.foot[1]))


def _leaves(scene: Scene, at: Point) -> None:
    """A spoonful of dry tea on the table."""
    by = scene.hand
    mask, tone = scene.pencil(fine=2), scene.pencil(ground=110, fine=1)
    for _ in range(210):
        x, y = at[0] + by.gauss(0, 58), at[1] + by.gauss(0, 17)
        turn, long = by.uniform(-0.7, 0.7), by.uniform(7, 19)
        path = curve(
            [
                (x, y),
                (
                    x + long * math.cos(turn) * 0.5,
                    y + long * math.sin(turn) * 0.4 - by.uniform(0, 3),
                ),
                (x + long * math.cos(turn), y + long * math.sin(turn) * 0.6),
            ],
            4,
        )
        mask.thread(path, by.uniform(2.4, 4.2))
        tone.line(path, 4.4, by.randint(40, 255))
    drop_shadow(scene, mask.done(), height=6, deep=0.6)
    scene.lay(ramp(tone.done(), (34, 28, 20), (122, 112, 62)), mask.done())


def basket(scene: Scene) -> None:
    look = hand(scene.craft, scene.seed, "basket")
    wide, tall, coiled = look.uniform(0.92, 1.08), look.uniform(0.8, 1.2), look.random() < 0.5
    if scene.view == 1:
        room(scene, 1160)
        _woven_pot(scene, (560, 1640), 640, tall, coiled)
        return
    room(scene, 960, wood=scene.seed % 2 == 1)
    if scene.view == 2:
        _woven_pot(scene, (800, 1080), 205, tall * 0.8, not coiled)
        _woven_pot(scene, (430, 1250), 285 * wide, tall, coiled)
        return
    _woven_pot(scene, (600, 1260), 385 * wide, tall, coiled, handles=look.random() < 0.7)


def _woven_pot(scene: Scene, at: Point, size: float, tall: float, coiled: bool, *, handles: bool = False) -> None:
    shape = (
        (0.7, 0.0),
        (0.78, 0.02),
        (0.96, 0.28),
        (1.0, 0.58),
        (0.95, 0.86),
        (0.9, 1.0),
        (0.93, 1.04),
    )
    profile = curve([(r * size, h * size * 1.12 * tall) for r, h in shape], 10)
    skin = _coils(scene) if coiled else _wicker(scene)
    pot = turned(profile, k=scene.k, finish=MATT, skin=skin, tilt=0.22, columns=36, dark=(64, 38, 26))
    inside = (176, 134, 88)
    opened(pot, profile[-1][0], profile[-1][1], k=scene.k, tilt=0.22, inside=inside, lip=size * 0.035)
    stand(scene, pot, at)
    top = at[1] - profile[-1][1] * 0.975
    rim = [
        (
            at[0] + profile[-1][0] * 0.985 * math.cos(t / 48 * math.tau),
            top + profile[-1][0] * 0.217 * math.sin(t / 48 * math.tau),
        )
        for t in range(49)
    ]
    _rope(scene, rim, size * 0.062)
    if handles:
        loop = curve(
            [
                (at[0] - size * 0.8, top + 8),
                (at[0] - size * 0.62, top - size * 0.62),
                (at[0], top - size * 0.86),
                (at[0] + size * 0.62, top - size * 0.62),
                (at[0] + size * 0.8, top + 8),
            ],
            14,
        )
        _rope(scene, loop, size * 0.07)


def _rope(scene: Scene, path: list[Point], width: float) -> None:
    """A bundle bound with cane: a tube with slanted turns."""
    straw = (206, 162, 104)
    tube(scene, path, width, straw, gloss=0.3)
    dents = scene.pencil(fine=2)
    gone = 0.0
    for (x0, y0), (x1, y1) in zip(path, path[1:], strict=False):
        run = math.hypot(x1 - x0, y1 - y0) or 1.0
        dx, dy = (x1 - x0) / run, (y1 - y0) / run
        at = -gone % (width * 0.42)
        while at < run:
            x, y = x0 + dx * at, y0 + dy * at
            r = width * 0.5
            dents.line(
                [
                    (x - dy * r - dx * r * 0.4, y + dx * r - dy * r * 0.4),
                    (x + dy * r + dx * r * 0.4, y - dx * r + dy * r * 0.4),
                ],
                width * 0.07,
            )
            at += width * 0.42
        gone += run
    scene.lay((86, 52, 30), dents.done().point([round(v * 0.6) for v in range(256)]))


def _wicker(scene: Scene) -> Image.Image:
    """Willow over and under upright stakes."""
    by, k = scene.hand, scene.k
    width, high, row, stake = 1000.0, 640.0, 21.0, 40.0
    sheet = Pencil(width, high, k, mode="RGB", ground=(84, 54, 34), fine=2)
    band = {3, 4, 5, 13, 14}
    dye = scene.palette.main
    j, y = 0, 0.0
    while y < high:
        base = wavering(dye if j % 17 in band else (200, 152, 96), by, 14)
        for i in range(-1, round(width / stake) + 1):
            if (i + j) % 2:
                continue
            x, tone = i * stake, wavering(base, by, 9)
            for inset, share in ((0.0, 0.36), (2.4, 0.0), (5.6, -0.22)):
                ink = darker(tone, share) if share >= 0 else lighter(tone, -share)
                sheet.thread(
                    [
                        (x + 5 + inset, y + row * 0.5 - inset * 0.3),
                        (x + stake * 2 - 13 - inset, y + row * 0.5 - inset * 0.3),
                    ],
                    row * 0.98 - inset * 2.2,
                    ink,
                )
        y += row
        j += 1
    return grain.textured(sheet.done(), grain.fibres(sheet.size, by, 24), 0.3)


def _coils(scene: Scene) -> Image.Image:
    """Grass coils sewn with dyed sisal: a zigzag that grows stitch by stitch."""
    by, k = scene.hand, scene.k
    look = hand(scene.craft, scene.seed, "coils")
    width, high, row, stitch = 1000.0, 640.0, 22.0, 9.5
    count = look.choice((5, 6, 8))
    dyes = [mix(BONE, (214, 176, 120), 0.5), scene.palette.main, scene.palette.second]
    sheet = Pencil(width, high, k, mode="RGB", ground=(120, 84, 54), fine=2)
    for j in range(round(high / row) + 1):
        for i in range(round(width / stitch) + 1):
            turn = (i * stitch / width * count) % 1.0
            wave = abs(turn - 0.5) * 2
            level = (j * row / high + wave * 0.3) * 4.2
            tone = wavering(dyes[(0, 1, 0, 2)[int(level) % 4]], by, 9)
            x, y = i * stitch, j * row + 0.5
            sheet.box(x, y + 1.5, x + stitch - 1.2, y + row - 1.5, darker(tone, 0.16))
            sheet.box(x + 0.6, y + row * 0.18, x + stitch - 2.4, y + row * 0.6, lighter(tone, 0.14))
            sheet.box(x, y + row * 0.84, x + stitch, y + row, darker(tone, 0.6))
    return grain.soft(sheet.done(), 0.6 * k)


def candles(scene: Scene) -> None:
    look = hand(scene.craft, scene.seed, "wax")
    dyes = [
        mix(c, BONE, look.uniform(0.2, 0.55)) for c in (scene.palette.main, scene.palette.accent, scene.palette.second)
    ]
    look.shuffle(dyes)
    ribbed = look.random() < 0.5
    if scene.view == 1:
        room(scene, 1120)
        _candle(scene, (600, 1500), 330, 950, dyes[0], ribbed)
        return
    room(scene, 960, wood=scene.seed % 2 == 0)
    if scene.view == 2:
        for i, x in enumerate((290, 600, 910)):
            _candle(scene, (x, 1190 + (i % 2) * 70), 108, 560 - 130 * (i % 2) + 40 * i, dyes[i], ribbed)
        return
    _candle(scene, (780, 1130), 150, 620, dyes[1], not ribbed)
    _candle(scene, (330, 1180), 165, 360, dyes[2], ribbed)
    _candle(scene, (590, 1300), 185, 500, dyes[0], ribbed)


def _candle(scene: Scene, at: Point, radius: float, high: float, wax: Colour, ribbed: bool) -> None:
    profile = [
        (radius * 0.97, 0.0),
        (radius, 6),
        (radius, high - 14),
        (radius * 0.96, high - 3),
        (radius * 0.86, high),
        (radius * 0.6, high - 5),
        (1.0, high - 9),
    ]
    size = (max(8, round(700 * scene.k)), max(8, round(500 * scene.k)))
    skin = ramp(grain.clouds(size, scene.hand, 5), darker(wax, 0.08), lighter(wax, 0.18), wax)
    if ribbed:
        skin = ImageChops.multiply(skin, grain.grey(_ribs(size, 26)))
    body = turned(
        profile,
        k=scene.k,
        finish=WAX,
        skin=_warmed(skin),
        tilt=0.2,
        columns=30,
        dark=darker(wax, 0.6),
    )
    stand(scene, body, at)
    _flame(scene, (at[0], at[1] - high * 0.975), radius)


def _ribs(size: tuple[int, int], count: int) -> Image.Image:
    row = bytes(round(216 + 39 * math.sin(math.tau * count * x / size[0])) for x in range(size[0]))
    return Image.frombytes("L", (size[0], 1), row).resize(size)


def _warmed(skin: Image.Image) -> Image.Image:
    """Near the flame the wax glows from inside."""
    glow = Image.linear_gradient("L").rotate(180).resize(skin.size)
    glow = glow.point([max(0, round((v - 150) * 1.1)) for v in range(256)])
    return ImageChops.add(skin, ImageChops.multiply(ramp(glow, (0, 0, 0), (150, 96, 40)), skin))


def _flame(scene: Scene, at: Point, radius: float) -> None:
    x, y = at
    size = 26 + radius * 0.2
    wick = curve([(x, y + 4), (x + 2, y - size * 0.3), (x + 5, y - size * 0.62)], 6)
    tube(scene, wick, 5 + radius * 0.012, (70, 52, 42), gloss=0.1)
    halo = scene.sketch()
    halo.ellipse(x, y - size * 1.4, size * 4.2, size * 4.2, 120)
    light = scene.whole(grain.soft(halo.done(), size * 0.5 * scene.k))
    scene.picture = ImageChops.screen(scene.picture, ramp(light, (0, 0, 0), (255, 190, 104)))
    shape = [
        (0.0, 0.1),
        (0.4, -0.4),
        (0.44, -1.0),
        (0.2, -1.9),
        (0.0, -2.7),
        (-0.22, -1.9),
        (-0.44, -1.0),
        (-0.36, -0.4),
    ]
    for share, ink, blur in (
        (1.0, (255, 176, 70), 0.16),
        (0.78, (255, 226, 140), 0.12),
        (0.5, (255, 252, 232), 0.1),
    ):
        pencil = scene.pencil()
        pencil.polygon(
            curve(
                [(x + 4 + px * size * share, y - size * 0.22 + py * size * share) for px, py in shape],
                8,
                closed=True,
            )
        )
        scene.lay(ink, grain.soft(pencil.done(), size * blur * scene.k))
