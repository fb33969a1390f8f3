"""No text in a CSV is a formula."""

from __future__ import annotations

import csv
import io

import pytest

from marketplace.lib.spreadsheet import line, plain


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_text_that_begins_like_a_formula_is_quoted(text: str) -> None:
    assert plain(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "A1-B2", "release:A1", "छाया", 'says "no", twice\n'])
def test_any_other_text_stays_and_is_read_back(text: str) -> None:
    assert plain(text) == text
    assert next(csv.reader(io.StringIO(line([text, "-1.00"]), newline=""))) == [text, "-1.00"]
