"""The rail `balance`: the contract on the real book, and what its owner may not do."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pytest_django import Settings

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import post
from payments.models import Payment
from payments.models.ledger import Journal
from payments.payouts.freezing import freeze
from payments.processors.balance import Balance
from payments.processors.base import Unknown
from payments.sellers.spending import BACK, TAKEN, LedgerBook
from payments.services import LineDraft, PaymentRefused, open_payment, request_refund
from payments.testing import ProcessorContract, Subject
from tests.orders.world import broken
from tests.payments.conftest import quoted, states, work

pytestmark = pytest.mark.django_db


def earn(user: User, money: Money) -> None:
    key = f"earned:{user.pk}:{money.currency}:{Journal.objects.count()}"
    bank, seller = codes.clearing("bank", money.currency), codes.seller(user.pk, money.currency)
    post(key, "release", key, [(bank, money.amount), (seller, -money.amount)])


def buy(user: User | None, seller: User, money: Money, ref: str = "C1") -> Payment:
    hold = codes.hold(ref, money.currency)
    until = now() + dt.timedelta(minutes=10)
    return open_payment(
        quote=quoted(money, money, until),
        user=user,
        ref=ref,
        processor="balance",
        lines=[LineDraft(ref, "goods", seller, hold, money, money)],
        return_url="http://127.0.0.1/pay/",
        expires_at=until,
    )


@pytest.fixture(autouse=True)
def switched_on(settings: Settings) -> None:
    settings.PROCESSORS = settings.PROCESSORS | {"balance": {}}


class Forgetful(LedgerBook):
    """Its next answer is lost."""

    lose = False

    def take(self, *call: Any) -> Any:
        return self._answer(super().take(*call))

    def give_back(self, *call: Any) -> Any:
        return self._answer(super().give_back(*call))

    def _answer(self, answer: Any) -> Any:
        lost, self.lose = self.lose, False
        if lost:
            raise Unknown("The line broke.")
        return answer


class BalanceSubject(Subject):
    instant = True

    def __init__(self, payer: User, seller: User) -> None:
        self.payer, self.seller, self.book, self.made = payer, seller, Forgetful(), 0
        self.processor = Balance({}, book=self.book)

    def payment(self, money: Money) -> str:
        self.made += 1
        earn(self.payer, money)
        return str(buy(self.payer, self.seller, money, f"C{self.made}").pk)

    def pay(self, ref: str, money: Money) -> None:
        """It is paid already."""

    def count(self, kind: str) -> int:
        return Journal.objects.filter(kind={"payment": TAKEN, "refund": BACK}[kind]).count()

    def lose_reply(self) -> None:
        self.book.lose = True


class TestBalance(ProcessorContract):
    @pytest.fixture
    def subject(self, alice: User, bob: User) -> Subject:
        return BalanceSubject(bob, alice)


def test_a_purchase_is_paid_at_once_and_a_refund_is_back_at_once(alice: User, bob: User) -> None:
    earn(bob, Money(5000, "EUR"))
    payment = buy(bob, alice, Money(3000, "EUR"))
    work()
    payment.refresh_from_db()
    assert (payment.state, payment.received, payment.fee_minor) == ("captured", Money(3000, "EUR"), 0)
    assert balance(codes.seller(bob.pk, "EUR")) == Money(2000, "EUR")
    assert balance(codes.hold("C1", "EUR")) == Money(3000, "EUR")
    assert not balance(codes.clearing("balance", "EUR"))


def short(payment: Payment, says: str, there: Money) -> None:
    work()
    payment.refresh_from_db()
    assert payment.state == "failed"
    assert says in payment.problem
    assert payment.user_id is not None
    assert balance(codes.seller(payment.user_id, there.currency)) == there
    assert not balance(codes.hold(payment.ref, there.currency))
    assert not Journal.objects.filter(kind=TAKEN, ref=payment.pk).exists()
    assert states()["create"] == "failed"


def test_who_has_too_little_reads_so_and_nothing_moves(alice: User, bob: User) -> None:
    earn(bob, Money(2999, "EUR"))
    short(buy(bob, alice, Money(3000, "EUR")), "Your sales balance has", Money(2999, "EUR"))


def test_what_is_owed_cannot_be_spent(alice: User, bob: User) -> None:
    earn(bob, Money(3000, "EUR"))
    legs = [(codes.seller_debt(bob.pk, "EUR"), 1), (codes.clearing("bank", "EUR"), -1)]
    post("debt", "refund", "x", legs)
    short(buy(bob, alice, Money(3000, "EUR")), "Your sales balance has", Money(3000, "EUR"))


def test_money_in_another_currency_does_not_count(alice: User, bob: User) -> None:
    earn(bob, Money(3000, "USD"))
    short(buy(bob, alice, Money(100, "EUR")), "Your sales balance has", Money(0, "EUR"))


def test_of_two_purchases_of_the_same_money_one_wins(alice: User, bob: User) -> None:
    earn(bob, Money(3000, "EUR"))
    first, second = (buy(bob, alice, Money(2000, "EUR"), ref) for ref in ("C1", "C2"))
    work()
    assert sorted(Payment.objects.values_list("state", flat=True)) == ["captured", "failed"]
    assert balance(codes.seller(bob.pk, "EUR")) == Money(1000, "EUR")
    assert {first.pk, second.pk} == set(Payment.objects.values_list("pk", flat=True))


def test_nothing_is_paid_while_payouts_are_frozen(alice: User, bob: User) -> None:
    earn(bob, Money(3000, "EUR"))
    freeze(reason="The books are off.", by=None)
    short(buy(bob, alice, Money(100, "EUR")), "frozen", Money(3000, "EUR"))


def test_a_suspended_account_spends_nothing(alice: User, bob: User) -> None:
    earn(bob, Money(3000, "EUR"))
    payment = buy(bob, alice, Money(100, "EUR"))
    User.objects.filter(pk=bob.pk).update(suspended_at=now())
    short(payment, "suspended", Money(3000, "EUR"))


def test_nobody_pays_their_own_shop(bob: User) -> None:
    earn(bob, Money(3000, "EUR"))
    short(buy(bob, bob, Money(100, "EUR")), "own shop", Money(3000, "EUR"))


def test_a_guest_has_no_balance(alice: User) -> None:
    with pytest.raises(PaymentRefused, match="Sign in"):
        buy(None, alice, Money(100, "EUR"))
    assert not Payment.objects.exists()


@pytest.mark.parametrize(("name", "says"), [("BALANCE_PER_PAYMENT", "at once"), ("BALANCE_PER_DAY", "a day")])
def test_the_operators_limits_hold(alice: User, bob: User, settings: Settings, name: str, says: str) -> None:
    earn(bob, Money(9000, "EUR"))
    setattr(settings, name, {"EUR": "30"})
    buy(bob, alice, Money(3000, "EUR"), "C0")
    work()
    short(buy(bob, alice, Money(3001, "EUR")), says, Money(6000, "EUR"))


def test_a_refund_is_on_the_balance_at_once(alice: User, bob: User) -> None:
    earn(bob, Money(3000, "EUR"))
    payment = buy(bob, alice, Money(3000, "EUR"))
    work()
    request_refund(payment=payment, ref="C1", reason="never_shipped", by=None)
    work()
    assert balance(codes.seller(bob.pk, "EUR")) == Money(3000, "EUR")
    assert not balance(codes.hold("C1", "EUR"))
    assert not balance(codes.clearing("balance", "EUR"))
    assert not {"V01", "V02", "V03", "V04"} & set(broken())
