"""Buyers who pay by bank transfer: the contract, and every way in which money does not come as asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from pytest_django import Settings
from stdnum import iso11649

from fx.money import Money
from marketplace.lib.clock import now, shifted
from marketplace.models import User
from orders import work
from orders.models import Checkout, Order
from payments.bankin import explain_line, payins
from payments.bankin.demo import Told
from payments.bankin.expected import Expected
from payments.errors import PayoutRefused
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.models import BankLine, Case, Payment, Refund
from payments.processors.base import Outcome, Unknown
from payments.processors.transfer import BankTransfer, reference_of
from payments.services import sent_by_hand
from payments.testing import ProcessorContract, Subject
from tests.conftest import ClientFor, make_user
from tests.orders.world import make_listing, make_shop, make_world, place, quotes
from tests.payments.test_bankin import clean, eur, upload

CONFIG = {
    "debtor_name": "Entrepôt Demo",
    "accounts": {"EUR": "DE75512108001245126199", "JPY": "DE75512108001245126199", "KWD": "DE75512108001245126199"},
    "bic": "SOLADEST600",
    "days": 5,
}


class MemoryBook:
    def __init__(self) -> None:
        self.due: dict[str, Expected] = {}

    def open(self, ref: str) -> Expected:
        if ref not in self.due:
            raise LookupError(f"There is no payment {ref}.")
        return self.due[ref]

    def at(self, reference: str) -> Expected | None:
        return next((one for ref, one in self.due.items() if reference_of(ref) == reference), None)


class TransferSubject(Subject):
    def __init__(self) -> None:
        self.book = MemoryBook()
        self.processor = BankTransfer(CONFIG, book=self.book)

    def payment(self, money: Money) -> str:
        ref = super().payment(money)
        self.book.due[ref] = Expected(money, Money(0, money.currency), now() + dt.timedelta(days=5))
        return ref

    def pay(self, ref: str, money: Money) -> None:
        [key] = [known for known in self.book.due if reference_of(known) == ref]
        self.book.due[key] = replace(self.book.due[key], received=money)

    def count(self, kind: str) -> int:
        return len(self.book.due) if kind == "payment" else 0

    def lose_reply(self) -> None:
        make, left = self.processor.create, [True]

        def losing(*args: object, **how: object) -> object:
            answer = make(*args, **how)  # type: ignore[arg-type]
            if left:
                left.pop()
                raise Unknown("The line went dead.")
            return answer

        self.processor.create = losing  # type: ignore[method-assign,assignment]


class TestBankTransfer(ProcessorContract):
    @pytest.fixture
    def subject(self) -> Subject:
        return TransferSubject()


def test_a_reference_is_the_same_for_a_payment_and_its_digits_catch_a_slip() -> None:
    reference = reference_of("f3b1")
    assert reference == reference_of("f3b1") != reference_of("f3b2")
    assert iso11649.is_valid(reference)
    assert len(reference) == 16
    spaced = " ".join(reference[at : at + 4] for at in range(0, 16, 4)).lower()
    assert payins.references(f"Invoice {spaced}, thanks") == [reference]
    wrong = reference[:-1] + ("2" if reference[-1] != "2" else "3")
    assert payins.references(f"Invoice {wrong}") == []


@pytest.fixture
def order(db: None, settings: Settings, alice: User, bob: User) -> Checkout:
    """Bob orders a EUR thing from a EUR shop in his own country, by bank transfer."""
    settings.PROCESSORS = {**settings.PROCESSORS, "transfer": settings.PROCESSORS["bank"] | {"days": 5}}
    world = make_world(alice, bob, make_user("moderator@example.com", staff=True))
    emil = make_user("emil@example.com", country="DE", currency="EUR", name="Emil")
    shop = make_shop(emil, "Emils Werkstatt", "DE", "Leipzig", "EUR", "4.90")
    stool = make_listing(shop, world.moderator, "Oak stool", "80", "940169", 3000)
    checkout = place(bob, stool, rail="transfer")
    work.drain_operations()
    checkout.payment.refresh_from_db()
    return checkout


@pytest.fixture
def payer(db: None) -> User:
    return make_user("payer@example.com", staff=True)


def send(checkout: Checkout, minor: int, by: User, *, number: str = "1", text: str = "", opening: int = 0) -> None:
    """The statement on which it comes, used, and the sweeps that follow."""
    told = Told(eur(minor), f"P{number}", text=text or checkout.payment.processor_ref, name="Bob", iban="DE12")
    upload(told, by=by, opening=eur(opening), number=number)
    for _ in range(2):
        for sweep in work.SWEEPS:
            sweep()
    checkout.payment.refresh_from_db()


def test_it_is_offered_only_where_nothing_is_exchanged(order: Checkout, bob: User) -> None:
    scarf = order.orders.get().lines.get().listing.__class__.objects.get(title="Indigo and madder scarf")
    assert "transfer" not in quotes(bob, scarf)
    payment = order.payment
    assert (payment.amount, payment.state) == (eur(8490), Payment.State.ACTION)
    assert payment.expires_at - payment.created_at > dt.timedelta(days=4, hours=23)
    assert payment.client["iban"] == "DE75512108001245126199"


def test_bob_pays_by_transfer_and_the_page_says_how(
    order: Checkout, bob: User, payer: User, client_for: ClientFor
) -> None:
    page = client_for(bob).get(f"/pay/{order.token}/").content.decode()
    assert "DE75 5121 0800 1245 1261 99" in page
    assert "<svg" in page
    spaced = " ".join(order.payment.processor_ref[at : at + 4] for at in range(0, 16, 4))
    assert spaced in page
    send(order, 8490, payer, text=f"Stool, {spaced.lower()}")
    assert order.payment.state == Payment.State.CAPTURED
    assert order.orders.get().status == Order.Status.PAID
    assert balance(codes.clearing("bank", "EUR")) == eur(8490)
    assert balance(codes.clearing("transfer", "EUR")) == eur(0)
    assert (trial_balance(), clean()) == ({}, [])


def test_two_transfers_pay_together(order: Checkout, payer: User) -> None:
    send(order, 5000, payer)
    assert (order.payment.state, order.payment.received) == (Payment.State.PARTIAL, eur(5000))
    send(order, 3490, payer, number="2", opening=5000)
    assert (order.payment.state, order.orders.get().status) == (Payment.State.CAPTURED, Order.Status.PAID)
    assert balance(codes.clearing("transfer", "EUR")) == eur(0)


def test_too_much_is_the_buyers_and_for_a_person(order: Checkout, bob: User, payer: User) -> None:
    send(order, 9000, payer)
    assert order.payment.state == Payment.State.CAPTURED
    assert balance(codes.buyer(bob.pk, "EUR")) == eur(510)
    assert Case.objects.filter(kind=Case.Kind.BY_HAND, processor="transfer").count() == 1


def test_too_little_until_the_end_goes_back(order: Checkout, payer: User) -> None:
    send(order, 5000, payer)
    with shifted(days=6):
        for _ in range(3):
            for sweep in work.SWEEPS:
                sweep()
        order.payment.refresh_from_db()
        assert order.orders.get().status == Order.Status.CANCELED
        refund = Refund.objects.get(payment=order.payment)
        assert refund.amount == eur(5000)
        assert payins.came_from(order.payment) == "Bob, DE12"
        sent_by_hand(refund, by=payer, reference="back 1")
        upload(Told(eur(-5000), "K1", refund.pk.hex), by=payer, opening=eur(5000), number="2")
    assert BankLine.objects.get(number=1, message__message_id="DEMO2EUR").meaning == BankLine.Meaning.PAYBACK
    assert balance(codes.clearing("transfer", "EUR")) == eur(0)
    assert balance(codes.clearing("bank", "EUR")) == eur(0)
    assert clean() == []


def test_what_comes_too_late_goes_back(order: Checkout, payer: User) -> None:
    with shifted(days=6):
        for _ in range(3):
            for sweep in work.SWEEPS:
                sweep()
        send(order, 8490, payer)
    assert order.orders.get().status == Order.Status.CANCELED
    assert Refund.objects.get(payment=order.payment).amount == eur(8490)
    assert order.payment.state == Payment.State.RETURNING


def test_without_a_reference_a_person_says_whose_it_is(order: Checkout, payer: User) -> None:
    send(order, 8490, payer, text="for the stool")
    line = BankLine.objects.get()
    assert (line.meaning, order.payment.state) == (BankLine.Meaning.UNKNOWN, Payment.State.ACTION)
    assert balance(codes.suspense("bank", "EUR")) == eur(8490)
    with pytest.raises(PayoutRefused, match="No payment in EUR has the reference RF00"):
        explain_line(line, by=payer, meaning="payin", reference="RF00", why="by name")
    explain_line(line, by=payer, meaning="payin", reference=order.payment.processor_ref, why="by name and amount")
    work.poll_chains()
    order.payment.refresh_from_db()
    assert (order.payment.state, balance(codes.suspense("bank", "EUR"))) == (Payment.State.CAPTURED, eur(0))
    assert order.orders.get().status == Order.Status.PAID


def test_a_cancel_before_anything_came_cancels(order: Checkout) -> None:
    answer = BankTransfer(CONFIG).cancel("cancel:1", order.payment.processor_ref)
    assert (answer.outcome, answer.amount) == (Outcome.CANCELED, eur(0))
