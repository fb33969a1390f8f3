"""A pytest plug-in for a run in several processes: those files begin first that mostly wait for processes of their own.

What computes then fills the time that they wait, and no slow file is left for the end.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

WAIT = ("chaos", "browser", "stateful", "regtest", "evm")  # marks, the slowest first


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole files change places, tests of a file do not: some tell a story. Every process has to order them alike."""
    if not os.environ.get("PYTEST_XDIST_WORKER"):
        return
    places: dict[Path, int] = {}
    for item in items:
        places[item.path] = min(places.get(item.path, len(WAIT)), _place(item))
    items.sort(key=lambda item: places[item.path])


def _place(item: pytest.Item) -> int:
    return next((place for place, mark in enumerate(WAIT) if item.get_closest_marker(mark)), len(WAIT))
