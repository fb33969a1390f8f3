"""A night that does not go as planned: a check that cannot be run, an audit that fails, a process that is killed."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.test import Client
from django.urls import reverse

from marketplace import auditing
from marketplace.lib.audit import Check, Result, run
from marketplace.lib.clock import shifted
from marketplace.models import Letter, User
from payments.auditing import ask, begin, due
from payments.models import AuditRun, Freeze
from tests.conftest import logged_in
from tests.payments.test_admin import staff, text

pytestmark = pytest.mark.django_db
GOOD = Check("D01", "S1", "Stock is never negative.", "select '' where false")


@pytest.fixture
def desk(finance: User) -> Client:
    return staff(finance, "finance", logged_in)


@pytest.mark.parametrize(("severity", "freezes"), [("S1", 1), ("S2", 0)])
def test_what_cannot_be_checked_twice_counts_as_found(
    monkeypatch: pytest.MonkeyPatch, finance: User, desk: Client, severity: str, freezes: int
) -> None:
    broken = Check("A05", severity, "A kept balance is the sum of its entries.", "select nothing from nowhere")
    monkeypatch.setattr(auditing, "checks", lambda: (GOOD, broken))
    assert auditing.sweep() == 1
    found = AuditRun.objects.get()
    assert (found.checked, found.result) == (2, "A05 could not be checked")
    assert Freeze.objects.count() == freezes
    assert 'relation "nowhere" does not exist' in Letter.objects.get(to=finance.email).body
    said = "The audit could not check A05: A kept balance is the sum of its entries."
    assert (said in text(desk.get(reverse("admin:index")))) is bool(freezes)


def test_a_check_that_fails_once_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[list[str]] = []

    def slow_at_first(some: Iterable[Check]) -> list[Result]:
        results = run(some)
        tries.append([result.check.id for result in results])
        return [Result(results[0].check, 0, [], 0.1, "canceled"), *results[1:]] if len(tries) == 1 else results

    monkeypatch.setattr(auditing, "run", slow_at_first)
    monkeypatch.setattr(auditing, "checks", lambda: (GOOD, Check("D02", "S1", "Another one.", "select '' where false")))
    auditing.sweep()
    assert (tries, AuditRun.objects.get().result) == ([["D01", "D02"], ["D01"]], "clean")


def test_an_audit_that_fails_as_a_whole_is_told_once_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, finance: User, desk: Client
) -> None:
    def fail() -> list[Result]:
        raise RuntimeError("No space left on device.")

    monkeypatch.setattr(auditing, "look", fail)
    assert [auditing.sweep(), auditing.sweep()] == [1, 1]
    assert AuditRun.objects.get().result == "has not ended: No space left on device."
    letter = Letter.objects.get(to=finance.email)
    assert letter.subject == "The audit could not be run"
    assert "No space left on device." in letter.body
    assert Freeze.objects.count() == 0
    assert "The audit could not be run: No space left on device." in text(desk.get(reverse("admin:index")))
    monkeypatch.setattr(auditing, "look", lambda: run([GOOD]))
    auditing.sweep()
    assert [one.result for one in AuditRun.objects.all()] == ["clean"]
    assert "could not be run" not in text(desk.get(reverse("admin:index")))


def test_what_a_killed_process_began_is_run_by_the_next(monkeypatch: pytest.MonkeyPatch, finance: User) -> None:
    monkeypatch.setattr(auditing, "checks", lambda: (GOOD,))
    killed = ask(by=finance)
    begin(killed)
    assert due() == killed == ask()
    auditing.sweep()
    assert [(one.pk, one.by, one.result) for one in AuditRun.objects.all()] == [(killed.pk, finance, "clean")]
    assert due() is None


def test_staff_are_told_when_there_was_no_audit_for_longer_than_a_day(
    monkeypatch: pytest.MonkeyPatch, finance: User
) -> None:
    monkeypatch.setattr(auditing, "checks", lambda: (GOOD,))
    auditing.sweep()
    with shifted(hours=25):
        assert "No audit has ended" not in text(staff(finance, "finance", logged_in).get(reverse("admin:index")))
    with shifted(hours=27):
        assert "No audit has ended since" in text(staff(finance, "finance", logged_in).get(reverse("admin:index")))
