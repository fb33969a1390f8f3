"""Clauses about what a processor remembers: strangers are unknown to it, its own record adds up."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from fx.money import Money, total
from marketplace.lib.clock import now
from payments.processors.base import Can, Movement, Outcome, Refused
from payments.testing.refunding import new_key
from payments.testing.subject import Subject, paid


class Records:
    @pytest.mark.parametrize("kind", ["payment", "refund"])
    def test_what_it_never_made_it_does_not_know(self, subject: Subject, kind: str) -> None:
        paid(subject)
        try:
            stranger = subject.processor.fetch(f"none_{uuid.uuid4().hex}", kind=kind)
        except Refused:
            return
        assert stranger is None

    def test_a_record_shows_each_payment_and_refund_to_the_unit(self, subject: Subject) -> None:
        made, money = paid(subject), subject.amounts[0]
        if not keeps_a_record(subject):
            return
        [charge] = lines_of(subject, made.ref)
        assert (charge.kind, charge.amount) == ("charge", money)
        assert charge.fee.currency == money.currency
        assert Money(0, money.currency) <= charge.fee < money
        assert made.fee in {None, charge.fee}
        if Can.REFUND in subject.processor.can:
            back = subject.processor.refund(new_key(), made.ref, money)
            [line] = lines_of(subject, back.ref)
            assert (line.kind, line.amount) == ("refund", -money)

    def test_a_record_is_the_same_each_time_it_is_read(self, subject: Subject) -> None:
        for _ in range(3):
            paid(subject)
        if not keeps_a_record(subject):
            return
        first, again = record(subject), record(subject)
        assert sorted(first, key=str) == sorted(again, key=str)
        assert len({line.line or line.ref for line in first}) == len(first) == 3

    def test_a_record_has_what_was_asked_for_and_no_more(self, subject: Subject) -> None:
        paid(subject)
        if not keeps_a_record(subject):
            return
        tomorrow = now() + dt.timedelta(days=1)
        assert list(subject.processor.statement(tomorrow, tomorrow + dt.timedelta(days=1))) == []
        assert all(line.at.tzinfo is not None for line in record(subject))

    def test_what_it_paid_to_the_bank_is_settled_and_on_record(self, subject: Subject) -> None:
        made = paid(subject)
        if not keeps_a_record(subject) or made.amount is None:
            return
        currency = made.amount.currency
        owed = total((line.amount - line.fee for line in record(subject)), currency)
        ref = subject.settle(currency)
        if ref is None:
            return
        settled = subject.processor.fetch(ref, kind="settlement")
        assert settled is not None
        assert (settled.kind, settled.outcome, settled.amount) == ("settlement", Outcome.SUCCEEDED, owed)
        [line] = lines_of(subject, ref)
        assert (line.kind, line.amount - line.fee) == ("payout", -owed)
        assert not total((line.amount - line.fee for line in record(subject)), currency)


def record(subject: Subject) -> list[Movement]:
    at = now()
    return list(subject.processor.statement(at - dt.timedelta(days=1), at + dt.timedelta(minutes=5)))


def lines_of(subject: Subject, ref: str) -> list[Movement]:
    return [line for line in record(subject) if line.ref == ref]


def keeps_a_record(subject: Subject) -> bool:
    """Whether it has one that shows things at once; a processor that has none at all has to say so."""
    if Can.STATEMENT in subject.processor.can:
        return True
    if subject.processor.keeps_record:
        return False
    with pytest.raises(Refused):
        record(subject)
    return False
