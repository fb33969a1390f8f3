"""What a seller came to owe after a payout was asked for comes first, as long as the money has not left."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fx.money import Money
from marketplace import suspension
from marketplace.models import User
from payments.errors import PayoutRefused
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import post
from payments.models import BankFile, Journal, Payout
from payments.payouts.bankfiles import make_bank_file
from payments.payouts.doubts import clear_doubts, what_holds
from payments.payouts.life import approve_payout, cancel_payout, request_payout
from tests.conftest import ClientFor
from tests.orders.world import broken
from tests.payments.test_admin import staff, text
from tests.payments.test_ledger import in_threads
from tests.payments.test_payouts import fund, method, payable

pytestmark = pytest.mark.django_db
INR = Money(10_000, "INR")


def owes(seller: User, minor: int, key: str = "debt") -> None:
    """As if a refund after release had been taken from them."""
    post(key, "test", "", [(codes.seller_debt(seller.pk, "INR"), minor), (codes.expense("loss", "INR"), -minor)])


def asked(seller: User) -> Payout:
    method(seller)
    payable(seller, INR)
    fund(INR)
    return request_payout(seller=seller, currency="INR", by=seller)


def test_a_debt_that_came_after_the_request_is_paid_by_the_next_one(alice: User, finance: User) -> None:
    payout = asked(alice)
    owes(alice, 3_000)
    before = Journal.objects.count()
    assert "The seller owes 30.00 INR by now." in " ".join(what_holds(payout))
    with pytest.raises(PayoutRefused, match=r"owes 30.00 INR by now. Cancel the payout"):
        approve_payout(payout, by=finance)
    assert (Payout.objects.get().state, Journal.objects.count()) == ("requested", before)
    cancel_payout(payout, by=finance)
    again = request_payout(seller=alice, currency="INR", by=alice)
    assert again.amount == Money(7_000, "INR")
    assert approve_payout(again, by=finance).state == "approved"
    assert balance(codes.seller_debt(alice.pk, "INR")) == Money(0, "INR")


def test_a_debt_that_came_after_the_approval_stops_the_file(alice: User, finance: User) -> None:
    payout = approve_payout(asked(alice), by=finance)
    owes(alice, 1)
    with pytest.raises(PayoutRefused, match=r"owes 0.01 INR by now"):
        make_bank_file([payout], by=finance)
    assert (Payout.objects.get().state, BankFile.objects.count()) == ("approved", 0)


def test_a_suspended_seller_is_paid_only_when_somebody_has_looked(
    alice: User, finance: User, admin: User, client_for: ClientFor
) -> None:
    payout = asked(alice)
    alice = suspension.suspend(alice, by=admin, reason="Under review.")
    assert what_holds(Payout.objects.get()) == ["The account of the seller is suspended."]
    with pytest.raises(PayoutRefused, match="The account of the seller is suspended"):
        approve_payout(payout, by=finance)
    desk = staff(admin, "finance", client_for)
    page = f"/admin/payments/payout/{payout.pk}/decide/"
    assert 'value="approve"' not in text(desk.get(page))
    desk.post(page, {"decision": "right", "why": "Money that is due stays due."})
    with pytest.raises(PayoutRefused, match="You said that this payout is right"):
        approve_payout(payout, by=admin)
    assert approve_payout(payout, by=finance).state == "approved"
    assert "F33" not in broken()


def test_who_is_suspended_already_waits_from_the_beginning(alice: User, finance: User, admin: User) -> None:
    alice = suspension.suspend(alice, by=admin, reason="Under review.")
    payout = asked(alice)
    assert payout.doubts.get().kind == "suspended"
    clear_doubts(payout, by=admin, why="Looked")
    assert approve_payout(payout, by=finance).state == "approved"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_two_requests_an_approval_and_a_file_at_once_neither_deadlock_nor_pay_twice(
    alice: User, charlie: User, finance: User, admin: User, turn: int
) -> None:
    first = approve_payout(asked(alice), by=finance)
    method(charlie)
    payable(charlie, Money(5, "INR"))
    fund(Money(5, "INR"))
    second = request_payout(seller=charlie, currency="INR", by=charlie)
    post("more", "test", "", [(codes.fx("INR"), 700), (codes.seller(alice.pk, "INR"), -700)])
    verbs: list[Callable[[], object]] = [
        lambda: request_payout(seller=alice, currency="INR", by=alice),
        lambda: request_payout(seller=alice, currency="INR", by=alice),
        lambda: approve_payout(second, by=finance),
        lambda: make_bank_file([first], by=finance),
        lambda: make_bank_file([first], by=admin),
    ]

    def do(index: int) -> None:
        verbs[index]()

    errors = in_threads(len(verbs), do)
    assert [type(error) for error in errors] == [PayoutRefused] * 2  # one request, one file
    assert sorted(Payout.objects.values_list("state", "amount_minor")) == [
        ("approved", 5),
        ("requested", 700),
        ("sent", 10_000),
    ]
