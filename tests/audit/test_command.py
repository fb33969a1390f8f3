"""`manage.py audit`: exit 0 and one line when all is well, exit 1 and names when it is not."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from marketplace.audit import checks, waiting
from marketplace.lib.audit import SAMPLES, Check
from marketplace.management.commands import audit as command
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


def test_only_some_are_checked_when_they_are_named(clean_world: World) -> None:
    code, said = audit("--only", "D02,b01")
    assert (code, said.split(" in ")[0]) == (0, "2 invariants checked on one snapshot")
    with pytest.raises(CommandError, match="There is no check Z99"):
        audit("--only", "D02,Z99")


def test_a_check_that_cannot_be_run_is_said_and_the_others_go_on(
    clean_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Check("D01", "S1", "Stock is never negative.", "select nothing from nowhere")
    monkeypatch.setattr(command, "checks", lambda: (broken, *checks()[1:3]))
    code, said = audit()
    assert code == 1
    assert said.splitlines()[1] == '    could not be checked: relation "nowhere" does not exist'
    assert "3 invariants checked" in said
    code, said = audit("--json")
    assert [one["error"][:8] for one in json.loads(said)["checks"]] == ["relation", "", ""]
