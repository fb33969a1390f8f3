"""A line over days as the points of an SVG polyline. Pure: what is drawn is decided here, colours by the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

WIDTH, HEIGHT, EDGE = 640, 200, 8


@dataclass(frozen=True, slots=True)
class Chart:
    """`points` as an SVG polyline takes them, within `width` and `height`; the lowest value is at the bottom."""

    points: str
    first: date
    last: date
    width: int = WIDTH
    height: int = HEIGHT


def chart(days: Sequence[tuple[date, Decimal]]) -> Chart | None:
    """The line through `days`, oldest first, each at its distance in time; None with fewer than two."""
    if len(days) < 2:
        return None
    values = [value for _day, value in days]
    first, last, low, high = days[0][0], days[-1][0], min(values), max(values)
    across, up = Decimal((last - first).days), high - low
    points = " ".join(
        f"{EDGE + (WIDTH - 2 * EDGE) * (day - first).days / across:.1f},{_height(value - low, up):.1f}"
        for day, value in days
    )
    return Chart(points, first, last)


def _height(above: Decimal, up: Decimal) -> Decimal:
    """From the top; a rate that never moved is a line through the middle."""
    share = above / up if up else Decimal("0.5")
    return EDGE + (HEIGHT - 2 * EDGE) * (1 - share)
