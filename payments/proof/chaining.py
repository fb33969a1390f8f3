"""The sweep that chains journals. Posting knows nothing of it and stays as fast as it was.

Ids are given before a journal is committed: a lower one can appear after a higher one. Whoever posts holds a lock
on the table from before it has an id until it ends: once all who held one are gone, every id up to the highest that
was seen before is there, or never will be.
"""

from __future__ import annotations

import secrets
import time
from itertools import groupby
from typing import Any

from django.db import connection, transaction

from marketplace.lib.locks import singleton
from payments.models import ChainLink
from payments.proof import lines

BATCH = 1_000
PATIENCE = 5.0  # seconds; whoever posts for longer is waited for by the next sweep

_HIGHEST = "select coalesce(max(id), 0) from ledger_journal"
_POSTING = """
select virtualtransaction from pg_locks where granted and mode = 'RowExclusiveLock' and pid <> pg_backend_pid()
and locktype = 'relation' and relation = 'ledger_journal'::regclass
and database = (select oid from pg_database where datname = current_database())"""
_NEXT = """
select j.id, j.key, j.kind, j.ref, j.occurred_at, e.line, a.code, e.amount, e.currency
from (select * from ledger_journal where id > %s and id <= %s order by id limit %s) j
join ledger_entry e on e.journal_id = j.id join ledger_account a on a.id = e.account_id order by j.id, e.line"""


def chain() -> int:
    """Chain all journals that no unfinished one can precede. Returns how many."""
    with singleton("chain journals") as alone:
        if not alone or (highest := _settled()) is None:
            return 0
        done = 0
        while batch := _batch(highest):
            done += batch
        return done


def _settled() -> int | None:
    """The highest id that nobody can come before any more; none when somebody posts for too long."""
    [[highest]] = _rows(_HIGHEST)
    waited = {holder for (holder,) in _rows(_POSTING)}
    end = time.monotonic() + PATIENCE
    while waited:
        if time.monotonic() > end:
            return None
        time.sleep(0.02)
        waited &= {holder for (holder,) in _rows(_POSTING)}
    return int(highest)


@transaction.atomic
def _batch(highest: int) -> int:
    last = ChainLink.objects.order_by("-position").first()
    position, digest, after = (last.position, last.digest, last.journal_id) if last else (0, lines.GENESIS, 0)
    links = []
    for head, rows in groupby(_rows(_NEXT, after, highest, BATCH), key=lambda row: row[:5]):
        salt, leaf = _leaf(head, [row[5:] for row in rows])
        position, digest = position + 1, lines.linked(digest, leaf)
        links.append(ChainLink(position=position, journal_id=head[0], salt=salt, leaf=leaf, digest=digest))
    ChainLink.objects.bulk_create(links)
    return len(links)


def _leaf(head: tuple[Any, ...], entries: list[tuple[Any, ...]]) -> tuple[str, str]:
    """A new salt, and what the journal is with it."""
    _id, key, kind, ref, at = head
    salt = secrets.token_hex(16)
    commits = [lines.committed(lines.salt_of(salt, line), *entry) for line, *entry in entries]
    return salt, lines.leaf(key, kind, ref, lines.moment(at), commits)


def _rows(sql: str, *params: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        return list(cursor.fetchall())
