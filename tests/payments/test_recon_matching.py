"""Comparing two records: pure."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from payments.reconciliation.matching import Side, differences, explained

AT = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
PER_EUR = {"EUR": Fraction(100), "JPY": Fraction(160)}


def side(minor: int) -> Side:
    return Side(minor, AT)


def test_what_agrees_is_no_finding_and_what_does_not_says_how() -> None:
    ours = {("pi_1", "EUR"): side(500), ("pi_2", "EUR"): side(700), ("pi_4", "EUR"): side(9)}
    theirs = {("pi_1", "EUR"): side(500), ("pi_2", "EUR"): side(690), ("pi_3", "EUR"): side(80)}
    found = [(one.ref, one.kind, one.ours, one.theirs, one.difference) for one in differences(ours, theirs)]
    assert found == [
        ("pi_2", "differs", 700, 690, -10),
        ("pi_3", "missing_here", 0, 80, 80),
        ("pi_4", "missing_there", 9, 0, -9),
    ]


def test_one_reference_in_two_currencies_is_two_things() -> None:
    found = differences({("pi_1", "USD"): side(5)}, {("pi_1", "EUR"): side(4)})
    assert [(one.currency, one.kind) for one in found] == [("EUR", "missing_here"), ("USD", "missing_there")]


def test_the_share_is_of_money_in_one_currency_and_rounds_down() -> None:
    moved = [("EUR", 10_000), ("JPY", 16_000), ("XYZ", 5)]
    assert explained(moved, [], PER_EUR) == 10_000
    assert explained(moved, [("EUR", -1)], PER_EUR) == 9_999
    assert explained(moved, [("JPY", 16_000)], PER_EUR) == 5_000
    assert explained([], [], PER_EUR) == 10_000
    assert explained([("EUR", 1)], [("EUR", 5)], PER_EUR) == 0


SIDES = st.dictionaries(st.tuples(st.sampled_from("abcd"), st.sampled_from(["EUR", "JPY"])), st.integers(-9, 9))


@given(SIDES, SIDES)
def test_the_differences_are_the_whole_difference(
    ours: dict[tuple[str, str], int], theirs: dict[tuple[str, str], int]
) -> None:
    found = differences({k: side(v) for k, v in ours.items()}, {k: side(v) for k, v in theirs.items()})
    for currency in ("EUR", "JPY"):
        off = sum(v for (_r, c), v in theirs.items() if c == currency) - sum(
            v for (_r, c), v in ours.items() if c == currency
        )
        assert sum(one.difference for one in found if one.currency == currency) == off
