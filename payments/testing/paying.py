"""Clauses about a payment: asked for once, exact to the unit, ended once."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
from django.http import HttpResponse

from fx.money import Money
from marketplace.lib import csp
from payments.processors.base import API, Can, Outcome, ProcessorError, Refused, Unavailable, Unknown, Update
from payments.processors.steps import step_of
from payments.testing.subject import Subject, asked, create, found, paid, repeat, well_formed

ODD = (29, 57, 115, 1001, 1999, 40_995, 1_234_567)  # minor units that binary fractions get wrong


class Paying:
    # --- what it says of itself -------------------------------------------------------------------

    def test_it_says_what_it_is(self, subject: Subject) -> None:
        processor = subject.processor
        assert re.fullmatch(r"[a-z][a-z0-9_]{1,31}", processor.slug)
        assert 0 < len(str(processor.label)) <= 40
        assert (isinstance(processor.can, Can), processor.api) == (True, API)
        assert isinstance(processor.note, str)

    def test_it_opens_the_content_policy_to_named_hosts_only(self, subject: Subject) -> None:
        sources = [source for hosts in subject.processor.csp.values() for source in hosts]
        csp.widen(HttpResponse(), subject.processor.csp)
        assert [source for source in sources if set(source) & set(" ;,\n")] == []

    def test_it_takes_what_it_says_and_its_fee_leaves_something(self, subject: Subject) -> None:
        for money in subject.amounts:
            assert subject.processor.accepts(money, subject.country) is True
            fee = subject.processor.fee(money, subject.country)
            assert isinstance(fee, Money)
            assert Money(0, fee.currency) <= fee
            assert fee.currency != money.currency or fee < money
            assert fee == subject.processor.fee(money, subject.country)

    # --- asking -----------------------------------------------------------------------------------

    def test_the_same_key_makes_one_payment(self, subject: Subject) -> None:
        first, key, ref = create(subject)
        again = repeat(subject, key, ref, subject.amounts[0])
        assert (first.kind, first.ref) == ("payment", again.ref)
        assert first.outcome in asked(subject)
        assert subject.count("payment") == 1

    def test_another_key_makes_another_payment(self, subject: Subject) -> None:
        refs = {create(subject)[0].ref for _ in range(2)}
        assert len(refs) == subject.count("payment") == 2

    def test_the_same_key_for_another_amount_is_an_error(self, subject: Subject) -> None:
        _, key, ref = create(subject)
        more = subject.amounts[0] + subject.amounts[0]
        with pytest.raises(ProcessorError):
            repeat(subject, key, ref, more)
        assert subject.count("payment") == 1

    def test_a_payment_that_never_arrived_is_none(self, subject: Subject) -> None:
        create(subject)
        assert subject.processor.fetch(None, key=f"create:{uuid.uuid4()}") is None

    def test_a_key_finds_its_own_payment_or_none(self, subject: Subject) -> None:
        made = [create(subject) for _ in range(2)]
        for update, key, _ in made:
            by_key = subject.processor.fetch(None, key=key)
            assert by_key is None or by_key.ref == update.ref

    def test_what_comes_back_is_well_formed(self, subject: Subject) -> None:
        made, _, _ = create(subject)
        well_formed(made, "payment")
        step_of(made.client)
        subject.pay(made.ref, subject.amounts[0])
        well_formed(found(subject, made.ref), "payment")

    def test_every_amount_survives_the_wire(self, subject: Subject) -> None:
        for money in [*subject.amounts, *odd(subject)]:
            made, _, _ = create(subject, money)
            subject.pay(made.ref, money)
            done = found(subject, made.ref)
            assert (done.outcome, done.amount) == (Outcome.SUCCEEDED, money)
            assert done.fee is None or done.fee.currency == money.currency

    def test_before_it_is_paid_nothing_is_received(self, subject: Subject) -> None:
        made, _, _ = create(subject)
        waiting = found(subject, made.ref)
        assert waiting.outcome in asked(subject)
        assert subject.instant or not waiting.amount

    def test_a_lost_reply_ends_in_exactly_one_payment(self, subject: Subject) -> None:
        money, key = subject.amounts[0], f"create:{uuid.uuid4()}"
        ref = subject.payment(money)
        subject.lose_reply()
        try:
            answer: Update | None = repeat(subject, key, ref, money)
        except (Unknown, Unavailable):
            answer = subject.processor.fetch(None, key=key)
        answer = answer or repeat(subject, key, ref, money)
        assert found(subject, answer.ref).ref == answer.ref
        assert subject.count("payment") == 1

    def test_who_is_away_is_asked_again_with_the_same_key(self, subject: Subject) -> None:
        money, key = subject.amounts[0], f"create:{uuid.uuid4()}"
        ref, made = subject.payment(money), paid(subject)
        away = subject.away()
        if away is None:
            return
        with away:
            with pytest.raises((Unavailable, Unknown)):
                repeat(subject, key, ref, money)
            with pytest.raises(Unavailable):
                subject.processor.fetch(made.ref)
        assert subject.count("payment") == 1
        assert repeat(subject, key, ref, money).outcome in asked(subject)
        assert subject.count("payment") == 2

    def test_a_payment_is_bound_to_our_key_where_it_is_echoed(self, subject: Subject) -> None:
        made, key, _ = create(subject)
        assert found(subject, made.ref).key in {None, key}
        assert made.key in {None, key}

    # --- ending -----------------------------------------------------------------------------------

    def test_who_is_declined_has_paid_nothing(self, subject: Subject) -> None:
        made, _, _ = create(subject)
        if subject.decline(made.ref) is None:
            return
        declined = found(subject, made.ref)
        assert declined.outcome in {Outcome.FAILED, Outcome.CANCELED, Outcome.ACTION, Outcome.PENDING}
        assert not declined.amount

    def test_what_ran_out_has_ended(self, subject: Subject) -> None:
        made, _, _ = create(subject)
        if subject.expire(made.ref) is None:
            return
        assert found(subject, made.ref).outcome in {Outcome.EXPIRED, Outcome.CANCELED}

    def test_canceling_ends_an_unpaid_payment(self, subject: Subject) -> None:
        made, _, _ = create(subject)
        if Can.CANCEL not in subject.processor.can:
            with pytest.raises(Refused):
                subject.processor.cancel("cancel:1", made.ref)
            return
        for _ in range(2):
            canceled = subject.processor.cancel(f"cancel:{made.ref}", made.ref)
            assert canceled.outcome in {Outcome.CANCELED, Outcome.EXPIRED}
        assert canceled.ref == made.ref

    def test_canceling_never_undoes_a_payment(self, subject: Subject) -> None:
        made = paid(subject)
        try:
            answer = subject.processor.cancel(f"cancel:{made.ref}", made.ref)
        except ProcessorError:
            pass
        else:
            assert answer.outcome == Outcome.SUCCEEDED
        assert found(subject, made.ref).outcome == Outcome.SUCCEEDED

    def test_without_capture_it_refuses_to_capture(self, subject: Subject) -> None:
        made, _, _ = create(subject)
        if Can.CAPTURE not in subject.processor.can:
            with pytest.raises(Refused):
                subject.processor.capture(f"capture:{made.ref}", made.ref, subject.amounts[0])

    def test_asked_for_news_it_tells_of_each(self, subject: Subject) -> None:
        done, (waiting, _, _) = paid(subject), create(subject)
        news = {update.ref: update.outcome for update in subject.processor.poll([done.ref, waiting.ref])}
        if Can.POLL in subject.processor.can:
            assert set(news) == {done.ref, waiting.ref}
            assert (news[done.ref], news[waiting.ref] in asked(subject)) == (Outcome.SUCCEEDED, True)


def odd(subject: Subject) -> Iterator[Money]:
    """Further sums in its first currency that it says it takes."""
    currency = subject.amounts[0].currency
    for minor in ODD:
        money = Money(minor, currency)
        if subject.processor.accepts(money, subject.country):
            yield money
