"""Calls leave once: whatever is lost, late or down, there is one charge."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from fx.money import Money
from marketplace.lib.clock import now, shifted
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.machine import Change
from payments.models import Case, Operation, Payment
from payments.processors.base import Outcome
from payments.services import (
    LineDraft,
    PaymentRefused,
    capture_payment,
    due_operations,
    refresh_payment,
    request_refund,
    run_operation,
)
from tests.payments.conftest import Open, states, work
from tests.payments.pocket import FarEnd
from tests.payments.test_ledger import in_threads

pytestmark = pytest.mark.django_db
Scarf = list[LineDraft]


def the_operation(kind: str = "create") -> Operation:
    return Operation.objects.get(kind=kind)


def test_a_lost_reply_is_looked_up_and_not_repeated(opened: Open, scarf: Scarf, far: FarEnd) -> None:
    payment = opened(scarf)
    far.lose = 1
    work()
    assert (the_operation().state, due_operations()) == ("unknown", [])
    with shifted(seconds=3):
        work()
    payment.refresh_from_db()
    assert payment.state == Payment.State.PENDING
    assert far.calls == ["create", "fetch"]
    assert len(far.payments()) == 1


def test_a_call_that_surely_did_nothing_is_repeated_later_and_later(opened: Open, scarf: Scarf, far: FarEnd) -> None:
    opened(scarf)
    far.down = True
    for seconds, attempts in [(0, 1), (3, 2), (3 + 5, 3), (8 + 9, 4)]:
        with shifted(seconds=seconds):
            assert len(due_operations()) == 1
            work()
            assert (the_operation().state, the_operation().attempts) == ("ready", attempts)
            assert the_operation().error == "The pocket is closed."
    far.down = False
    with shifted(minutes=1):
        work()
    assert (the_operation().state, far.calls) == ("done", ["create"] * 5)


def test_a_worker_that_died_in_the_call_leaves_a_row_that_is_looked_up(opened: Open, scarf: Scarf, far: FarEnd) -> None:
    payment = opened(scarf)
    operation = the_operation()
    far.make("payment", operation.key, payment.amount, Outcome.PENDING)
    Operation.objects.filter(pk=operation.pk).update(
        state="running", sent_at=now(), locked_until=now() + dt.timedelta(minutes=2)
    )
    assert due_operations() == []
    assert run_operation(operation.pk) is None
    with shifted(minutes=3):
        work()
    assert (the_operation().state, far.calls, len(far.payments())) == ("done", ["fetch"], 1)


def test_one_that_never_arrived_is_sent_again_while_its_key_is_remembered(
    opened: Open, scarf: Scarf, far: FarEnd
) -> None:
    opened(scarf)
    Operation.objects.update(state="unknown", sent_at=now())
    with shifted(hours=22, minutes=59):
        work()
    assert (the_operation().state, far.calls) == ("done", ["fetch", "create"])


def test_one_that_is_older_than_that_waits_for_a_person(opened: Open, scarf: Scarf, far: FarEnd) -> None:
    opened(scarf)
    Operation.objects.update(state="unknown", sent_at=now())
    with shifted(hours=23):
        work()
        assert due_operations() == []
    assert (the_operation().state, far.calls, far.payments()) == ("dead", ["fetch"], [])
    assert Case.objects.get().kind == Case.Kind.DEAD


def test_while_the_outcome_is_unknown_a_processor_that_is_down_changes_nothing(
    opened: Open, scarf: Scarf, far: FarEnd
) -> None:
    opened(scarf)
    far.lose = 1
    work()
    sent_at = the_operation().sent_at
    far.down = True
    with shifted(minutes=1):
        work()
    assert (the_operation().state, the_operation().sent_at) == ("unknown", sent_at)


def test_a_declined_payment_is_told_to_the_buyer(opened: Open, scarf: Scarf, far: FarEnd) -> None:
    payment = opened(scarf)
    far.decline = "Your bank said no."
    [operation] = due_operations()
    seen: list[Change] = []
    run_operation(operation, follow=seen.append)
    payment.refresh_from_db()
    assert (payment.state, payment.problem) == (Payment.State.FAILED, "Your bank said no.")
    assert [(change.was, change.now) for change in seen] == [("created", "failed")]
    assert (the_operation().state, Case.objects.count()) == ("failed", 0)


def test_a_bug_in_a_plug_in_leaves_the_outcome_unknown(opened: Open, scarf: Scarf, far: FarEnd) -> None:
    opened(scarf)
    far.things = None  # type: ignore[assignment]
    work()
    assert the_operation().state == "unknown"
    assert the_operation().error.startswith("AttributeError")


def test_a_processor_that_was_switched_off_is_waited_for(
    opened: Open, scarf: Scarf, far: FarEnd, settings: object
) -> None:
    opened(scarf)
    settings.PROCESSORS = {}  # type: ignore[attr-defined]
    work()
    assert the_operation().state == "ready"
    assert "not switched on" in the_operation().error


def test_an_operation_that_is_done_does_nothing_again(opened: Open, scarf: Scarf, far: FarEnd) -> None:
    opened(scarf)
    work()
    assert run_operation(the_operation().pk) is None
    assert far.calls == ["create"]


def test_a_follower_that_fails_leaves_the_operation_to_be_recovered(opened: Open, scarf: Scarf, far: FarEnd) -> None:
    payment = opened(scarf)

    def broken(change: Change) -> None:
        raise RuntimeError("the order cannot move")

    with pytest.raises(RuntimeError):
        run_operation(the_operation().pk, follow=broken)
    payment.refresh_from_db()
    assert (payment.state, the_operation().state) == (Payment.State.CREATED, "running")
    with shifted(minutes=3):
        work()
    payment.refresh_from_db()
    assert (payment.state, len(far.payments())) == (Payment.State.PENDING, 1)


def test_what_was_authorized_is_captured_once(opened: Open, scarf: Scarf, far: FarEnd) -> None:
    payment = opened(scarf)
    work()
    with pytest.raises(PaymentRefused, match="only authorized ones"):
        capture_payment(payment)
    far.things["payment_1"].outcome = Outcome.AUTHORIZED
    refresh_payment(payment.pk)
    assert capture_payment(payment) == capture_payment(payment)
    work()
    payment.refresh_from_db()
    assert (payment.state, payment.received_minor) == (Payment.State.CAPTURED, 2976)
    assert states()["capture"] == "done"


def test_a_lost_reply_to_a_refund_gives_back_once(paid: Open, scarf: Scarf, far: FarEnd) -> None:
    payment = paid(scarf)
    refund = request_refund(payment=payment, ref="A1", reason="withdrawal")
    far.lose = 1
    work()
    refund.refresh_from_db()
    assert (refund.state, the_operation("refund").state) == ("sent", "unknown")
    assert balance(codes.hold("A1", "INR")) == Money(0, "INR")
    with shifted(minutes=1):
        work()
    refund.refresh_from_db()
    assert (refund.state, len(far.refunds())) == ("succeeded", 1)


@pytest.mark.django_db(transaction=True)
def test_no_call_is_made_inside_a_transaction(opened: Open, scarf: Scarf, far: FarEnd) -> None:
    opened(scarf)
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        run_operation(the_operation().pk)
    assert far.calls == []


@pytest.mark.django_db(transaction=True)
def test_of_four_workers_one_makes_the_call(opened: Open, scarf: Scarf, far: FarEnd) -> None:
    opened(scarf)
    operation = the_operation().pk

    def work_at_once(index: int) -> None:
        run_operation(operation)

    assert in_threads(4, work_at_once) == []
    assert (the_operation().state, far.calls) == ("done", ["create"])


def test_a_refund_that_the_processor_is_slow_with_is_asked_about_until_it_is_sent(
    paid: Open, scarf: Scarf, far: FarEnd
) -> None:
    payment = paid(scarf)
    refund = request_refund(payment=payment, ref="A1", reason="withdrawal")
    far.slow = True
    work()
    refund.refresh_from_db()
    assert (refund.state, refund.processor_ref, due_operations()) == ("sent", "refund_2", [])
    for hours in (2, 4):
        with shifted(hours=hours):
            work()
        assert the_operation("fetch").state == "ready"
    far.things["refund_2"].outcome = Outcome.SUCCEEDED
    with shifted(hours=30):
        work()
    refund.refresh_from_db()
    assert (refund.state, the_operation("fetch").state) == ("succeeded", "done")
    assert Case.objects.count() == 0
