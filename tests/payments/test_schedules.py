"""Payouts that are asked for by themselves, and the least that can be asked for."""

from __future__ import annotations

import datetime as dt

import pytest
from pytest_django import Settings

from fx.money import Money
from marketplace.lib.clock import now, shifted
from marketplace.models import User
from orders import work
from payments.errors import PayoutRefused
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Payout, PayoutPlan
from payments.payouts import schedules
from payments.payouts.life import make_bank_file, mark_failed, request_payout
from payments.payouts.methods import remove_payout_method
from payments.payouts.schedules import set_plan
from tests.payments.test_ledger import in_threads
from tests.payments.test_payouts import approved, method, payable

pytestmark = pytest.mark.django_db
INR = Money(5000, "INR")


def planned(seller: User, every: str = "week", threshold: int = 0) -> PayoutPlan:
    return set_plan(seller=seller, currency="INR", by=seller, every=every, threshold=Money(threshold, "INR"))


def test_weekly_is_the_next_monday_and_monthly_the_next_first() -> None:
    at = dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC)  # a Saturday
    times = {every: PayoutPlan(currency="INR", every=every).following(at) for every in ("hand", "week", "month")}
    assert times == {
        "hand": None,
        "week": dt.datetime(2026, 11, 30, 6, tzinfo=dt.UTC),
        "month": dt.datetime(2026, 12, 1, 6, tzinfo=dt.UTC),
    }
    monday, last = times["week"], dt.datetime(2026, 12, 31, 23, tzinfo=dt.UTC)
    assert monday is not None
    assert PayoutPlan(currency="INR", every="week").following(monday) == monday + dt.timedelta(days=7)
    assert PayoutPlan(currency="INR", every="month").following(last) == dt.datetime(2027, 1, 1, 6, tzinfo=dt.UTC)


def test_a_payout_is_asked_for_when_its_time_has_come_and_once(alice: User) -> None:
    method(alice)
    payable(alice, INR)
    plan = planned(alice)
    assert schedules.due() == []
    with shifted(days=7):
        assert schedules.due() == [plan.pk]
        work.ask_for_payouts()
        work.ask_for_payouts()
        assert Payout.objects.get().amount == INR
        plan.refresh_from_db()
        assert plan.next_at is not None
        assert now() < plan.next_at <= now() + dt.timedelta(days=7)


def test_below_the_threshold_nothing_is_asked_for(alice: User) -> None:
    method(alice)
    payable(alice, INR)
    planned(alice, threshold=5001)
    with shifted(days=7):
        work.ask_for_payouts()
    assert Payout.objects.count() == 0
    assert balance(codes.seller(alice.pk, "INR")) == INR
    payable(alice, Money(1, "INR"))
    with shifted(days=14):
        work.ask_for_payouts()
    assert Payout.objects.get().amount == Money(5001, "INR")


def test_by_hand_nothing_is_asked_for_by_itself(alice: User) -> None:
    method(alice)
    payable(alice, INR)
    planned(alice)
    planned(alice, "hand")
    with shifted(days=400):
        assert schedules.due() == []


def test_no_second_payout_is_asked_for_while_one_is_under_way(alice: User) -> None:
    method(alice)
    payable(alice, INR)
    plan = planned(alice)
    request_payout(seller=alice, currency="INR", by=alice)
    payable(alice, Money(1, "INR"))
    with shifted(days=7):
        assert schedules.run(plan.pk) is None
    plan.refresh_from_db()
    assert (Payout.objects.count(), plan.problem) == (1, "A payout is under way.")


def test_a_destination_that_failed_is_not_tried_by_itself(alice: User, finance: User, admin: User) -> None:
    payout = approved(alice, finance, INR)
    make_bank_file([payout], by=finance)
    mark_failed(payout, by=admin, problem="account closed")
    plan = planned(alice)
    with shifted(days=7):
        assert schedules.run(plan.pk) is None
    plan.refresh_from_db()
    assert "The last payout to this destination failed" in plan.problem
    assert request_payout(seller=alice, currency="INR", by=alice).amount == INR


def test_without_a_destination_the_plan_says_what_is_missing(alice: User) -> None:
    remove_payout_method(method(alice), by=alice)
    payable(alice, INR)
    plan = planned(alice)
    with shifted(days=7):
        assert schedules.run(plan.pk) is None
    plan.refresh_from_db()
    assert plan.problem == "Say first where your INR should go."
    assert plan.next_at is not None


@pytest.mark.django_db(transaction=True)
def test_of_eight_sweeps_at_once_one_asks(alice: User) -> None:
    method(alice)
    payable(alice, INR)
    plan = planned(alice)
    with shifted(days=7):

        def sweep(index: int) -> None:
            schedules.run(plan.pk)

        assert in_threads(8, sweep) == []
    assert Payout.objects.get().amount == balance(codes.payouts("INR")) == INR


def test_who_asks_for_less_than_the_minimum_is_told(alice: User, finance: User, settings: Settings) -> None:
    settings.PAYOUT_MINIMUMS = {"INR": "50.01"}
    method(alice)
    payable(alice, INR)
    with pytest.raises(PayoutRefused, match=r"Payouts begin at 50.01 INR, 50.00 INR is payable"):
        request_payout(seller=alice, currency="INR", by=alice)
    plan = planned(alice)
    with shifted(days=7):
        assert schedules.run(plan.pk) is None
    assert Payout.objects.count() == 0
    assert request_payout(seller=alice, currency="INR", by=finance).amount == INR


@pytest.mark.parametrize(
    ("currency", "every", "threshold", "why"),
    [
        ("INR", "daily", Money(0, "INR"), "no such schedule"),
        ("BTC", "week", Money(0, "BTC"), "no such schedule"),
        ("INR", "week", Money(5, "EUR"), "an amount in INR"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(
    alice: User, currency: str, every: str, threshold: Money, why: str
) -> None:
    with pytest.raises(PayoutRefused, match=why):
        set_plan(seller=alice, currency=currency, by=alice, every=every, threshold=threshold)
    assert PayoutPlan.objects.count() == 0


def test_nobody_else_sets_it(alice: User, charlie: User, admin: User) -> None:
    for other in (charlie, admin):
        with pytest.raises(PayoutRefused, match="Only sellers themselves"):
            set_plan(seller=alice, currency="INR", by=other, every="week")
