"""Clauses about money that goes back: once per key, never more than came, in its own currency."""

from __future__ import annotations

import uuid

import pytest

from fx.money import Money
from payments.processors.base import Can, Outcome, ProcessorError, Refused, Unavailable, Unknown, Update
from payments.testing.subject import Subject, create, found, paid, well_formed


class Refunding:
    def test_the_same_key_refunds_once(self, subject: Subject) -> None:
        made, money = paid(subject), subject.amounts[0]
        if not refunds(subject, made):
            return
        key = new_key()
        answers = [subject.processor.refund(key, made.ref, money) for _ in range(2)]
        assert {(answer.kind, answer.ref, answer.amount) for answer in answers} == {("refund", answers[0].ref, money)}
        assert subject.count("refund") == 1
        stored = subject.processor.fetch(answers[0].ref, kind="refund", key=key)
        assert stored is not None
        assert stored.ref == answers[0].ref
        well_formed(stored, "refund")

    def test_a_refund_is_found_by_its_key_alone(self, subject: Subject) -> None:
        made, money = paid(subject), subject.amounts[0]
        if not refunds(subject, made):
            return
        key = new_key()
        answer = subject.processor.refund(key, made.ref, money)
        stored = subject.processor.fetch(None, kind="refund", key=key)
        assert stored is not None
        assert (stored.kind, stored.ref, stored.amount) == ("refund", answer.ref, money)
        assert subject.processor.fetch(None, kind="refund", key=new_key()) is None

    def test_the_same_key_for_another_refund_is_an_error_or_changes_nothing(self, subject: Subject) -> None:
        made = paid(subject)
        if not refunds(subject, made) or Can.PARTIAL_REFUND not in subject.processor.can:
            return
        key = new_key()
        [half, _rest] = subject.amounts[0].split(1, 1)
        subject.processor.refund(key, made.ref, half)
        try:
            answer = subject.processor.refund(key, made.ref, half + Money(1, half.currency))
        except ProcessorError:
            pass
        else:
            assert answer.amount == half
        assert subject.count("refund") == 1

    def test_parts_go_back_up_to_the_whole_and_no_further(self, subject: Subject) -> None:
        made = paid(subject)
        if not refunds(subject, made) or Can.PARTIAL_REFUND not in subject.processor.can:
            return
        parts = subject.amounts[0].split(1, 2)
        answers = [subject.processor.refund(new_key(), made.ref, part) for part in parts]
        assert [answer.amount for answer in answers] == parts
        assert len({answer.ref for answer in answers}) == subject.count("refund") == 2
        with pytest.raises(Refused):
            subject.processor.refund(new_key(), made.ref, Money(1, parts[0].currency))
        assert subject.count("refund") == 2

    def test_more_than_was_paid_is_not_refunded(self, subject: Subject) -> None:
        made, money = paid(subject), subject.amounts[0]
        if not refunds(subject, made):
            return
        with pytest.raises(Refused):
            subject.processor.refund(new_key(), made.ref, money + Money(1, money.currency))
        subject.processor.refund(new_key(), made.ref, money)
        with pytest.raises(Refused):
            subject.processor.refund(new_key(), made.ref, Money(1, money.currency))
        assert subject.count("refund") == 1

    def test_another_currency_than_was_paid_is_not_refunded(self, subject: Subject) -> None:
        made = paid(subject)
        if not refunds(subject, made):
            return
        other = "USD" if made.amount is None or made.amount.currency != "USD" else "EUR"
        with pytest.raises(ProcessorError):
            subject.processor.refund(new_key(), made.ref, Money(1, other))
        assert subject.count("refund") == 0

    def test_what_was_never_paid_is_not_refunded(self, subject: Subject) -> None:
        made, _, _ = create(subject)
        if subject.instant or not refunds(subject, made):
            return
        with pytest.raises(Refused):
            subject.processor.refund(new_key(), made.ref, subject.amounts[0])
        assert subject.count("refund") == 0

    def test_a_refunded_payment_stays_paid(self, subject: Subject) -> None:
        made, money = paid(subject), subject.amounts[0]
        if not refunds(subject, made):
            return
        subject.processor.refund(new_key(), made.ref, money)
        after = found(subject, made.ref)
        assert (after.outcome, after.amount) == (Outcome.SUCCEEDED, money)

    def test_a_lost_reply_ends_in_exactly_one_refund(self, subject: Subject) -> None:
        made, money = paid(subject), subject.amounts[0]
        if not refunds(subject, made):
            return
        key = new_key()
        subject.lose_reply()
        try:
            answer: Update | None = subject.processor.refund(key, made.ref, money)
        except (Unknown, Unavailable):
            answer = subject.processor.fetch(None, kind="refund", key=key)
        assert answer or subject.processor.refund(key, made.ref, money)
        assert subject.count("refund") == 1


def new_key() -> str:
    return f"refund:{uuid.uuid4()}:1"


def refunds(subject: Subject, made: Update) -> bool:
    """Whether it can refund; one that cannot has to refuse."""
    if Can.REFUND in subject.processor.can:
        return True
    with pytest.raises(Refused):
        subject.processor.refund("refund:1", made.ref, subject.amounts[0])
    return False
