"""After tests that really commit the database is as its migrations left it: for those that follow in any order.

Django's flush empties what its models know: also the rows that migrations wrote (legal texts, import rules, prices),
and not the books, which are append-only. Both are put right here before the next test, by COPY.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from pytest_django import DjangoDbBlocker

TABLES = ("payments_chainlink", "ledger_entry", "ledger_journal", "ledger_balance", "ledger_account")
# What Django itself keeps after a flush.
ITS_OWN = {"django_migrations"}


class Written:
    """The rows of a database that was just migrated, by table."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}
        self.are_gone = False
        self.blocker: DjangoDbBlocker

    def keep(self, blocker: DjangoDbBlocker) -> None:
        self.blocker = blocker
        with blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("select relname from pg_stat_user_tables where schemaname = 'public'")
            for (table,) in cursor.fetchall():
                text = io.StringIO()
                cursor.copy_expert(f'copy "{table}" to stdout', text)
                if text.tell() and table not in ITS_OWN:
                    self.rows[table] = text.getvalue()

    def put_back(self) -> None:
        """Without triggers, so in any order. Ids of content types are the first ones again."""
        with self.blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute("set local session_replication_role = replica")
            cursor.execute(f"truncate {', '.join(self.rows)} cascade")
            for table, rows in self.rows.items():
                cursor.copy_expert(f'copy "{table}" from stdin', io.StringIO(rows))
            cursor.execute("commit")
        ContentType.objects.clear_cache()
        self.are_gone = False


written = Written()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    written.keep(django_db_blocker)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Before the test's transaction begins."""
    if written.are_gone:
        written.put_back()


@pytest.fixture(autouse=True)
def emptied_books(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    yield
    marker = request.node.get_closest_marker("django_db")
    commits = {"transactional_db", "live_server"} & set(request.fixturenames)
    if commits or (marker is not None and marker.kwargs.get("transaction")):
        written.are_gone = bool(written.rows)
        with django_db_blocker.unblock():
            empty_books()


def empty_books() -> None:
    """Drop all journals, entries, balances and accounts, which only the tables' owner can do."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"alter table {table} disable trigger user")
        cursor.execute(f"truncate {', '.join(TABLES)} restart identity")
        for table in TABLES:
            cursor.execute(f"alter table {table} enable trigger user")
