"""One stage for all these tests, each on a savepoint of its own: what a test changes is gone after it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from tests.doubles import StripeDouble
from tests.security.stage import Stage, build


@pytest.fixture(scope="package")
def _built(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    double = StripeDouble()
    media: Path = tmp_path_factory.mktemp("media")
    processors = {**settings.PROCESSORS, "stripe": double.config}
    with django_db_blocker.unblock(), override_settings(PROCESSORS=processors, MEDIA_ROOT=media), _undone():
        yield build(double)
    double.stop()


@contextmanager
def _undone() -> Iterator[None]:
    """A transaction that is never kept. Durable blocks may begin in it, as in Django's own test cases."""
    atomic = transaction.atomic()
    atomic._from_testcase = True  # type: ignore[attr-defined]
    with atomic:
        yield
        transaction.set_rollback(True)


@pytest.fixture
def stage(_built: Stage) -> Iterator[Stage]:
    """The stage; afterwards database and double are as before."""
    double = _built.double.double
    asked, rows = len(double.requests), json.dumps(double.store._rows)
    with _undone():
        yield _built
    if len(double.requests) != asked:
        double.store._rows = json.loads(rows)
