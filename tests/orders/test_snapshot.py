"""The audit of a busy site: one snapshot for all checks, and no way to write."""

from __future__ import annotations

import pytest
from django.db import InternalError, connection

from marketplace.lib.audit import Check, run


@pytest.mark.django_db(transaction=True)
def test_all_checks_see_one_snapshot_and_can_write_nothing() -> None:
    level = "select current_setting('transaction_isolation') || ' ' || current_setting('transaction_read_only')"
    [result] = run([Check("Z01", "S1", "Looks only.", level)])
    assert result.samples == ["repeatable read on"]
    with pytest.raises(InternalError, match="read-only transaction"):
        run([Check("Z02", "S1", "Writes.", "update listings_listing set stock = 0 returning slug")])
    with connection.cursor() as cursor:
        cursor.execute("show transaction_read_only")
        assert cursor.fetchone() == ("off",)
