"""docs/audit.md lists what the code checks, neither more nor less."""

from __future__ import annotations

import re

from django.conf import settings

from marketplace.audit import checks, waiting

PAGE = (settings.BASE_DIR / "docs" / "audit.md").read_text()


SEVERITIES = {"S1", "S2"}


def table(severity: bool) -> list[list[str]]:
    """Rows that begin with an id: those with a severity beside it, or the others."""
    lines = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if re.match(r"\| [A-Z]\d\d \|", line)]
    return [row for row in lines if (row[1] in SEVERITIES) is severity]


def test_the_page_lists_every_check_with_its_severity_and_statement() -> None:
    assert table(True) == [[check.id, check.severity, check.statement] for check in checks()]


def test_the_page_lists_what_waits_with_the_reason() -> None:
    assert table(False) == [[one.id, one.statement, one.why] for one in waiting()]


def test_the_page_counts_them() -> None:
    assert f"{len(checks())} invariants" in PAGE
