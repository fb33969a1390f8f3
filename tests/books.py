"""The books are append-only and unknown to Django's flush: they are emptied after tests that really commit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

TABLES = ("payments_chainlink", "ledger_entry", "ledger_journal", "ledger_balance", "ledger_account")


@pytest.fixture(autouse=True)
def emptied_books(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    yield
    marker = request.node.get_closest_marker("django_db")
    commits = {"transactional_db", "live_server"} & set(request.fixturenames)
    if commits or (marker is not None and marker.kwargs.get("transaction")):
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
