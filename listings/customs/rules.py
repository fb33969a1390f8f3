"""The rule book as the database has it, kept in the process until a row of `ImportRule`, `Registration` or
`RestrictedGoods` changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from listings.customs.restriction import COLUMNS as RESTRICTION
from listings.customs.restriction import Restriction
from listings.customs.rule import Rule, RuleBook
from listings.customs.seed import COLUMNS
from listings.models import ImportRule, Registration, RestrictedGoods


@dataclass(frozen=True, slots=True)
class Registered:
    """The operator collects the tax of `scheme` from `start` on; `end` is the first day without it."""

    scheme: str
    start: dt.date
    end: dt.date | None = None

    def covers(self, on: dt.date) -> bool:
        return self.start <= on and (self.end is None or on < self.end)


class Book(RuleBook):
    """Every rule, what the operator is registered for, and the goods that are restricted."""

    def __init__(
        self,
        rules: Iterable[Rule],
        registered: Sequence[Registered] = (),
        restrictions: Sequence[Restriction] = (),
    ) -> None:
        super().__init__(rules)
        self._registered = registered
        self.restrictions = restrictions
        self.blocks = [row for row in restrictions if row.level == "block"]

    def schemes_on(self, day: dt.date) -> frozenset[str]:
        """What the operator is registered for on that day, like {"IOSS"}."""
        return frozenset(one.scheme for one in self._registered if one.covers(day))


_SUM = "SELECT concat_ws('.', count(*), max(id), sum(xmin::text::bigint), sum(cmin::text::bigint)) FROM listings_%s"
_kept: tuple[str, Book] | None = None


def rulebook() -> Book:
    """Every rule, past and coming. One short query tells whether the kept book is still right."""
    global _kept
    version = _version()
    if _kept is None or _kept[0] != version:
        rows = ImportRule.objects.values(*COLUMNS)
        registered = Registration.objects.values_list("scheme", "valid_from", "valid_until")
        goods = RestrictedGoods.objects.filter(active=True).values(*RESTRICTION)
        _kept = (
            version,
            Book(
                (Rule.of(row) for row in rows),
                [Registered(*row) for row in registered],
                [Restriction.of(row) for row in goods],
            ),
        )
    return _kept[1]


def _version() -> str:
    """Changes with every insert, update and delete: counts and the sum of the rows' transaction ids."""
    with connection.cursor() as cursor:
        sums = " || '/' || ".join(f"({_SUM % table})" for table in ("importrule", "registration", "restrictedgoods"))
        cursor.execute(f"SELECT {sums}")  # noqa: S608  constants
        return str(cursor.fetchone()[0])


__all__ = ["Book", "Registered", "Rule", "RuleBook", "rulebook"]
