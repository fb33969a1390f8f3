"""The flows of a window as bars: what came in above what is owed, by value at mid, the matched part of both alike.

Pure: what is drawn is decided here, colours and sizes by the page. Lengths are parts of the longest bar, as SVG takes
them in every language: `63.1%`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from fx.models import WindowNet
from fx.netting.closing import cents

LEAST = 5  # thousandths: what is there is seen, however little


@dataclass(frozen=True, slots=True)
class Bar:
    """`matched` from the left, then `more`."""

    matched: str
    more: str


@dataclass(frozen=True, slots=True)
class Bars:
    """One currency."""

    net: WindowNet
    come: Bar
    owed: Bar


def picture(nets: Sequence[WindowNet]) -> list[Bars]:
    """The currencies of one window, in the order that is given."""
    longest = max((_cents(net, max(net.inflow_minor, net.outflow_minor)) for net in nets), default=0)
    return [_bars(net, longest or 1) for net in nets]


def _bars(net: WindowNet, longest: int) -> Bars:
    matched = _long(_cents(net, net.matched_minor), longest)
    return Bars(net, _bar(net, net.inflow_minor, matched, longest), _bar(net, net.outflow_minor, matched, longest))


def _bar(net: WindowNet, whole: int, matched: int, longest: int) -> Bar:
    more = _long(_cents(net, whole), longest) - matched
    if whole > net.matched_minor:
        more = max(more, LEAST)
    return Bar(_percent(min(matched, 1000 - more)), _percent(more))


def _long(cents: int, longest: int) -> int:
    return cents * 1000 // longest


def _percent(thousandths: int) -> str:
    return f"{thousandths // 10}.{thousandths % 10}%"


def _cents(net: WindowNet, minor: int) -> int:
    return int(cents(minor, net.currency, Fraction(net.mid)))
