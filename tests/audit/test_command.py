"""`manage.py audit`: exit 0 and one line when all is well, exit 1 and names when it is not."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from marketplace.audit import checks, waiting
from marketplace.lib.audit import SAMPLES
from tests.audit.mutants import MUTANTS
from tests.audit.test_mutants import seed
from tests.orders.world import World

pytestmark = pytest.mark.django_db


def audit(*arguments: str) -> tuple[int, str]:
    """The exit code, and what was printed."""
    out = StringIO()
    try:
        call_command("audit", *arguments, stdout=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_a_clean_site_exits_0_and_says_how_much_was_looked_at(clean_world: World) -> None:
    code, said = audit()
    assert code == 0
    assert said.startswith(f"{len(checks())} invariants checked on one snapshot in ")
    assert "none broken" in said
    assert len(said.splitlines()) == 1


def test_a_defect_exits_1_and_is_named(clean_world: World) -> None:
    seed(MUTANTS["D02"])
    code, said = audit()
    assert code == 1
    first, example, _total = said.splitlines()
    assert first == "D02 S1 Stock is the sum of its moves."
    assert example == f"    broken 1 times, for example: {clean_world.scarf.slug}"


@pytest.mark.parametrize("defect", ["", "F16", "H03"])
def test_json_is_one_object_with_every_check_and_what_waits(clean_world: World, defect: str) -> None:
    seed(MUTANTS.get(defect, []))
    code, said = audit("--json")
    found: dict[str, Any] = json.loads(said)
    assert code == bool(defect)
    assert [check["id"] for check in found["checks"]] == [check.id for check in checks()]
    assert [one["id"] for one in found["waiting"]] == [one.id for one in waiting()]
    assert all(one["why"] for one in found["waiting"])
    by_id = {check["id"]: check for check in found["checks"]}
    assert {one["id"] for one in found["checks"] if one["count"]} == ({defect} if defect else set())
    if defect:
        assert by_id[defect]["samples"]
        assert len(by_id[defect]["samples"]) <= SAMPLES
