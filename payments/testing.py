"""What every processor has to pass, ours and third parties': subclass `ProcessorContract` in a test.

class TestAcme(ProcessorContract):
    @pytest.fixture
    def subject(self, acme_double): return AcmeSubject(acme_double)
"""

from __future__ import annotations

import datetime as dt
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping

import pytest

from fx.money import Money
from marketplace.lib.clock import now
from payments.processors.base import (
    BadSignature,
    Can,
    Outcome,
    Processor,
    ProcessorError,
    Refused,
    Unavailable,
    Unknown,
    Update,
)

Webhook = tuple[bytes, Mapping[str, str]]


class Subject(ABC):
    """A processor whose far end the test can move. `amounts` are sums it takes, of several exponents if it can."""

    processor: Processor
    instant: bool = False  # the money is there when `create` answers: nothing is left for the buyer to do
    amounts: tuple[Money, ...] = (Money(1999, "EUR"), Money(1500, "JPY"), Money(12340, "KWD"))

    @abstractmethod
    def pay(self, ref: str, money: Money) -> None:
        """The buyer pays `money` to the processor's object `ref`, finally."""

    @abstractmethod
    def count(self, kind: str) -> int:
        """How many objects of kind payment, refund or payout the far end has made."""

    @abstractmethod
    def lose_reply(self) -> None:
        """The next call that makes something does its work, and its reply is lost."""

    def payment(self, money: Money) -> str:
        """The id of a payment of ours of this much."""
        return str(uuid.uuid4())

    def payees(self) -> tuple[str, str] | None:
        """Destinations of payouts: one that can be paid `amounts[0]` thrice, and one that cannot.

        Needed with Can.PAYOUT; None when its payouts are a file that a person takes to it."""
        return None

    def webhook(self, ref: str) -> Webhook:
        """A genuine webhook about `ref`: its raw body and headers. Needed with Can.WEBHOOK."""
        raise NotImplementedError


class ProcessorContract:
    """Same key one effect; three outcomes, not two; nothing believed that is not signed."""

    @pytest.fixture
    def subject(self) -> Subject:
        raise NotImplementedError("Return your Subject from the fixture `subject`.")

    # --- paying -----------------------------------------------------------------------------------

    def test_it_says_what_it_is(self, subject: Subject) -> None:
        processor = subject.processor
        assert processor.slug.isidentifier()
        assert processor.slug.islower()
        assert str(processor.label)
        assert isinstance(processor.can, Can)

    def test_the_same_key_makes_one_payment(self, subject: Subject) -> None:
        first, key, ref = create(subject)
        again = repeat(subject, key, ref, subject.amounts[0])
        assert (first.kind, first.ref) == ("payment", again.ref)
        assert first.outcome in asked(subject)
        assert subject.count("payment") == 1

    def test_the_same_key_for_another_amount_is_an_error(self, subject: Subject) -> None:
        _, key, ref = create(subject)
        more = subject.amounts[0] + subject.amounts[0]
        with pytest.raises(ProcessorError):
            repeat(subject, key, ref, more)
        assert subject.count("payment") == 1

    def test_a_payment_that_never_arrived_is_none(self, subject: Subject) -> None:
        assert subject.processor.fetch(None, key=f"create:{uuid.uuid4()}") is None

    def test_every_amount_survives_the_wire(self, subject: Subject) -> None:
        for money in subject.amounts:
            made, _, _ = create(subject, money)
            subject.pay(made.ref, money)
            paid = found(subject, made.ref)
            assert (paid.outcome, paid.amount) == (Outcome.SUCCEEDED, money)
            assert paid.fee is None or paid.fee.currency == money.currency

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

    def test_a_payment_is_bound_to_our_key_where_it_is_echoed(self, subject: Subject) -> None:
        made, key, _ = create(subject)
        assert found(subject, made.ref).key in {None, key}
        assert made.key in {None, key}

    # --- canceling --------------------------------------------------------------------------------

    def test_canceling_ends_an_unpaid_payment(self, subject: Subject) -> None:
        made, _, _ = create(subject)
        if Can.CANCEL not in subject.processor.can:
            with pytest.raises(Refused):
                subject.processor.cancel("cancel:1", made.ref)
            return
        for _ in range(2):
            canceled = subject.processor.cancel(f"cancel:{made.ref}", made.ref)
            assert canceled.outcome in {Outcome.CANCELED, Outcome.EXPIRED}

    def test_canceling_never_undoes_a_payment(self, subject: Subject) -> None:
        made = paid(subject)
        try:
            answer = subject.processor.cancel(f"cancel:{made.ref}", made.ref)
        except ProcessorError:
            pass
        else:
            assert answer.outcome == Outcome.SUCCEEDED
        assert found(subject, made.ref).outcome == Outcome.SUCCEEDED

    # --- refunding --------------------------------------------------------------------------------

    def test_the_same_key_refunds_once(self, subject: Subject) -> None:
        made, money = paid(subject), subject.amounts[0]
        if not refunds(subject, made):
            return
        key = f"refund:{uuid.uuid4()}:1"
        answers = [subject.processor.refund(key, made.ref, money) for _ in range(2)]
        assert {(answer.kind, answer.ref, answer.amount) for answer in answers} == {("refund", answers[0].ref, money)}
        assert subject.count("refund") == 1
        stored = subject.processor.fetch(answers[0].ref, kind="refund", key=key)
        assert stored is not None
        assert stored.ref == answers[0].ref

    def test_more_than_was_paid_is_not_refunded(self, subject: Subject) -> None:
        made, money = paid(subject), subject.amounts[0]
        if not refunds(subject, made):
            return
        subject.processor.refund(f"refund:{uuid.uuid4()}:1", made.ref, money)
        with pytest.raises(Refused):
            subject.processor.refund(f"refund:{uuid.uuid4()}:1", made.ref, Money(1, money.currency))
        assert subject.count("refund") == 1

    def test_a_lost_reply_ends_in_exactly_one_refund(self, subject: Subject) -> None:
        made, money = paid(subject), subject.amounts[0]
        if not refunds(subject, made):
            return
        key = f"refund:{uuid.uuid4()}:1"
        subject.lose_reply()
        try:
            answer: Update | None = subject.processor.refund(key, made.ref, money)
        except (Unknown, Unavailable):
            answer = subject.processor.fetch(None, kind="refund", key=key)
        assert answer or subject.processor.refund(key, made.ref, money)
        assert subject.count("refund") == 1

    # --- paying out -------------------------------------------------------------------------------

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

    # --- webhooks ---------------------------------------------------------------------------------

    def test_a_genuine_webhook_names_its_object_and_itself(self, subject: Subject) -> None:
        if not hooks(subject):
            return
        made = paid(subject)
        body, headers = subject.webhook(made.ref)
        first, again = (subject.processor.parse_webhook(body, headers) for _ in range(2))
        assert [update.ref for update in first] == [made.ref]
        assert first[0].event_id
        assert first[0].event_id == again[0].event_id

    @pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"\xff\xfe\x00", b"{" * 5000])
    def test_what_is_not_signed_is_refused(self, subject: Subject, body: bytes) -> None:
        with pytest.raises(BadSignature):
            subject.processor.parse_webhook(body, {})

    def test_a_changed_or_borrowed_signature_is_refused(self, subject: Subject) -> None:
        if not hooks(subject):
            return
        body, headers = subject.webhook(paid(subject).ref)
        broken = {name: f"{value}0" for name, value in headers.items()}
        for changed, with_headers in [(body + b" ", headers), (body, broken), (body, {}), (b"\xff", headers)]:
            with pytest.raises(BadSignature):
                subject.processor.parse_webhook(changed, with_headers)


def create(subject: Subject, money: Money | None = None) -> tuple[Update, str, str]:
    """A new payment: the answer, our key, our id."""
    money, key = money or subject.amounts[0], f"create:{uuid.uuid4()}"
    ref = subject.payment(money)
    return repeat(subject, key, ref, money), key, ref


def asked(subject: Subject) -> set[Outcome]:
    """What a payment is after `create`, before the buyer did anything."""
    return {Outcome.SUCCEEDED} if subject.instant else {Outcome.PENDING, Outcome.ACTION}


def repeat(subject: Subject, key: str, ref: str, money: Money) -> Update:
    until = now() + dt.timedelta(minutes=10)
    back = "http://127.0.0.1:8000/pay/"
    return subject.processor.create(key, money, ref=ref, expires_at=until, return_url=back)


def paid(subject: Subject) -> Update:
    made, _, _ = create(subject)
    subject.pay(made.ref, subject.amounts[0])
    return found(subject, made.ref)


def found(subject: Subject, ref: str) -> Update:
    update = subject.processor.fetch(ref)
    assert update is not None, f"{ref} is not found"
    return update


def refunds(subject: Subject, made: Update) -> bool:
    """Whether it can refund; one that cannot has to refuse."""
    if Can.REFUND in subject.processor.can:
        return True
    with pytest.raises(Refused):
        subject.processor.refund("refund:1", made.ref, subject.amounts[0])
    return False


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


def hooks(subject: Subject) -> bool:
    return Can.WEBHOOK in subject.processor.can
