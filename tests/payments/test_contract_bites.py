"""Each clause of the contract fails for a processor that breaks it, and none fails for one that keeps them all."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from payments.testing import ProcessorContract, Subject
from tests.payments.pocket import Pocket
from tests.payments.sound import Bare, Sound, SoundSubject
from tests.payments.wrong import WRONG


class TestSound(ProcessorContract):
    @pytest.fixture
    def subject(self) -> Subject:
        return SoundSubject()


class TestBare(ProcessorContract):
    @pytest.fixture
    def subject(self) -> Subject:
        return SoundSubject(Bare)


def clause(name: str) -> list[Callable[[Subject], None]]:
    """A clause as calls: one for each of its parameters."""
    test = getattr(ProcessorContract(), f"test_{name}")
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    if not marks:
        return [test]
    argument, values = marks[0].args
    return [partial(test, **{argument: value}) for value in values]


def bitten(made: type[Pocket], name: str) -> bool:
    """Whether the clause fails for this processor, by an assertion or by whatever it makes of it."""
    for call in clause(name):
        try:
            call(SoundSubject(made))
        except (Exception, pytest.fail.Exception):
            return True
    return False


@pytest.mark.parametrize(("made", "name"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_clause_fails_for_who_breaks_it(made: type[Pocket], name: str) -> None:
    assert bitten(made, name)
    assert not bitten(Sound, name)


def test_every_clause_has_somebody_who_breaks_it() -> None:
    tests = {name.removeprefix("test_") for name in dir(ProcessorContract) if name.startswith("test_")}
    assert {name for _how, _made, name in WRONG} == tests
