"""A pytest plug-in: tests marked `long` run for many minutes, so only with `--long`; how many were left out is said."""

from __future__ import annotations

import pytest

left_out = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also the tests that run for many minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    long = [item for item in items if item.get_closest_marker("long")]
    if long and not config.getoption("--long"):
        items[:] = [item for item in items if item not in long]
        config.stash[left_out] = len(long)
        config.hook.pytest_deselected(items=long)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if count := config.stash.get(left_out, 0):
        terminalreporter.write_line(f"long: {count} left to `make chaos`, which takes about half an hour")
