"""What the database holds, as one value: equal before and after when nothing was changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.db import connection

# Who is logged in, which call was made before, what migrations keep: nobody's goods or money.
LEFT_OUT = {
    "auth_permission",
    "django_content_type",
    "django_migrations",
    "django_session",
    "marketplace_idempotentcall",
}
Digest = dict[str, tuple[int, int]]
WRITES = """
    select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) from pg_stat_xact_user_tables where relname <> all(%s)
"""


def writes() -> int:
    """Rows written in this transaction so far, also those that were taken back."""
    with connection.cursor() as cursor:
        cursor.execute(WRITES, [sorted(LEFT_OUT)])
        return int(cursor.fetchone()[0])


def digest() -> Digest:
    """Per table: how many rows, and a sum of their hashes."""
    with connection.cursor() as cursor:
        cursor.execute(_sql())
        return {name: (rows, int(hashes)) for name, rows, hashes in cursor.fetchall()}


@cache
def _sql() -> str:
    tables = [name for name in connection.introspection.table_names() if name not in LEFT_OUT]
    one = "select '{0}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) from {0} t"
    return " union all ".join(one.format(name) for name in tables)


def changed_by(act: Callable[[], object], before: Digest) -> set[str]:
    """Tables that are no longer as `before` after `act`. Looks closely only where something was written."""
    written = writes()
    act()
    if writes() == written:
        return set()
    after = digest()
    return {name for name in before if before[name] != after[name]}
