"""Links in the project's own pages lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from marketplace.run.places import BASE

PAGES = sorted([*BASE.glob("*.md"), *(BASE / "docs").rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEAVIEST = 400_000  # bytes of a picture


def headings(page: Path) -> set[str]:
    """Anchors as they are made from headings: small letters, dashes, no punctuation."""
    found = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", words.lower()).strip().replace(" ", "-") for words in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(BASE)))
def test_relative_links_lead_to_files_and_headings(page: Path) -> None:
    for link in LINK.findall(page.read_text()):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _hash, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.relative_to(BASE)} links to {link}, which is not there."
        if anchor:
            assert anchor in headings(target), f"{page.relative_to(BASE)} links to {link}: no such heading."


@pytest.mark.parametrize("name", sorted(set(re.findall(r"docs/[\w/-]+\.md", (BASE / "README.md").read_text()))))
def test_pages_that_the_readme_names_exist(name: str) -> None:
    assert (BASE / name).is_file()


def test_pictures_are_light() -> None:
    pictures = sorted((BASE / "docs" / "images").iterdir())
    assert pictures
    assert [picture.name for picture in pictures if picture.stat().st_size > HEAVIEST] == []


@pytest.mark.parametrize(
    "path", sorted({p for page in PAGES for p in re.findall(r"`((?:\w+/)+\w+\.(?:py|sql|csv))`", page.read_text())})
)
def test_files_that_pages_name_exist(path: str) -> None:
    assert (BASE / path).is_file()
