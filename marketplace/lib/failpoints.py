"""Named moments at which a test lets this very process die: `FAIL_AT="operation answered:3,news fetched:2"`.

The n-th time a process comes by, it is killed as by `kill -9`. Nothing dies outside the demo and tests.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from itertools import count

from django.conf import settings

POINTS = (
    "order written",  # in the transaction that places it: nothing is intended yet
    "order placed",  # the intent is committed, nothing has left
    "operation claimed",  # before the call to the processor
    "operation answered",  # the processor did it, we do not know it yet
    "operation stored",  # we know it, whoever waits does not
    "webhook kept",  # before its sender is thanked
    "news fetched",  # before what a webhook is about is applied
    "news applied",
    "chain seen",  # receipts are stored, what they mean for the payment is not
    "journal posted",  # in the transaction that moves the money, whatever it is for
    "answer ready",  # to an unsafe call of the API, before it is stored
    "answer kept",  # before the caller reads it
)


def _armed(text: str) -> Mapping[str, tuple[Iterator[int], int]]:
    """A counter and the fatal number per point. ValueError for a point that does not exist."""
    wanted = dict(pair.rsplit(":", 1) for pair in text.split(",") if pair)
    if unknown := wanted.keys() - set(POINTS):
        raise ValueError(f"FAIL_AT names {', '.join(sorted(unknown))}; the points are {', '.join(POINTS)}.")
    return {point: (count(1), int(number)) for point, number in wanted.items()}


_ARMED = _armed(os.environ.get("FAIL_AT", "") if settings.SANDBOX else "")


def reach(point: str) -> None:
    """Say that `point` is reached; returns unless FAIL_AT says that this is the end."""
    if point in _ARMED:
        passed, fatal = _ARMED[point]
        if next(passed) == fatal:
            print(f"Killed at {point!r}.", file=sys.stderr, flush=True)  # noqa: T201 - the last words
            os.kill(os.getpid(), signal.SIGKILL)
