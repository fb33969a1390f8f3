"""What must not meet: a payout that leaves and one that is canceled, a destination that goes and a payout to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fx.money import Money
from marketplace.models import User
from payments.errors import PayoutRefused
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.models import BankFile, Payout, PayoutDoubt
from payments.payouts.doubts import clear_doubts
from payments.payouts.life import approve_payout, available, cancel_payout, make_bank_file, request_payout
from payments.payouts.methods import remove_payout_method
from tests.payments.test_ledger import in_threads
from tests.payments.test_payouts import approved, fund, method, payable

pytestmark = pytest.mark.django_db(transaction=True)
INR = Money(1_000, "INR")


def raced(*verbs: Callable[[], object]) -> list[type[BaseException]]:
    """Each verb in a thread of its own; the kinds of errors."""

    def run(index: int) -> None:
        verbs[index]()

    return [type(error) for error in in_threads(len(verbs), run)]


@pytest.mark.parametrize("turn", range(5))
def test_of_sending_and_canceling_exactly_one_wins(alice: User, finance: User, turn: int) -> None:
    payout = approved(alice, finance, INR)
    errors = raced(lambda: make_bank_file([payout], by=finance), lambda: cancel_payout(payout, by=alice))
    assert errors == [PayoutRefused]
    payout.refresh_from_db()
    sent = payout.state == "sent"
    assert payout.state in {"sent", "canceled"}
    assert BankFile.objects.count() == sent
    assert balance(codes.seller(alice.pk, "INR")) == (Money(0, "INR") if sent else INR)
    assert trial_balance() == {}


@pytest.mark.parametrize("turn", range(5))
def test_a_payout_that_is_canceled_while_it_is_approved_promises_nothing(alice: User, finance: User, turn: int) -> None:
    method(alice)
    payable(alice, INR)
    fund(INR)
    payout = request_payout(seller=alice, currency="INR", by=alice)
    errors = raced(lambda: approve_payout(payout, by=finance), lambda: cancel_payout(payout, by=alice))
    assert errors in ([], [PayoutRefused])  # approved first and canceled then, or refused
    payout.refresh_from_db()
    assert payout.state == "canceled"
    assert available("INR") == INR
    assert balance(codes.seller(alice.pk, "INR")) == INR


@pytest.mark.parametrize("turn", range(5))
def test_a_destination_that_goes_while_it_is_asked_for_leaves_no_payout_to_it(alice: User, turn: int) -> None:
    bank = method(alice)
    payable(alice, INR)
    errors = raced(
        lambda: request_payout(seller=alice, currency="INR", by=alice), lambda: remove_payout_method(bank, by=alice)
    )
    assert errors in ([], [PayoutRefused])
    assert not Payout.objects.exclude(state="canceled").exists()
    assert balance(codes.seller(alice.pk, "INR")) == INR


def test_of_two_people_who_clear_a_doubt_one_is_told(alice: User, finance: User, admin: User) -> None:
    method(alice)
    payable(alice, INR)
    payout = request_payout(seller=alice, currency="INR", by=alice)
    PayoutDoubt.objects.create(payout=payout, kind="shared", detail="somebody")
    errors = raced(
        lambda: clear_doubts(payout, by=finance, why="Looked"), lambda: clear_doubts(payout, by=admin, why="Looked too")
    )
    assert errors == [PayoutRefused]
    assert PayoutDoubt.objects.filter(cleared_at__isnull=False).count() == 1
