"""The one clock of the product: every deadline is compared with `now()`, so tests shift it here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone

_shift = dt.timedelta(0)


def now() -> dt.datetime:
    """The current moment, aware, in UTC, moved by `shifted` in tests."""
    return timezone.now() + _shift


def today() -> dt.date:
    """The current date in UTC."""
    return now().date()


@contextmanager
def shifted(**delta: float) -> Iterator[None]:
    """Move the clock by `timedelta(**delta)` inside the block; shifts add up."""
    global _shift
    before = _shift
    _shift = before + dt.timedelta(**delta)
    try:
        yield
    finally:
        _shift = before
