"""A real browser, and the folder that its pictures stay in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from marketplace.run.outside import find_chromium
from marketplace.run.places import BASE

PICTURES = BASE / "pictures"


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Empty when the first browser starts."""
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir()
    return PICTURES


@pytest.fixture(scope="module")
def browser(pictures: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=str(find_chromium()),
            chromium_sandbox=False,
            args=["--disable-gpu", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()
