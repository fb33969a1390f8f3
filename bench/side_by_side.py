"""Two ways to do one thing, timed in turn in one run: only their ratio says something about the code."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median, quantiles

ROUNDS, WARM_UP = 40, 3


def compare(title: str, ours: Callable[[], object], plain: Mapping[str, Callable[[], object]]) -> str:
    """One line per plain way: the median of `ours / plain` over the rounds, and where its middle half lies.

    Each round times every way once, so that whatever else the machine does slows all of them.
    """
    ways = {"": ours, **plain}
    rounds = [{name: seconds(do) for name, do in ways.items()} for _round in range(WARM_UP + ROUNDS)][WARM_UP:]
    lines = [f"{title}: {1000 * median(one[''] for one in rounds):.1f} ms ({ROUNDS} rounds)"]
    for name in plain:
        ratios = [one[""] / one[name] for one in rounds]
        low, _, high = quantiles(ratios, n=4)
        spent = 1000 * median(one[name] for one in rounds)
        lines.append(f"  {median(ratios):5.2f} times {name} ({spent:.1f} ms), middle half {low:.2f} to {high:.2f}")
    return "\n".join(lines)


def seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began
