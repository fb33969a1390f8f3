"""Clauses about paying sellers: once per key, never to somebody who cannot be paid."""

from __future__ import annotations

import pytest

from fx.money import Money
from payments.processors.base import Can, ProcessorError, Refused, Unavailable, Unknown, Update
from payments.testing.subject import Subject


class PayingOut:
    def test_the_same_key_pays_out_once(self, subject: Subject) -> None:
        if not (payees := pays_out(subject)):
            return
        answers = [pay_out(subject, payees[0], ref="p1") for _ in range(2)]
        money = subject.amounts[0]
        assert {(one.kind, one.ref, one.amount) for one in answers} == {("payout", answers[0].ref, money)}
        assert subject.count("payout") == 1
        stored = subject.processor.fetch(answers[0].ref, kind="payout", key="payout:p1")
        assert stored is not None
        assert (stored.ref, stored.outcome) == (answers[0].ref, answers[0].outcome)

    def test_the_same_key_for_another_payout_is_an_error(self, subject: Subject) -> None:
        if not (payees := pays_out(subject)):
            return
        pay_out(subject, payees[0], ref="p1")
        with pytest.raises(ProcessorError):
            pay_out(subject, payees[0], ref="p1", money=subject.amounts[0] + subject.amounts[0])
        assert subject.count("payout") == 1

    def test_a_lost_reply_ends_in_exactly_one_payout(self, subject: Subject) -> None:
        if not (payees := pays_out(subject)):
            return
        subject.lose_reply()
        try:
            answer: Update | None = pay_out(subject, payees[0], ref="p1")
        except (Unknown, Unavailable):
            answer = subject.processor.fetch(None, kind="payout", key="payout:p1")
        assert answer or pay_out(subject, payees[0], ref="p1")
        assert subject.count("payout") == 1

    def test_who_cannot_be_paid_is_refused(self, subject: Subject) -> None:
        if not (payees := pays_out(subject)):
            return
        with pytest.raises(Refused):
            pay_out(subject, payees[1], ref="p1")
        assert subject.count("payout") == 0
        assert subject.processor.fetch(None, kind="payout", key="payout:p1") is None


def pays_out(subject: Subject) -> tuple[str, str] | None:
    """Destinations, when it pays out by itself; one that does not has to refuse."""
    payees = subject.payees()
    if payees is None or Can.PAYOUT not in subject.processor.can:
        with pytest.raises(Refused):
            subject.processor.payout("payout:1", subject.amounts[0], destination="x", ref="1")
        return None
    return payees


def pay_out(subject: Subject, to: str, *, ref: str, money: Money | None = None) -> Update:
    money = money or subject.amounts[0]
    return subject.processor.payout(f"payout:{ref}", money, destination=to, ref=ref)
