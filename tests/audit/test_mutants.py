"""Every check catches its own seeded defect, each put in past the constraints and triggers that refuse it."""

from __future__ import annotations

import re

import pytest
from django.db import DatabaseError, connection, transaction

from marketplace.audit import checks, waiting
from marketplace.lib.audit import Check
from tests.audit.mutants import MUTANTS
from tests.orders.world import World, broken

pytestmark = pytest.mark.django_db
REFUSED = (  # what no bug can do, because constraints and triggers stop it
    "A01 A02 A03 A04 A05 A06 A07 A08 A09 A10 A11 A12 B01 B04 B10 C01 D01 D04 E01 E02 E04 E06 E10 E11 F12 F13 F15 F55"
    " G01 G06 G13 G15 H13 I01 I02 I03 I04 I06 I07 I08 N08 N11 T01 T05 T06 T07 T08 T09 V02 V03 V04 Y02 Y03"
)
REFUSALS = """
select format('alter table %I drop constraint %I cascade', c.conrelid::regclass, c.conname) from pg_constraint c
where c.conrelid = %s::regclass and c.contype in ('c', 'u')
union all select format('drop index %I cascade', i.indexrelid::regclass) from pg_index i
where i.indrelid = %s::regclass and i.indisunique and not i.indisprimary
and not exists (select 1 from pg_constraint c where c.conindid = i.indexrelid)"""


def seed(statements: list[str]) -> None:
    """Do it as nobody could: without triggers, foreign keys, checks and unique keys, until the test is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        for statement in statements:
            _let_pass(re.findall(r"(?:update|into|from) (\w+)", statement)[0])
            cursor.execute(statement)
            assert cursor.rowcount > 0, f"nothing was broken by: {statement}"


def _let_pass(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(REFUSALS.replace("%I", "%%I"), [table, table])
        for (drop,) in cursor.fetchall():
            cursor.execute(drop)


@pytest.mark.parametrize("check", sorted(MUTANTS))
def test_the_check_finds_its_defect(clean_world: World, check: str) -> None:
    seed(MUTANTS[check])
    assert check in broken()


@pytest.mark.parametrize("chain", ["bitcoin:%", "eip155:%"])
def test_the_checks_of_coins_look_at_every_chain(clean_world: World, chain: str) -> None:
    there = f"address_id in (select id from payments_chainaddress where chain like '{chain}')"
    columns = "address_id, txid, vout, amount_minor, claimed_minor, height, block_hash, depth, state, first_seen"
    table = "payments_chainreceipt"
    for check, defect in {
        "G06": f"insert into {table} ({columns}) select {columns} from {table} where {there} limit 1",
        "G07": f"update {table} set state = 'gone' where {there}",
        "G13": f"update {table} set claimed_minor = amount_minor - 1 where {there}",
        "G14": f"update payments_chainaddress set address = 'elsewhere' where chain like '{chain}'",
    }.items():
        assert check not in broken()
        with transaction.atomic():
            seed([defect])
            assert check in broken()
            transaction.set_rollback(True)


def test_every_check_has_a_mutant_and_every_mutant_a_check() -> None:
    assert sorted(MUTANTS) == [check.id for check in checks()]


def test_an_invariant_is_checked_or_waits_with_a_reason_but_not_both() -> None:
    ids = [check.id for check in checks()] + [one.id for one in waiting()]
    assert len(ids) == len(set(ids))
    assert all(one.why.endswith(".") for one in waiting())


@pytest.mark.parametrize("check", checks(), ids=lambda check: check.id)
def test_a_check_says_how_bad_it_is_and_what_has_to_hold(check: Check) -> None:
    assert check.severity in {"S1", "S2"}
    assert re.fullmatch(r"[A-Z].{15,109}\.", check.statement)


def test_the_database_itself_refuses_these_defects_in_the_first_place(clean_world: World) -> None:
    assert " ".join(sorted(filter(refused, MUTANTS))) == REFUSED


def refused(check: str) -> bool:
    """Whether constraints and triggers, left in place, stop the check's mutant."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in MUTANTS[check]:
                cursor.execute(statement)
            transaction.set_rollback(True)
    except DatabaseError:
        return True
    return False
