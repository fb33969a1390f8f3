"""People buy, complain and are paid while everything is killed with -9, in an order that a seed decides.

A short one here; `make chaos` runs the long one as well. docs/chaos.md says how to read and to repeat it.
"""

from __future__ import annotations

import os

import pytest

from marketplace.lib.failpoints import POINTS
from tests.chaos.killing import ways
from tests.chaos.trial import DRAINED, Report, Trial, seed, site_for

pytestmark = pytest.mark.chaos
SHORT = int(os.environ.get("CHAOS_KILLS", "12"))
LONG, AT_MOST = 200, 15 * 60.0  # kills at random, seconds on a machine that does other things too


def test_whatever_is_killed_nothing_is_lost_and_nothing_happens_twice(capsys: pytest.CaptureFixture[str]) -> None:
    with site_for("short") as site:
        trial = Trial(site, seed())
        trial.open()
        trial.kill(SHORT, pause=(0.5, 2.0), seconds=60)
        report = trial.finish()
    show(report, capsys)
    holds(report)


@pytest.mark.long
def test_two_hundred_kills(capsys: pytest.CaptureFixture[str]) -> None:
    with site_for("long") as site:
        trial = Trial(site, seed())
        trial.open()
        trial.die_everywhere()
        trial.kill(LONG, pause=(0.5, 3.5), seconds=AT_MOST)
        report = trial.finish()
        every_way = set(ways(site))
    show(report, capsys)
    holds(report)
    assert report.kills.total() >= LONG
    assert set(report.kills) == every_way
    assert set(report.deaths) == set(POINTS), "a named point at which nobody died"


def show(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print("", *report.lines(), sep="\n")


def holds(report: Report) -> None:
    assert report.errors == []
    assert report.findings == []
    assert report.waiting == 0, "rows still wait"
    assert report.drained < DRAINED
    assert report.last_audit == ""
    assert report.audits
    assert report.broken == []
    assert not [answer for answer in report.answers if answer.startswith("500")]
    assert report.orders
