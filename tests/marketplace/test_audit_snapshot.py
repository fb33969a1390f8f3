"""One snapshot for all checks of the audit, however many connections share them; none of them can write."""

from __future__ import annotations

import pytest
from django.db import connection
from pytest_django import Settings

from marketplace.lib.audit import Check, run

pytestmark = pytest.mark.django_db(transaction=True)
SEEN = "select pg_backend_pid() || ' ' || pg_current_snapshot() from pg_sleep(0.05)"


def test_several_connections_see_one_snapshot(settings: Settings) -> None:
    settings.AUDIT_CONNECTIONS = 3
    found = run([Check(f"Z{n:02}", "S1", "Says who looks at what.", f"{SEEN} where {n} = {n}") for n in range(12)])
    assert [result.check.id for result in found] == [f"Z{n:02}" for n in range(12)]
    connections, snapshots = zip(*(result.samples[0].split() for result in found), strict=True)
    assert len(set(connections)) == 3
    assert len(set(snapshots)) == 1


def test_checks_with_one_query_run_it_once_and_share_what_it_finds() -> None:
    both = "select 'seen', unnest(array['Z01', 'Z02', 'Z02'])"
    one, two, none = run([Check(id_, "S1", "Shares.", both) for id_ in ("Z01", "Z02", "Z03")])
    assert (one.count, two.count, none.count) == (1, 2, 0)
    assert one.seconds == two.seconds == none.seconds


def test_a_shared_query_that_fails_fails_for_all_of_them() -> None:
    found = run([Check(id_, "S1", "Shares.", "select nothing") for id_ in ("Z01", "Z02")])
    assert [result.error for result in found] == ['column "nothing" does not exist'] * 2


@pytest.mark.parametrize("connections", [1, 2])
def test_nothing_can_be_written_and_nothing_takes_for_ever(settings: Settings, connections: int) -> None:
    settings.AUDIT_CONNECTIONS, settings.AUDIT_CHECK_SECONDS = connections, 1
    change = Check("Z10", "S1", "Writes.", "delete from marketplace_user returning email")
    late = Check("Z11", "S1", "Takes long.", "select pg_sleep(3)::text")
    fine = Check("Z12", "S1", "Goes on after both.", "select 'seen'")
    assert [(result.error, result.samples) for result in run([change, late, fine])] == [
        ("cannot execute DELETE in a read-only transaction", []),
        ("canceling statement due to statement timeout", []),
        ("", ["seen"]),
    ]


def test_the_connection_is_as_it_was_afterwards() -> None:
    level = "select current_setting('transaction_isolation') || ' ' || current_setting('transaction_read_only')"
    [result] = run([Check("Z01", "S1", "Looks only.", level)])
    assert result.samples == ["repeatable read on"]
    with connection.cursor() as cursor:
        cursor.execute("show transaction_read_only")
        assert cursor.fetchone() == ("off",)
