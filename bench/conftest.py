"""The people and goods of the tests."""

from __future__ import annotations

import os
from pathlib import Path

from bench.report import rows, write
from tests.books import django_db_setup as django_db_setup
from tests.books import emptied_books as emptied_books
from tests.books import pytest_runtest_setup as pytest_runtest_setup
from tests.conftest import alice as alice
from tests.conftest import bob as bob
from tests.conftest import moderator as moderator
from tests.doubles import stripe_double as stripe_double
from tests.orders.conftest import world as world


def pytest_sessionfinish(exitstatus: int) -> None:
    """With BENCH_REPORT, the table of this run goes there: `make bench` names docs/performance.md.

    Not where something failed: half a table would look like a whole one.
    """
    report = os.environ.get("BENCH_REPORT")
    if report and exitstatus == 0 and rows:
        write(Path(report))
    elif report:
        print(f"\nNOT WRITTEN: {report} stays as it was, because a benchmark failed.")
