"""Says at the end of a run how many steps were taken."""

from __future__ import annotations

import pytest

from tests.stateful.machine import World


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if World.steps:
        terminalreporter.write_line(f"stateful: {World.steps} steps in {World.lives} lives")
        ends = ", ".join(f"{count} {status}" for status, count in sorted(World.ends.items()))
        terminalreporter.write_line(
            f"stateful: orders that ended: {ends}; {World.refused.total()} refusals moved nothing"
        )
