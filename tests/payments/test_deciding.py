"""After 23 hours a person decides: what they say is checked with the processor, and nothing is ever sent again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from fx.money import Money
from marketplace.lib.clock import now, shifted
from marketplace.models import User
from payments.errors import DecisionRefused
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Case, Operation, Payment, Refund
from payments.processors.base import Outcome
from payments.services import (
    LineDraft,
    capture_payment,
    close_payment,
    it_happened,
    it_never_happened,
    refresh_payment,
    request_refund,
    retry_refund,
)
from tests.payments.conftest import Open, work
from tests.payments.pocket import FarEnd, Thing
from tests.payments.test_admin import staff, text
from tests.payments.test_ledger import in_threads

pytestmark = pytest.mark.django_db
Scarf = list[LineDraft]
SENT = {"create", "capture", "cancel", "refund"}


@pytest.fixture(autouse=True)
def roles(finance: User, client_for: Callable[[User], Client]) -> Client:
    return staff(finance, "finance", client_for)


def dead(kind: str) -> Operation:
    """The operation as it is after 23 hours without news."""
    operation = Operation.objects.get(kind=kind)
    operation.state, operation.sent_at, operation.error = Operation.State.DEAD, now(), "It is not found."
    operation.save()
    return operation


def sent(far: FarEnd) -> int:
    return sum(call in SENT for call in far.calls)


def created(opened: Open, scarf: Scarf) -> Payment:
    payment = opened(scarf)
    work()
    payment.refresh_from_db()
    return payment


def test_a_payment_that_was_created_is_adopted_with_all_its_money(
    opened: Open, scarf: Scarf, far: FarEnd, finance: User
) -> None:
    payment = opened(scarf)
    thing = far.make("payment", f"create:{payment.pk}", payment.amount, Outcome.PENDING)
    far.pay(thing.id)
    operation = it_happened(dead("create"), by=finance, reference=f" {thing.id} ", why="It is in the dashboard.")
    assert (operation.state, Case.objects.get().note) == ("done", "It is in the dashboard.")
    work()
    payment.refresh_from_db()
    assert (payment.state, payment.processor_ref, payment.received) == ("captured", thing.id, Money(2976, "EUR"))
    assert balance(codes.clearing("pocket", "EUR")) == Money(2976, "EUR")
    assert sent(far) == 0


def test_a_payment_that_never_was_is_closed_without_a_call(
    opened: Open, scarf: Scarf, far: FarEnd, finance: User
) -> None:
    payment = opened(scarf)
    it_never_happened(dead("create"), by=finance, why="The dashboard is empty.")
    work()
    payment.refresh_from_db()
    assert (payment.state, sent(far), far.payments()) == ("canceled", 0, [])
    case = Case.objects.get()
    assert (case.kind, case.closed_by, case.note) == (Case.Kind.DEAD, finance, "The dashboard is empty.")


def test_who_says_that_it_never_was_is_told_when_it_is_there(
    opened: Open, scarf: Scarf, far: FarEnd, finance: User
) -> None:
    payment = opened(scarf)
    far.make("payment", f"create:{payment.pk}", payment.amount, Outcome.PENDING)
    with pytest.raises(DecisionRefused, match="shows that it happened: payment_1, pending"):
        it_never_happened(dead("create"), by=finance, why="I saw nothing.")
    payment.refresh_from_db()
    assert (payment.state, Operation.objects.get().state, Case.objects.count()) == ("created", "dead", 0)


@pytest.mark.parametrize("reference", ["", "payment_9", "payment_1", "x" * 129])
def test_a_reference_that_is_not_its_own_is_refused_and_nothing_moves(
    opened: Open, scarf: Scarf, far: FarEnd, finance: User, reference: str
) -> None:
    payment = opened(scarf)
    far.make("payment", "create:another", payment.amount, Outcome.PENDING)
    with pytest.raises(DecisionRefused):
        it_happened(dead("create"), by=finance, reference=reference, why="A guess.")
    payment.refresh_from_db()
    assert (payment.state, payment.processor_ref, Operation.objects.get().state) == ("created", "", "dead")


def test_a_capture_that_happened_is_booked_from_what_the_processor_shows(
    opened: Open, scarf: Scarf, far: FarEnd, finance: User
) -> None:
    payment = created(opened, scarf)
    far.things["payment_1"].outcome = Outcome.AUTHORIZED
    refresh_payment(payment.pk)
    capture_payment(payment)
    operation = dead("capture")
    with pytest.raises(DecisionRefused, match="does not show it"):
        it_happened(operation, by=finance, reference="", why="I think so.")
    far.pay("payment_1")
    it_happened(operation, by=finance, reference="", why="It is in the dashboard.")
    work()
    payment.refresh_from_db()
    assert (payment.state, payment.received, sent(far)) == ("captured", Money(2976, "EUR"), 1)


def test_a_capture_that_never_was_lets_the_money_go(opened: Open, scarf: Scarf, far: FarEnd, finance: User) -> None:
    payment = created(opened, scarf)
    far.things["payment_1"].outcome = Outcome.AUTHORIZED
    refresh_payment(payment.pk)
    capture_payment(payment)
    it_never_happened(dead("capture"), by=finance, why="It is only authorized there.")
    work()
    payment.refresh_from_db()
    assert (payment.state, payment.received_minor, far.calls.count("capture")) == ("canceled", 0, 0)


def test_a_cancellation_that_never_was_is_asked_for_by_a_person(
    opened: Open, scarf: Scarf, far: FarEnd, finance: User
) -> None:
    payment = created(opened, scarf)
    close_payment(payment, why="out of time")
    operation = dead("cancel")
    it_never_happened(operation, by=finance, why="It is open there.")
    work()
    payment.refresh_from_db()
    assert (payment.state, far.calls.count("cancel")) == ("canceled", 1)


def test_a_cancellation_that_happened_closes_the_payment(
    opened: Open, scarf: Scarf, far: FarEnd, finance: User
) -> None:
    payment = created(opened, scarf)
    close_payment(payment, why="out of time")
    far.things["payment_1"].outcome = Outcome.CANCELED
    it_happened(dead("cancel"), by=finance, reference="", why="It is closed there.")
    work()
    payment.refresh_from_db()
    assert (payment.state, far.calls.count("cancel")) == ("canceled", 0)


def given_back(paid: Open, scarf: Scarf, far: FarEnd) -> tuple[Refund, Operation]:
    """A refund that was booked, sent, and never heard of again."""
    request_refund(payment=paid(scarf), ref="A1", reason="withdrawal")
    far.lose = 1
    work()
    return Refund.objects.get(), dead("refund")


def test_a_refund_that_happened_is_sent_once(paid: Open, scarf: Scarf, far: FarEnd, finance: User) -> None:
    refund, operation = given_back(paid, scarf, far)
    it_happened(operation, by=finance, reference="refund_2", why="It is in the dashboard.")
    work()
    refund.refresh_from_db()
    assert (refund.state, refund.processor_ref, len(far.refunds())) == ("succeeded", "refund_2", 1)
    assert balance(codes.clearing("pocket", "EUR")) == Money(0, "EUR")


def test_a_refund_of_another_amount_without_our_key_is_not_it(
    paid: Open, scarf: Scarf, far: FarEnd, finance: User
) -> None:
    refund, operation = given_back(paid, scarf, far)
    other = Thing("re_9", "refund", "", Money(100, "EUR"), Outcome.SUCCEEDED, Money(0, "EUR"))
    far.things["re_9"] = replace(other, key=None)  # type: ignore[arg-type]
    with pytest.raises(DecisionRefused, match="belongs to something else"):
        it_happened(operation, by=finance, reference="re_9", why="This one?")
    refund.refresh_from_db()
    assert (refund.state, refund.processor_ref) == ("sent", "")


def test_a_refund_that_never_was_goes_back_into_the_books_and_waits_for_a_person(
    paid: Open, scarf: Scarf, far: FarEnd, finance: User
) -> None:
    refund, operation = given_back(paid, scarf, far)
    del far.things["refund_2"]
    far.things["payment_1"].back = 0
    it_never_happened(operation, by=finance, why="The buyer's bank knows of none.")
    work()
    refund.refresh_from_db()
    assert (refund.state, refund.problem) == ("failed", "The buyer's bank knows of none.")
    assert balance(codes.hold("A1", "INR")) == Money(250000, "INR")
    assert (far.refunds(), balance(codes.clearing("pocket", "EUR"))) == ([], Money(2976, "EUR"))
    retry_refund(refund, by=finance)
    work()
    refund.refresh_from_db()
    assert (refund.state, refund.attempt, len(far.refunds())) == ("succeeded", 2, 1)


def test_while_the_processor_is_down_nobody_decides(opened: Open, scarf: Scarf, far: FarEnd, finance: User) -> None:
    opened(scarf)
    far.down = True
    operation = dead("create")
    with pytest.raises(DecisionRefused, match="closed"):
        it_never_happened(operation, by=finance, why="No.")
    with pytest.raises(DecisionRefused, match="closed"):
        it_happened(operation, by=finance, reference="payment_1", why="Yes.")
    assert Operation.objects.get().state == "dead"


def test_only_what_waits_for_a_person_is_decided(opened: Open, scarf: Scarf, far: FarEnd, finance: User) -> None:
    created(opened, scarf)
    with pytest.raises(DecisionRefused, match="does not wait for a person"):
        it_never_happened(Operation.objects.get(), by=finance, why="No.")
    with pytest.raises(DecisionRefused, match="how you know"):
        it_never_happened(dead("create"), by=finance, why=" ")


@pytest.mark.django_db(transaction=True)
def test_of_four_who_decide_at_once_one_does(opened: Open, scarf: Scarf, far: FarEnd, finance: User) -> None:
    opened(scarf)
    operation = dead("create")

    def say(index: int) -> None:
        it_never_happened(operation, by=finance, why=f"Look {index}.")

    errors = in_threads(4, say)
    assert [type(error) for error in errors] == [DecisionRefused] * 3
    assert Case.objects.exclude(closed_at=None).count() == 1


def test_a_look_is_repeated_for_as_long_as_it_takes(paid: Open, scarf: Scarf, far: FarEnd) -> None:
    payment = paid(scarf)
    Operation.objects.create(
        kind="fetch", processor="pocket", key="look", subject=payment.pk, state="unknown", sent_at=now()
    )
    with shifted(hours=30):
        work()
    assert Operation.objects.get(key="look").state == "done"


def test_finance_says_it_in_the_admin(opened: Open, scarf: Scarf, far: FarEnd, roles: Client) -> None:
    payment = opened(scarf)
    operation = dead("create")
    queue = text(roles.get(reverse("admin:payments_operation_changelist")))
    url = reverse("admin:payments_operation_decide", args=[operation.pk])
    assert url in queue
    page = text(roles.get(url))
    assert f"create:{payment.pk}" in page
    assert "€29.76" in page
    refused = roles.post(url, {"what": "happened", "reference": "payment_7", "why": "I saw it."}, follow=True)
    assert "Pocket does not show it" in text(refused)
    assert Operation.objects.get().state == "dead"
    done = roles.post(url, {"what": "never", "reference": "", "why": "Nothing there."}, follow=True)
    assert "Noted" in text(done)
    operation.refresh_from_db()
    assert operation.state == "failed"
    again = roles.post(url, {"what": "never", "reference": "", "why": "Nothing there."}, follow=True)
    assert "does not wait for a person" in text(again)
