"""Journals are chained once each, the head is signed daily, and nothing that was chained changes unseen."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from marketplace.lib.clock import shifted
from payments.checks import proof_key
from payments.ledger import codes
from payments.ledger.posting import Draft, post, post_all
from payments.models import ChainHead, ChainLink, Journal
from payments.proof import chaining, lines
from payments.proof.chaining import chain
from payments.proof.heads import is_signed, key, sign_today
from tests.payments.test_ledger import in_threads

pytestmark = pytest.mark.django_db
EUR = codes.clearing("stripe", "EUR"), codes.fx("EUR")


def booked(first: int, last: int) -> None:
    legs = [(EUR[0], 5), (EUR[1], -5)]
    post_all([Draft(f"p:{one}", "test", f"R{one}", legs) for one in range(first, last)])


def test_every_journal_is_chained_once_in_the_order_of_posting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chaining, "BATCH", 3)
    booked(0, 7)
    assert (chain(), chain()) == (7, 0)
    booked(7, 9)
    assert chain() == 2
    links = list(ChainLink.objects.order_by("position"))
    assert [link.position for link in links] == list(range(1, 10))
    assert [link.journal_id for link in links] == list(Journal.objects.order_by("pk").values_list("pk", flat=True))
    before = lines.GENESIS
    for link in links:
        assert link.digest == lines.linked(before, link.leaf)
        before = link.digest


def test_the_hashes_are_these() -> None:
    """Worked by hand once: whoever writes a verifier can start here."""
    assert lines.parts("a", "é", "") == b"1:a,2:\xc3\xa9,0:,"
    at = lines.moment(dt.datetime(2026, 11, 28, 12, 0, 0, 5, dt.UTC))
    assert at == "2026-11-28T12:00:00.000005Z"
    entry = lines.committed(lines.salt_of("00" * 16, 1), "fx:EUR", -5, "EUR")
    assert entry == "5acb3ed4ba001cb3b7246d9794228f2378227f8509f97167952771c122e3abd1"
    assert (
        lines.linked(lines.GENESIS, lines.leaf("k", "test", "R", at, [entry]))
        == "e14bd438b36842763803f7e0ad56b4cb80ee6a0425891ad87a45bff939d22a9a"
    )


def test_what_was_chained_or_signed_stays() -> None:
    booked(0, 1)
    chain()
    sign_today()
    for sql in (
        "update payments_chainlink set leaf = ''",
        "delete from payments_chainlink",
        "update payments_chainhead set digest = ''",
        "delete from payments_chainhead",
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert (ChainLink.objects.count(), ChainHead.objects.count()) == (1, 1)


def test_a_head_is_signed_once_a_day_over_the_one_before() -> None:
    assert sign_today() is None
    booked(0, 2)
    chain()
    first = sign_today()
    assert first is not None
    assert (first.position, first.before, is_signed(first)) == (2, lines.GENESIS, True)
    assert sign_today() is None
    booked(2, 3)
    chain()
    with shifted(days=2):
        second = sign_today()
    assert second is not None
    assert (second.position, second.before, is_signed(second)) == (3, first.digest, True)
    second.digest = first.digest
    assert not is_signed(second)


def test_without_a_key_nothing_is_signed(settings: Settings) -> None:
    booked(0, 1)
    chain()
    settings.SANDBOX = False
    assert key() is None
    assert sign_today() is None
    settings.PROOF_KEY = "12" * 32
    assert sign_today() is not None


@pytest.mark.parametrize("wrong", ["12", "zz" * 32, "12" * 33])
def test_a_key_that_is_none_is_said_at_the_start(settings: Settings, wrong: str) -> None:
    settings.PROOF_KEY = wrong
    [error] = proof_key(None)
    assert "PROOF_KEY is no key" in str(error.msg)


def test_a_chain_that_does_not_lead_on_is_not_signed() -> None:
    booked(0, 2)
    chain()
    sign_today()
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("update payments_chainlink set digest = repeat('0', 64) where position = 2")
        cursor.execute("set local session_replication_role = origin")
    with shifted(days=1):
        assert sign_today() is None
    assert ChainHead.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_journal_that_is_committed_late_keeps_later_ones_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """One thread posts and holds its transaction open; another posts, commits and chains."""
    monkeypatch.setattr(chaining, "PATIENCE", 0.2)
    there, go = threading.Event(), threading.Event()
    chained: list[int] = []

    def slow() -> None:
        with transaction.atomic():
            post("slow", "test", "", [(codes.income("spread", "EUR"), -1), (codes.expense("loss", "EUR"), 1)])
            there.set()
            assert go.wait(20)

    def fast() -> None:
        assert there.wait(20)
        post("fast", "test", "", [(codes.income("bank", "EUR"), -1), (codes.expense("bank", "EUR"), 1)])
        chained.append(chain())
        go.set()

    assert in_threads(2, lambda index: (slow, fast)[index]()) == []
    assert chained == [0]
    assert chain() == Journal.objects.count() >= 2
    ids = list(ChainLink.objects.order_by("position").values_list("journal_id", flat=True))
    assert ids == sorted(ids)
    assert set(ids) == set(Journal.objects.values_list("pk", flat=True))
