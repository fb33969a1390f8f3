"""A pytest plug-in: what tests have to say beyond passing, at the end of the run, whichever process they ran in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Tell = Callable[[str], None]
SAYS = "says"  # the name of a property that travels with a test's report


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    """`tell("10051 steps")`: a line of the summary."""
    return lambda line: record_property(SAYS, line)


class Listener:
    """Hears every report, its own process's and those of others."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self.lines += [str(text) for name, text in report.user_properties if name == SAYS]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for line in self.lines:
            terminalreporter.write_line(line)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Listener(), "words")
