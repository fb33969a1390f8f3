"""The rule book as the database has it, kept in the process until a row of `ImportRule` or `Registration` changes."""

from __future__ import annotations

from django.db import connection

from listings.customs.rule import Registered, Rule, RuleBook
from listings.customs.seed import COLUMNS
from listings.models import ImportRule, Registration

_SUM = "SELECT concat_ws('.', count(*), max(id), sum(xmin::text::bigint), sum(cmin::text::bigint)) FROM listings_%s"
_kept: tuple[str, RuleBook] | None = None


def rulebook() -> RuleBook:
    """Every rule, past and coming. One short query tells whether the kept book is still right."""
    global _kept
    version = _version()
    if _kept is None or _kept[0] != version:
        rows = ImportRule.objects.values(*COLUMNS)
        registered = Registration.objects.values_list("scheme", "valid_from", "valid_until")
        _kept = version, RuleBook((Rule.of(row) for row in rows), (Registered(*row) for row in registered))
    return _kept[1]


def _version() -> str:
    """Changes with every insert, update and delete: counts and the sum of the rows' transaction ids."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ({_SUM % 'importrule'}) || '/' || ({_SUM % 'registration'})")  # noqa: S608  two constants
        return str(cursor.fetchone()[0])


__all__ = ["Rule", "RuleBook", "rulebook"]
