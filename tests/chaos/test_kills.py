"""People buy, complain and are paid while everything is killed with -9, in an order that a seed decides.

A short one here; `make chaos` runs the long one as well. docs/chaos.md says how to read and to repeat it.
"""

from __future__ import annotations

import os

import pytest

from marketplace.run.pytest_words import Tell
from tests.chaos.killing import ways
from tests.chaos.traps import everywhere
from tests.chaos.trial import DRAINED, Report, Trial, seed, site_for

pytestmark = pytest.mark.chaos
SHORT = int(os.environ.get("CHAOS_KILLS", "12"))
LONG = 200  # kills at random
AT_MOST = 40 * 60.0  # seconds for the kills, and as many for the named points; a quiet machine takes a third of that


def test_whatever_is_killed_nothing_is_lost_and_nothing_happens_twice(tell: Tell) -> None:
    with site_for("short") as site:
        trial = Trial(site, seed())
        trial.open(trial.chance.sample(everywhere(node=site.network is not None), 8))
        trial.kill(SHORT, seconds=60)
        report = trial.finish()
    show(report, tell)
    holds(report)


@pytest.mark.long
def test_two_hundred_kills(tell: Tell) -> None:
    with site_for("long") as site:
        trial, traps = Trial(site, seed()), everywhere(node=site.network is not None)
        trial.open(traps)
        trial.kill(LONG, seconds=AT_MOST)
        trial.until_everybody_died(AT_MOST)
        report = trial.finish()
        every_way = set(ways(site))
    show(report, tell)
    holds(report)
    assert report.kills.total() >= LONG
    assert set(report.kills) == every_way
    assert report.missed == [], "named points at which nobody died"
    assert set(report.deaths) == set(traps)


def show(report: Report, tell: Tell) -> None:
    for line in report.lines():
        tell(line)


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
