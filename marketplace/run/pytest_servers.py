"""A pytest plug-in: servers before Django reads its settings, and what could not run at the end.

Tests marked `browser` need Chromium, tests marked `regtest` a Bitcoin node, tests marked `evm` an EVM test node.
Where one is missing they are skipped and counted; where ENTREPOT_REQUIRE (`chromium,bitcoind,anvil`) names it,
they fail.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from marketplace.run.outside import find_anvil, find_bitcoind, find_chromium
from marketplace.run.places import Refusal
from marketplace.run.testbed import TestServers


@dataclass(frozen=True)
class Need:
    """A mark, the program its tests need, how to get it, and what to call a run with it."""

    mark: str
    program: str
    find: Callable[[], Path | None]
    remedy: str
    ran: str


NEEDS = (
    Need("browser", "chromium", find_chromium, "apt install -y chromium", "in Chromium"),
    Need("regtest", "bitcoind", find_bitcoind, "put bitcoind on PATH, or set BITCOIND", "on a real node"),
    Need("evm", "anvil", find_anvil, "put anvil on PATH, or set ANVIL", "on an EVM test node"),
)
NEEDS_IT = "needs"  # the name of a property that travels with a test's report


@dataclass
class Run:
    """What is remembered of one test run."""

    servers: TestServers | None = None
    ran: Counter[str] = field(default_factory=Counter)
    kept_from: Counter[str] = field(default_factory=Counter)


run = Run()


def required() -> set[str]:
    """The programs whose absence is a failure."""
    return {name.strip() for name in os.environ.get("ENTREPOT_REQUIRE", "").split(",") if name}


def start() -> None:
    """At import: pytest-django reads the settings before any hook of ours could run."""
    if os.environ.get("PYTEST_XDIST_WORKER") or run.servers:
        return
    run.servers = TestServers()
    os.environ.update(run.servers.start())


def pytest_unconfigure() -> None:
    if run.servers:
        run.servers.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for need in NEEDS:
        lacking = not need.find()
        for item in items:
            if item.get_closest_marker(need.mark):
                item.user_properties.append((NEEDS_IT, need.mark))
                if lacking and need.program not in required():
                    reason = f"needs {need.program}: {need.remedy}"
                    item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for need in NEEDS:
        wanted = need.program in required() and item.get_closest_marker(need.mark)
        if wanted and not need.find():
            pytest.fail(f"{need.program} is required here and missing: {need.remedy}")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    for name, mark in report.user_properties:
        if name == NEEDS_IT and report.skipped:
            run.kept_from[str(mark)] += 1
        elif name == NEEDS_IT and report.when == "call":
            run.ran[str(mark)] += 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for need in NEEDS:
        if count := run.ran[need.mark]:
            terminalreporter.write_line(f"{need.mark}: {count} ran {need.ran}")
        if count := run.kept_from[need.mark]:
            terminalreporter.write_line(f"{need.mark}: {count} could not run for want of {need.program}: {need.remedy}")


try:
    start()
except Refusal as refusal:
    raise pytest.UsageError(str(refusal)) from refusal
