"""Comparing two records of the same money, by reference. Pure: values in, findings out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Side:
    """What one side has under a reference: the sum in minor units, and since when."""

    minor: int
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """A reference in a currency whose sums differ. `kind`: missing_here, missing_there or differs."""

    ref: str
    currency: str
    ours: int
    theirs: int
    kind: str
    since: dt.datetime

    @property
    def difference(self) -> int:
        return self.theirs - self.ours


Key = tuple[str, str]  # reference, currency


def differences(ours: Mapping[Key, Side], theirs: Mapping[Key, Side]) -> list[Finding]:
    """Every reference that both sides do not agree on, in its order. Sides of nothing are as if they were not there."""
    found = []
    for ref, currency in sorted(ours.keys() | theirs.keys()):
        ours_here, theirs_here = ours.get((ref, currency)), theirs.get((ref, currency))
        a, b = ours_here.minor if ours_here else 0, theirs_here.minor if theirs_here else 0
        if a == b:
            continue
        kind = "differs" if a and b else "missing_here" if b else "missing_there"
        since = max(side.since for side in (ours_here, theirs_here) if side is not None)
        found.append(Finding(ref, currency, a, b, kind, since))
    return found


def explained(
    moved: Iterable[tuple[str, int]], unexplained: Iterable[tuple[str, int]], per_eur: Mapping[str, Fraction]
) -> int:
    """The share of money that is explained, in basis points, rounded down: amounts without signs, in one currency.

    `moved` is all that either side has, `unexplained` what differs without a person's reason; `per_eur` the minor
    units of each currency that are a euro. Currencies without a rate are left out; 10,000 where nothing moved.
    """
    whole = sum((Fraction(abs(minor)) / per_eur[ccy] for ccy, minor in moved if ccy in per_eur), Fraction(0))
    off = sum((Fraction(abs(minor)) / per_eur[ccy] for ccy, minor in unexplained if ccy in per_eur), Fraction(0))
    return 10_000 if not whole else max(0, int((whole - off) * 10_000 / whole))
