"""The flows of a window as bars: what came in above what is owed, by value at mid, the matched part of both alike.

Pure: what is drawn is decided here, colours by the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from fx.models import WindowNet
from fx.money import exponent_of
from fx.rates import HUB

WIDTH, LEFT, ROW, BAR = 640, 56, 46, 15


@dataclass(frozen=True, slots=True)
class Bars:
    """One currency: from `x`, `matched` wide on both lines, then `more` on the line of the greater flow."""

    currency: str
    y: int
    owed_y: int
    text_y: int
    matched: int
    more: int
    more_y: int
    x: int = LEFT
    height: int = BAR

    @property
    def more_x(self) -> int:
        return self.x + self.matched


@dataclass(frozen=True, slots=True)
class Picture:
    rows: list[Bars]
    height: int
    width: int = WIDTH


def picture(nets: Sequence[WindowNet]) -> Picture:
    """The currencies of one window, in the order that is given."""
    longest = max((_cents(net, max(net.inflow_minor, net.outflow_minor)) for net in nets), default=0)
    rows = [_bars(net, number * ROW + 4, longest) for number, net in enumerate(nets)]
    return Picture(rows, len(rows) * ROW)


def _bars(net: WindowNet, y: int, longest: int) -> Bars:
    room = WIDTH - LEFT
    matched = _cents(net, net.matched_minor) * room // (longest or 1)
    whole = _cents(net, max(net.inflow_minor, net.outflow_minor)) * room // (longest or 1)
    owed_y = y + BAR + 2
    more_y = y if net.residual_minor > 0 else owed_y
    return Bars(net.currency, y, owed_y, y + BAR + 6, matched, whole - matched, more_y)


def _cents(net: WindowNet, minor: int) -> int:
    hubs: Decimal = minor * 10 ** exponent_of(HUB) / net.mid
    units: int = 10 ** exponent_of(net.currency)
    return int(hubs) // units
