"""From which day to which: a month, or two days, both included, in UTC."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from django.utils.translation import gettext as _

from marketplace.lib.clock import now

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)
_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", re.ASCII)
MOST_DAYS = 366


class PeriodError(ValueError):
    """No period of ours; the message says what one looks like."""


@dataclass(frozen=True, slots=True)
class Period:
    first: dt.date
    last: dt.date

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """`month=2026-11`, or `since=2026-11-01` and `until=2026-11-30`; this month when nothing is said."""
        month, since, until = (query.get(name) or "" for name in ("month", "since", "until"))
        if month and (since or until):
            raise PeriodError(_("Give a month, or two days."))
        if since or until:
            return cls._days(_day(since), _day(until))
        return cls.month(_month(month) if month else now().date())

    @classmethod
    def month(cls, day: dt.date) -> Self:
        first = day.replace(day=1)
        return cls(first, (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1))

    @classmethod
    def _days(cls, first: dt.date, last: dt.date) -> Self:
        if not 0 <= (last - first).days < MOST_DAYS:
            raise PeriodError(_("The last day is not before the first, and a statement covers a year at most."))
        return cls(first, last)

    @property
    def start(self) -> dt.datetime:
        return dt.datetime.combine(self.first, dt.time(), dt.UTC)

    @property
    def end(self) -> dt.datetime:
        """The first moment after it."""
        return dt.datetime.combine(self.last + dt.timedelta(days=1), dt.time(), dt.UTC)

    @property
    def query(self) -> str:
        return f"since={self.first}&until={self.last}"

    def __str__(self) -> str:
        return f"{self.first} – {self.last}"


def _month(text: str) -> dt.date:
    if not (found := _MONTH.fullmatch(text)):
        raise PeriodError(_("A month is written like 2026-11."))
    return dt.date(int(found[1]), int(found[2]), 1)


def _day(text: str) -> dt.date:
    try:
        if _DAY.fullmatch(text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise PeriodError(_("Days are written like 2026-11-30, the first and the last."))
