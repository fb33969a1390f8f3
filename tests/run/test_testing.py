"""`manage.py test`: all of it goes to several processes, a choice stays in one; each says what it has to say."""

from __future__ import annotations

import importlib.util
from types import SimpleNamespace
from typing import Any

import pytest

from marketplace.run import testing
from marketplace.run.pytest_words import SAYS, Listener


@pytest.mark.parametrize("arguments", [[], ["-q"], ["--durations=15"], ["-v", "--color=no"]])
def test_a_whole_run_is_spread_where_it_can_be(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for there in (True, False):
        monkeypatch.setattr(importlib.util, "find_spec", lambda name, there=there: name if there else None)
        assert testing.is_whole(arguments) is there


@pytest.mark.parametrize(
    "arguments", [["tests/fx"], ["tests/fx", "-q"], ["-m", "stateful"], ["-k", "fx"], ["-x"], ["--long"], ["-n", "0"]]
)
def test_what_is_chosen_or_watched_stays_in_one_process(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    assert not testing.is_whole(arguments)


def test_what_a_test_says_is_heard_once_from_its_report() -> None:
    listener, said = Listener(), list[str]()
    for when in ("setup", "call", "teardown"):
        report: Any = SimpleNamespace(when=when, user_properties=[(SAYS, "12 steps"), ("needs", "regtest")])
        listener.pytest_runtest_logreport(report)
    terminal: Any = SimpleNamespace(write_line=said.append)
    listener.pytest_terminal_summary(terminal)
    assert said == ["12 steps"]
