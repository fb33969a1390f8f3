"""The share of money that is explained, as one number: of a run, and of the latest run of every processor."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from fx.money import EXPONENT
from fx.services import current_rates
from payments.models import ReconRun, ReconSum
from payments.reconciliation.matching import explained


def share_of(runs: Iterable[ReconRun]) -> int:
    """In basis points: what moved, less what differs without a person's reason, at mid-market in EUR, rounded down.

    One currency needs no rate; of several, those without one are left out.
    """
    sums = list(ReconSum.objects.filter(run__in=list(runs)))
    moved = [(one.currency, one.moved_minor) for one in sums]
    alone = {one.currency: Fraction(1) for one in sums}
    rates = alone if len(alone) == 1 else _per_eur()
    return explained(moved, [(one.currency, one.unexplained_minor) for one in sums], rates)


def latest() -> list[ReconRun]:
    """Of each processor that was ever reconciled the latest run."""
    return list(ReconRun.objects.order_by("processor", "-at", "-pk").distinct("processor"))


def in_percent(bps: int) -> str:
    return f"{bps // 100}.{bps % 100:02d} %"


def _per_eur() -> dict[str, Fraction]:
    """Minor units of each currency that are a euro, by the rates there are."""
    rates = current_rates().per_eur
    return {"EUR": Fraction(100)} | {code: Fraction(rate) * 10 ** EXPONENT[code] for code, rate in rates.items()}
