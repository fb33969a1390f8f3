"""Shared by all tests: Alice sells, Bob buys, Charlie is a stranger to both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from marketplace.models import User

LEDGER = ("ledger_entry", "ledger_journal", "ledger_balance", "ledger_account")


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice@example.com", "pw-of-alice", name="Alice", country="IN")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob@example.com", "pw-of-bob", name="Bob", country="DE")


@pytest.fixture
def charlie(db: None) -> User:
    return User.objects.create_user("charlie@example.com", "pw-of-charlie", name="Charlie")


@pytest.fixture(autouse=True)
def emptied_ledger(
    request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The books are append-only and unknown to Django's flush: empty them after a test that really commits."""
    yield
    marker = request.node.get_closest_marker("django_db")
    commits = {"transactional_db", "live_server"} & set(request.fixturenames)
    if commits or (marker is not None and marker.kwargs.get("transaction")):
        with django_db_blocker.unblock():
            empty_ledger()


def empty_ledger() -> None:
    with connection.cursor() as cursor:
        for table in LEDGER:
            cursor.execute(f"alter table {table} disable trigger user")
        cursor.execute(f"truncate {', '.join(LEDGER)} restart identity")
        for table in LEDGER:
            cursor.execute(f"alter table {table} enable trigger user")
