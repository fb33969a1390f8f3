"""The bank's statements against `clearing:bank`, buyers' transfers and sales balances against theirs."""

from __future__ import annotations

import pytest
from django.db import connection
from pytest_django import Settings

from fx.money import Money
from marketplace.lib.clock import shifted
from marketplace.models import User
from orders import work
from orders.checkout.actualfees import sheet_of
from orders.models import Checkout
from payments.bankin import explain_line
from payments.bankin.demo import Told
from payments.ledger import codes
from payments.ledger.posting import post
from payments.models import BankLine, ReconItem, ReconRun
from payments.processors import registry
from payments.reconciliation.run import due, processors, reconcile
from tests.conftest import make_user
from tests.orders.world import broken
from tests.payments.test_balance import buy, earn
from tests.payments.test_bankin import eur, sent, upload
from tests.payments.test_transfer import order as order
from tests.payments.test_transfer import send

pytestmark = pytest.mark.django_db
DAYS = 24 * 11


@pytest.fixture
def payer(db: None) -> User:
    return make_user("payer@example.com", staff=True)


def run(slug: str, hours: int = DAYS) -> ReconRun:
    with shifted(hours=hours):
        return reconcile(slug)


def test_a_bank_without_statements_keeps_no_record(db: None) -> None:
    assert "bank" not in processors()


def test_the_books_and_the_bank_agree_line_by_line(alice: User, admin: User, payer: User) -> None:
    payout = sent(alice, admin)
    upload(Told(eur(-5000), "B1", payout.pk.hex), Told(eur(-200), "C1", family="CHRG"), by=payer, opening=eur(5600))
    assert {"bank"} <= set(due())
    found = run("bank")
    total = found.sums.get()
    assert (found.counted, found.open_items, found.explained_bps) == (3, 0, 10_000)
    assert (total.theirs_minor, total.ours_minor) == (400, 400)
    assert not {"X02", "X03", "F50", "F51"} & set(broken())


def test_what_no_statement_shows_is_young_for_ten_days_then_missing_there(payer: User) -> None:
    upload(Told(eur(-1), "C1", family="CHRG"), by=payer, opening=eur(100))
    post("fund", "test", "", [(codes.clearing("bank", "EUR"), 500), (codes.suspense("stripe", "EUR"), -500)])
    assert run("bank", 24).open_items == 0
    run("bank")
    item = ReconItem.objects.get()
    assert (item.kind, item.ref, item.difference) == ("missing_there", "fund", eur(-500))


def test_a_line_that_nothing_explains_is_not_explained_until_a_person_does(payer: User, admin: User) -> None:
    upload(Told(eur(300), "X1", name="Charlie"), by=payer, opening=eur(0))
    found = run("bank")
    assert (found.open_items, found.explained_bps) == (0, 0)  # it has its own queue: the case of the line
    explain_line(BankLine.objects.get(), by=admin, meaning="own", why="Interest.")
    assert run("bank").explained_bps == 10_000
    assert broken() == []


def test_a_line_with_another_amount_than_its_journal_is_different(payer: User) -> None:
    upload(Told(eur(-200), "C1", family="CHRG"), by=payer, opening=eur(600))
    with connection.cursor() as cursor:
        cursor.execute("update payments_bankline set amount_minor = -201")
    run("bank")
    item = ReconItem.objects.get()
    assert (item.kind, item.difference) == ("differs", eur(-1))


def test_a_buyers_transfer_is_on_both_sides_and_the_banks_charge_is_the_fee(order: Checkout, payer: User) -> None:
    send(order, order.payment.amount_minor, payer)
    found = run("transfer")
    assert (found.counted, found.open_items, found.explained_bps) == (1, 0, 10_000)
    closing = eur(order.payment.amount_minor)
    told = Told(eur(-35), "C9", family="CHRG", text=order.payment.processor_ref)
    upload(told, by=payer, opening=closing, number="2")
    mine = order.orders.get()
    rows = {row.kind: row for row in sheet_of(mine).lines}
    assert (rows["processor"].minor, rows["processor"].certainty, rows["difference"].minor) == (35, "actual", -35)
    assert sheet_of(mine).total == mine.buyer_total
    assert broken() == []


def test_a_transfer_that_no_payment_counted_is_missing_here_and_healed(order: Checkout, payer: User) -> None:
    upload(Told(eur(order.payment.amount_minor), "P1", text=order.payment.processor_ref), by=payer, opening=eur(0))
    found = run("transfer", 1)
    order.payment.refresh_from_db()
    assert (order.payment.state, found.healed, found.open_items) == ("captured", 1, 0)


def test_a_transfers_money_that_no_statement_has_is_missing_there(order: Checkout, payer: User) -> None:
    send(order, order.payment.amount_minor, payer)
    post("ghost", "test", "", [(codes.clearing("transfer", "EUR"), 5), (codes.suspense("transfer", "EUR"), -5)])
    run("transfer")
    assert (ReconItem.objects.get().kind, ReconItem.objects.get().ref) == ("missing_there", "ghost")


def test_a_sales_balance_agrees_and_what_differs_shows(alice: User, bob: User, settings: Settings) -> None:
    settings.PROCESSORS = settings.PROCESSORS | {"balance": {}}
    earn(bob, Money(5000, "EUR"))
    payment = buy(bob, alice, Money(3000, "EUR"))
    work.drain_operations()
    payment.refresh_from_db()
    found = run("balance", 2)
    assert (payment.state, found.counted, found.open_items, found.explained_bps) == ("captured", 1, 0, 10_000)
    more = [(codes.clearing("balance", "EUR"), 9), (codes.suspense("balance", "EUR"), -9)]
    post(f"more:{payment.pk}:1", "more", payment.ref, more)
    run("balance", 4)
    item = ReconItem.objects.get()
    assert (item.kind, item.ref, item.difference) == ("differs", payment.processor_ref, eur(-9))


def test_a_balance_that_was_taken_from_and_not_counted_is_healed(alice: User, bob: User, settings: Settings) -> None:
    settings.PROCESSORS = settings.PROCESSORS | {"balance": {}}
    earn(bob, Money(5000, "EUR"))
    payment = buy(bob, alice, Money(3000, "EUR"))
    registry.get("balance").create(  # taken, and the answer was lost
        f"create:{payment.pk}", payment.amount, ref=str(payment.pk), expires_at=payment.expires_at, return_url=""
    )
    found = run("balance", 0)
    payment.refresh_from_db()
    assert (found.healed, found.open_items, payment.state) == (1, 0, "captured")
