"""Frozen payouts stay where they are until a person lets them go."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from fx.money import Money
from marketplace.models import User
from payments.errors import PayoutRefused
from payments.ledger.balances import trial_balance
from payments.models import BankFile, Freeze, Journal, Payout
from payments.payouts.freezing import freeze, frozen, lift
from payments.payouts.life import approve_payout, cancel_payout, make_bank_file, mark_paid, request_payout
from tests.payments.test_admin import ClientFor, staff, text
from tests.payments.test_ledger import in_threads
from tests.payments.test_payouts import approved, fund, method, payable

pytestmark = pytest.mark.django_db
WHY = "The audit found A05"


def requested(seller: User, amount: Money) -> Payout:
    method(seller)
    payable(seller, amount)
    fund(amount)
    return request_payout(seller=seller, currency="INR", by=seller)


def test_nothing_is_approved_while_payouts_are_frozen(alice: User, finance: User) -> None:
    payout = requested(alice, Money(1000, "INR"))
    journals = Journal.objects.count()
    freeze(reason=WHY)
    with pytest.raises(PayoutRefused, match="Payouts are frozen: The audit found A05. Somebody has to lift"):
        approve_payout(payout, by=finance)
    payout.refresh_from_db()
    assert (payout.state, payout.approved_by, Journal.objects.count()) == ("requested", None, journals)
    lift(by=finance, why="Mended")
    assert approve_payout(payout, by=finance).state == "approved"


def test_nothing_is_sent_while_payouts_are_frozen(alice: User, finance: User) -> None:
    payout = approved(alice, finance, Money(1000, "INR"))
    freeze(reason=WHY, by=finance)
    with pytest.raises(PayoutRefused, match="Payouts are frozen"):
        make_bank_file([payout], by=finance)
    payout.refresh_from_db()
    assert (payout.state, BankFile.objects.count()) == ("approved", 0)


def test_asking_canceling_and_what_the_bank_said_are_still_written_down(
    alice: User, charlie: User, finance: User, admin: User
) -> None:
    sent = approved(charlie, finance, Money(500, "INR"))
    make_bank_file([sent], by=finance)
    freeze(reason=WHY)
    payout = requested(alice, Money(1000, "INR"))
    assert cancel_payout(payout, by=alice).state == "canceled"
    assert mark_paid(sent, by=admin, bank_reference="B1").state == "paid"
    assert trial_balance() == {}


def test_a_second_reason_is_written_below_the_first_once(finance: User) -> None:
    assert frozen() is None
    first = freeze(reason=WHY)
    freeze(reason="Two payouts look alike.", by=finance)
    assert freeze(reason=WHY) == first
    now = frozen()
    assert now == first
    assert now.reason == "The audit found A05.\nTwo payouts look alike."
    assert Freeze.objects.count() == 1


def test_who_lifts_says_why_and_is_staff(alice: User, finance: User) -> None:
    with pytest.raises(PayoutRefused, match="are not frozen"):
        lift(by=finance, why="x")
    freeze(reason=WHY)
    with pytest.raises(PayoutRefused, match="Say why"):
        lift(by=finance, why="  ")
    with pytest.raises(PayoutRefused, match="Only staff"):
        lift(by=alice, why="I want my money")
    assert frozen() is not None
    lifted = lift(by=finance, why="Mended")
    assert (lifted.lifted_by, lifted.lifted_why, frozen()) == (finance, "Mended.", None)
    assert freeze(reason=WHY) != lifted


def test_a_freeze_without_a_reason_is_refused() -> None:
    with pytest.raises(PayoutRefused, match="Say why"):
        freeze(reason=" ")
    assert frozen() is None


@pytest.mark.django_db(transaction=True)
def test_of_eight_freezes_at_once_one_is_in_force() -> None:
    def stop(index: int) -> None:
        freeze(reason=f"Reason {index}")

    assert in_threads(8, stop) == []
    found = frozen()
    assert found is not None
    assert sorted(found.reason.splitlines()) == [f"Reason {index}." for index in range(8)]


def test_a_person_freezes_and_lifts_in_the_admin_and_everybody_there_sees_it(
    finance: User, client_for: ClientFor
) -> None:
    desk: Client = staff(finance, "finance", client_for)
    index = reverse("admin:index")
    assert "Payouts are frozen" not in text(desk.get(index))
    desk.post(reverse("admin:payments_freeze_add"), {"reason": WHY})
    row = frozen()
    assert row is not None
    assert row.by == finance
    assert "The audit found A05." in text(desk.get(index))
    lifting = reverse("admin:payments_freeze_lift", args=[row.pk])
    assert WHY in text(desk.get(lifting))
    assert "Payouts may leave again" in text(desk.post(lifting, {"why": "Mended"}, follow=True))
    assert frozen() is None
    assert "are not frozen" in text(desk.post(lifting, {"why": "Once more"}, follow=True))


def test_the_banner_is_for_staff_only(alice: User, client_for: ClientFor) -> None:
    freeze(reason=WHY)
    page = client_for(alice).get(reverse("admin:index"), follow=True)
    assert WHY not in text(page)
