"""`manage.py test`: what a test has to say is told at the end."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from marketplace.run.pytest_words import SAYS, Listener


def test_what_a_test_says_is_heard_once_from_its_report() -> None:
    listener, said = Listener(), list[str]()
    for when in ("setup", "call", "teardown"):
        report: Any = SimpleNamespace(when=when, user_properties=[(SAYS, "12 steps"), ("needs", "regtest")])
        listener.pytest_runtest_logreport(report)
    terminal: Any = SimpleNamespace(write_line=said.append)
    listener.pytest_terminal_summary(terminal)
    assert said == ["12 steps"]
