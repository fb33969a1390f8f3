"""docs/processors.md: what it shows is out of the sample or runs here, what it lists is what there is."""

from __future__ import annotations

import doctest
import re
import textwrap
from collections.abc import Iterator

import pytest

from marketplace.run.places import BASE
from payments import processors
from payments.processors import Can, Outcome
from payments.testing import ProcessorContract

PAGE = (BASE / "docs" / "processors.md").read_text()
SAMPLE = BASE / "docs" / "sample-processor"
PATHS = [path for path in SAMPLE.rglob("*") if path.suffix in {".py", ".toml"}]
FILES = {str(path.relative_to(SAMPLE)): path.read_text() for path in PATHS}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def sessions() -> list[str]:
    return [block for block in blocks("python") if block.startswith(">>>")]


def excerpts() -> Iterator[str]:
    yield from (block for block in blocks("python") if not block.startswith(">>>"))
    yield from blocks("toml")


def rows_under(heading: str) -> list[list[str]]:
    section = re.split(rf"^## .*{re.escape(heading)}$", PAGE, flags=re.MULTILINE)[1].split("\n## ")[0]
    found = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return [row for row in found if row[0] not in {"clause", "in `can`", "step", "`Outcome`", "raise", "what is wrong"}]


def test_there_is_much_to_check() -> None:
    assert (len(sessions()), len(list(excerpts()))) == (2, 11)


@pytest.mark.parametrize("excerpt", list(excerpts()), ids=lambda text: text.strip().splitlines()[0][:60])
def test_an_excerpt_is_out_of_the_sample_whose_tests_run_it(excerpt: str) -> None:
    assert any(excerpt in text or textwrap.dedent(excerpt) in text for text in FILES.values())


@pytest.mark.parametrize("session", sessions(), ids=lambda text: text.splitlines()[0][4:60])
def test_a_session_prints_what_the_page_shows(session: str) -> None:
    test = doctest.DocTestParser().get_doctest(session, {}, "docs/processors.md", "docs/processors.md", 0)
    said: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, out=said.append)
    assert (result.failed, said) == (0, [])


def words(heading: str) -> set[str]:
    """What the first column of the table under a heading names in code."""
    return {name for row in rows_under(heading) for name in re.findall(r"`([A-Z_]+)`", row[0])}


def test_every_clause_of_the_contract_is_explained_and_no_other() -> None:
    tests = [name for name in dir(ProcessorContract) if name.startswith("test_")]
    clauses = {name.removeprefix("test_").replace("_", " ") for name in tests}
    listed = [row[0] for row in rows_under("The contract")]
    assert (set(listed), len(listed)) == (clauses, len(clauses))


def test_every_capability_and_outcome_is_explained() -> None:
    assert words("The class says what it can do") == {str(one.name) for one in Can}
    assert words("Asking for money") == {one.name for one in Outcome}


def test_every_public_name_is_on_the_page() -> None:
    assert [name for name in processors.__all__ if not re.search(rf"`{name}\b|import .*\b{name}\b", PAGE)] == []
    assert all(hasattr(processors, name) for name in processors.__all__)


def test_the_version_on_the_page_is_that_of_the_code() -> None:
    assert f"today {processors.API} (`API`)" in PAGE


def test_the_sample_lists_its_files_and_settings() -> None:
    readme = (SAMPLE / "README.md").read_text()
    named = set(re.findall(r"^\| \[((?:src|tests)/[\w/]+\.py|pyproject\.toml)\]", readme, re.MULTILINE))
    assert named == {name for name in FILES if not name.endswith(("__init__.py", "conftest.py"))}
    read = set(re.findall(r"""config(?:\.get\(|\[)"(\w+)\"""", FILES["src/entrepot_zwin/processor.py"])) | {"api_key"}
    assert set(re.findall(r"PROCESSOR_ZWIN_(\w+)` \|", readme)) == {name.upper() for name in read}
