"""Money that goes out by Stripe, whatever happens to the reply: looked up first, one transfer, then known."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from fx.money import Money
from marketplace.lib.clock import shifted
from marketplace.models import User
from orders import work
from payments.calls import operations
from payments.errors import DecisionRefused, PayoutRefused
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.machine import apply
from payments.models import Case, Journal, Operation, Payout
from payments.payouts.life import mark_failed, send_transfer
from payments.processors import stripe_connect
from payments.processors.base import Outcome, Update
from payments.processors.stripe import Stripe
from payments.services import confirm_payout, it_never_happened, payout_came_back
from tests.conftest import ClientFor
from tests.doubles import StripeDouble
from tests.orders.world import broken
from tests.payments.test_admin import staff, text
from tests.payments.test_connect import anna as anna
from tests.payments.test_connect import approved, sent, states
from tests.payments.test_connect import far as far
from tests.payments.test_ledger import in_threads

pytestmark = pytest.mark.django_db
EUR = Money(5_000, "EUR")
MINE = {"F09", "F10", "F12", "F13", "F14", "F15", "F33"}


@pytest.fixture(autouse=True)
def impatient(far: StripeDouble, settings: Settings) -> None:
    """A Stripe that is asked once per call, and that nobody waits for long."""
    stripe = settings.PROCESSORS["stripe"] | {"retries": 0, "timeout": 0.3}
    settings.PROCESSORS = settings.PROCESSORS | {"stripe": stripe}


def in_an_hour() -> None:
    for seconds in (0, 5, 15, 40, 100, 240, 900, 3600):
        with shifted(seconds=seconds):
            work.drain_operations()


def paid_once(payout: Payout, far: StripeDouble) -> None:
    assert states(payout) == ("paid", "done")
    [transfer] = far.transfers()
    assert (transfer["amount"], payout.bank_reference) == (5_000, transfer["id"])
    assert balance(codes.payouts("EUR")) == balance(codes.seller(payout.seller_id, "EUR")) == Money(0, "EUR")
    assert Journal.objects.filter(kind="payout_paid").count() == 1
    assert (trial_balance(), MINE & set(broken())) == ({}, set())


# --- the reply --------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["drop", "half", "error_after", "slow"])
def test_a_transfer_whose_reply_is_lost_is_looked_up_and_made_once(
    far: StripeDouble, anna: User, finance: User, admin: User, fault: str
) -> None:
    payout = sent(far, anna, finance, admin)
    far.fault(fault, path="/v1/transfers$", **({"seconds": 0.8} if fault == "slow" else {}))
    work.drain_operations()
    assert states(payout) == ("sent", "unknown")
    in_an_hour()
    paid_once(payout, far)


def test_while_the_look_up_fails_too_nothing_is_sent_again(
    far: StripeDouble, anna: User, finance: User, admin: User
) -> None:
    payout = sent(far, anna, finance, admin)
    far.fault("drop", path="/v1/transfers$")
    far.fault("rate_limit", path="/v1/transfers", method="GET", times=2)
    for seconds in (0, 10, 30):
        with shifted(seconds=seconds):
            work.drain_operations()
        assert (states(payout), len(far.transfers())) == (("sent", "unknown"), 1)
    in_an_hour()
    paid_once(payout, far)


class Killed(BaseException):
    """As by `kill -9`: nothing after it runs."""


@pytest.mark.parametrize("point", ["operation claimed", "operation answered"])
def test_a_worker_that_dies_around_the_call_leaves_one_transfer(
    far: StripeDouble, anna: User, finance: User, admin: User, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    payout = sent(far, anna, finance, admin)

    def die(reached: str, *_about: str) -> None:
        if reached == point:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(operations, "reach", die)
        with pytest.raises(Killed):
            work.drain_operations()
    assert states(payout) == ("sent", "running")
    assert len(far.transfers()) == (point == "operation answered")
    work.drain_operations()  # its lock has not ended
    assert states(payout) == ("sent", "running")
    with shifted(minutes=5):
        work.drain_operations()
    paid_once(payout, far)


# --- nobody knows -----------------------------------------------------------------------------------


def dead(far: StripeDouble, anna: User, finance: User, admin: User) -> Payout:
    """Asked for a day ago; Stripe saved an error of its own and made no transfer."""
    payout = sent(far, anna, finance, admin)
    far.fault("error", path="/v1/transfers$")
    work.drain_operations()
    with shifted(hours=22, minutes=59):
        work.drain_operations()
    assert states(payout)[1] == "unknown"
    with shifted(hours=24):
        work.drain_operations()
    assert (states(payout), far.transfers()) == (("sent", "dead"), [])
    assert Case.objects.get(closed_at=None).kind == Case.Kind.DEAD
    return payout


def test_after_23_hours_a_person_says_that_it_did_not_arrive(
    far: StripeDouble, anna: User, finance: User, admin: User, client_for: ClientFor
) -> None:
    payout = dead(far, anna, finance, admin)
    with pytest.raises(DecisionRefused, match="Say of a payout on its own page"):
        it_never_happened(Operation.objects.get(kind="payout"), by=admin, why="x")
    with pytest.raises(PayoutRefused, match="Stripe shows no transfer of it"):
        confirm_payout(payout, by=admin, bank_reference="tr_1")
    end = f"/admin/payments/payout/{payout.pk}/end/"
    mine = staff(finance, "finance", client_for)
    assert "Somebody else has to say" in text(mine.post(end, {"outcome": "failed", "text": "none there"}, follow=True))
    assert states(payout) == ("sent", "dead")
    desk = staff(admin, "finance", client_for)
    assert "Noted" in text(desk.post(end, {"outcome": "failed", "text": "Stripe has no trace of it"}, follow=True))
    assert states(payout) == ("failed", "failed")
    assert balance(codes.seller(anna.pk, "EUR")) == EUR
    case = Case.objects.get(kind=Case.Kind.DEAD)
    assert (case.closed_by, case.note) == (admin, "Stripe has no trace of it")
    with shifted(hours=48):
        work.drain_operations()
    assert (states(payout), far.transfers()) == (("failed", "failed"), [])


def test_nobody_says_that_it_did_not_arrive_while_stripe_shows_it(
    far: StripeDouble, anna: User, finance: User, admin: User
) -> None:
    payout = sent(far, anna, finance, admin)
    far.fault("drop", path="/v1/transfers$")
    work.drain_operations()
    Operation.objects.filter(kind="payout").update(state="dead")
    [transfer] = far.transfers()
    with pytest.raises(PayoutRefused, match=f"Stripe shows it as {transfer['id']}"):
        payout_came_back(payout, by=admin, problem="no trace")
    far.fault("rate_limit", path="/v1/transfers", method="GET")
    with pytest.raises(PayoutRefused, match="cannot"):
        payout_came_back(payout, by=admin, problem="no trace")
    with pytest.raises(PayoutRefused, match=f"Stripe shows it as {transfer['id']}"):
        confirm_payout(payout, by=admin, bank_reference="tr_other")
    assert (states(payout), balance(codes.seller(anna.pk, "EUR"))) == (("sent", "dead"), Money(0, "EUR"))
    with pytest.raises(PayoutRefused, match="You approved this payout"):
        confirm_payout(payout, by=finance, bank_reference=transfer["id"])
    confirm_payout(payout, by=admin, bank_reference=transfer["id"])
    paid_once(payout, far)
    assert not Case.objects.filter(closed_at=None).exists()


def test_a_transfer_that_shows_up_after_the_money_was_given_back_is_for_a_person(
    far: StripeDouble, anna: User, finance: User, admin: User
) -> None:
    payout = dead(far, anna, finance, admin)
    mark_failed(payout, by=admin, problem="no trace")
    before = Journal.objects.count()
    late = Update("payout", "tr_late", Outcome.SUCCEEDED, EUR, key=payout.key)
    for _again in range(2):
        apply(late, processor="stripe")
    case = Case.objects.get(kind=Case.Kind.CONTRADICTION)
    assert (case.ref, case.detail) == ("tr_late", {"payout": str(payout.pk), "state": "failed"})
    assert (states(payout)[0], Journal.objects.count()) == ("failed", before)


def test_what_was_taken_back_before_we_heard_of_it_is_payable_again(
    far: StripeDouble, anna: User, finance: User, admin: User
) -> None:
    payout = sent(far, anna, finance, admin)
    far.fault("drop", path="/v1/transfers$")
    work.drain_operations()
    far.reverse_transfer(far.transfers()[0]["id"])
    in_an_hour()
    assert states(payout) == ("failed", "done")
    assert balance(codes.seller(anna.pk, "EUR")) == balance(codes.clearing("stripe", "EUR")) == EUR
    far.deliver(Client())
    work.drain_inbox()
    assert (Case.objects.count(), trial_balance()) == (0, {})


def test_a_key_that_stripe_knows_with_other_words_is_no_proof_that_nothing_was_done(
    far: StripeDouble, anna: User, finance: User, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an upgrade the same call may say something else; Stripe refuses it for its key."""
    payout = sent(far, anna, finance, admin)
    far.fault("drop", path="/v1/transfers$")
    work.drain_operations()
    with monkeypatch.context() as patched:
        patched.setattr(Stripe, "_by_key", lambda self, kind, key: None)  # its list lags behind
        patched.setattr(stripe_connect, "DESCRIPTION", "Paid to you: {ref}")
        with shifted(minutes=1):
            work.drain_operations()
    assert (states(payout), len(far.transfers())) == (("sent", "unknown"), 1)
    assert "Fetch first" in Operation.objects.get(kind="payout").error
    in_an_hour()
    paid_once(payout, far)


# --- at once ----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_of_two_officers_who_send_it_at_once_one_does(
    far: StripeDouble, anna: User, finance: User, admin: User, moderator: User, turn: int
) -> None:
    payout = approved(far, anna, finance)
    officers = [admin, moderator]

    def send(index: int) -> None:
        send_transfer(payout, by=officers[index])

    assert [type(error) for error in in_threads(2, send)] == [PayoutRefused]
    assert Operation.objects.filter(kind="payout").count() == 1
    in_an_hour()
    paid_once(payout, far)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", ["", "drop", "slow"])
def test_of_four_workers_one_makes_the_transfer(
    far: StripeDouble, anna: User, finance: User, admin: User, fault: str
) -> None:
    payout = sent(far, anna, finance, admin)
    if fault:
        far.fault(fault, path="/v1/transfers$", **({"seconds": 0.8} if fault == "slow" else {}))

    def run(index: int) -> None:
        work.drain_operations()

    assert in_threads(4, run) == []
    in_an_hour()
    paid_once(payout, far)


@pytest.mark.django_db(transaction=True)
def test_a_person_and_a_worker_do_not_end_it_twice(far: StripeDouble, anna: User, finance: User, admin: User) -> None:
    payout = sent(far, anna, finance, admin)
    far.fault("drop", path="/v1/transfers$")
    work.drain_operations()
    ends: list[Callable[[], object]] = [
        lambda: payout_came_back(payout, by=admin, problem="no trace"),
        lambda: far.deliver(Client()) and work.drain_inbox(),
    ]

    def end(index: int) -> None:
        ends[index]()

    assert [type(error) for error in in_threads(2, end)] == [PayoutRefused]
    in_an_hour()
    paid_once(payout, far)
