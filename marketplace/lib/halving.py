"""Many at once, where a bad one must not keep the good ones waiting."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

log = logging.getLogger(__name__)
T = TypeVar("T")


def by_halves(items: Sequence[T], do: Callable[[Sequence[T]], list[T]]) -> list[T]:
    """Do all together; returns those that `do` gives back, and those that it refuses alone.

    `do` is one transaction. A set that is refused is halved until the bad one is alone: to be tried on its own then, so
    that its error is told with its name.
    """
    try:
        return do(items)
    except Exception:  # whatever it is: alone it fails again, or was not the reason
        if len(items) == 1:
            return list(items)
        log.info("Not all of %s to %s can be done together; they are tried by halves.", items[0], items[-1])
    half = len(items) // 2
    return by_halves(items[:half], do) + by_halves(items[half:], do)
