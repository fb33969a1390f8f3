"""One clean world for all tests of the audit: built once, in a transaction that is rolled back at the end.

Each test's own transaction is a savepoint in it, so that what one breaks is whole again for the next.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from tests.audit.clean import build
from tests.doubles import StripeDouble
from tests.orders.world import World


@pytest.fixture(scope="package")
def clean_world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    double = StripeDouble()
    processors = {**settings.PROCESSORS, "stripe": double.config, "balance": {}}
    whole = transaction.atomic()
    whole._from_testcase = True  # type: ignore[attr-defined]  # as Django's TestCase does: operations commit for good
    with django_db_blocker.unblock(), override_settings(PROCESSORS=processors), whole:
        yield build(double)
        transaction.set_rollback(True)
    double.stop()
