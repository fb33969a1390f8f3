"""Held money has two ways out, and only one of them once."""

from __future__ import annotations

import pytest
from django.db import Error, transaction
from pytest_django import Settings

from fx.models import Conversion
from fx.money import Money
from marketplace.models import User
from payments.errors import ReleaseRefused
from payments.holds import Release, release_all
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.ledger.posting import post
from payments.machine import apply
from payments.models import Case, Journal, Operation, Payment, Refund
from payments.processors.base import Outcome, Update
from payments.services import (
    LineDraft,
    RefundRefused,
    give_refund_address,
    request_refund,
    retry_refund,
    sent_by_hand,
)
from tests.payments.conftest import Open, states, work
from tests.payments.pocket import FarEnd
from tests.payments.test_ledger import in_threads
from tests.payments.test_payment import books

pytestmark = pytest.mark.django_db


def released(payment: Payment, seller: User, **other: Money) -> None:
    held, commission, processing = Money(250000, "INR"), Money(1900, "INR"), Money(9000, "INR")
    amounts = {"held": held, "commission": commission, "processing": processing} | other
    release_all([Release("A1", payment, seller, amounts["held"], amounts["commission"], amounts["processing"])])


def test_a_refund_gives_back_exactly_what_was_paid_at_the_original_rate(
    paid: Open, scarf: list[LineDraft], far: FarEnd, bob: User
) -> None:
    payment = paid(scarf, fee=110)
    refund = request_refund(payment=payment, ref="A1", reason="withdrawal", by=bob)
    assert (refund.state, refund.amount, refund.requested_by) == (
        "requested",
        Money(2976, "EUR"),
        bob,
    )
    assert balance(codes.hold("A1", "INR")) == Money(250000, "INR")
    work()
    refund.refresh_from_db()
    payment.refresh_from_db()
    assert (refund.state, refund.processor_ref) == ("succeeded", "refund_2")
    assert payment.state == Payment.State.CAPTURED
    assert books() == {"clearing:pocket:EUR": -110, "expense:pocket:EUR": 110}
    assert [thing.money for thing in far.refunds()] == [Money(2976, "EUR")]
    there, back = Conversion.objects.order_by("id")
    assert (back.sell_minor, back.buy_minor) == (there.buy_minor, there.sell_minor)
    assert back.journal_key == f"refund:{refund.pk}:1"


def test_only_the_order_that_is_refunded_goes_back(paid: Open, scarf: list[LineDraft], alice: User) -> None:
    vase = LineDraft("B1", "goods", alice, codes.hold("B1", "MXN"), Money(45000, "MXN"), Money(2100, "EUR"))
    payment = paid([*scarf, vase])
    request_refund(payment=payment, ref="B1", reason="withdrawal")
    work()
    assert balance(codes.hold("B1", "MXN")) == Money(0, "MXN")
    assert balance(codes.hold("A1", "INR")) == Money(250000, "INR")
    assert balance(codes.clearing("pocket", "EUR")) == Money(2976, "EUR")
    assert trial_balance() == {}


def test_the_same_order_is_not_refunded_twice(paid: Open, scarf: list[LineDraft]) -> None:
    payment = paid(scarf)
    request_refund(payment=payment, ref="A1", reason="withdrawal")
    for _ in range(2):
        with pytest.raises(RefundRefused, match="goes back already"):
            request_refund(payment=payment, ref="A1", reason="withdrawal")
        work()
    assert Refund.objects.count() == 1
    with pytest.raises(RefundRefused, match="Nothing was paid for B7"):
        request_refund(payment=payment, ref="B7", reason="withdrawal")


def test_nothing_that_was_not_captured_is_refunded(opened: Open, scarf: list[LineDraft]) -> None:
    with pytest.raises(RefundRefused, match="is created: there is nothing"):
        request_refund(payment=opened(scarf), ref="A1", reason="withdrawal")


def test_the_database_refuses_refunds_beyond_what_was_received(paid: Open, scarf: list[LineDraft]) -> None:
    payment = paid(scarf)
    request_refund(payment=payment, ref="A1", reason="withdrawal")
    with pytest.raises(Error, match="would be 2977 of 2976 received"), transaction.atomic():
        Refund.objects.create(payment=payment, ref="", reason="x", currency="EUR", amount_minor=1)
    with pytest.raises(Error, match="a refund in USD is not of it"), transaction.atomic():
        Refund.objects.create(payment=payment, ref="", reason="x", currency="USD", amount_minor=1)


def test_a_refund_that_fails_is_unbooked_and_a_person_tries_again(
    paid: Open, scarf: list[LineDraft], far: FarEnd, bob: User
) -> None:
    payment = paid(scarf)
    before = books()
    far.things["payment_1"].back = 1  # somebody gave back by hand: the far end has too little
    refund = request_refund(payment=payment, ref="A1", reason="withdrawal")
    work()
    refund.refresh_from_db()
    assert (refund.state, books()) == ("failed", before)
    assert "has only" in refund.problem
    assert Case.objects.get().kind == Case.Kind.REFUSED
    far.things["payment_1"].back = 0
    retry_refund(refund, by=bob)
    work()
    refund.refresh_from_db()
    assert (refund.state, refund.attempt, books()) == ("succeeded", 2, {})
    kinds = list(Journal.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["capture", "refund", "reversal", "refund"]
    with pytest.raises(RefundRefused, match="only failed ones"):
        retry_refund(refund, by=bob)


def test_a_refund_that_succeeded_and_then_failed_waits_for_a_person(paid: Open, scarf: list[LineDraft]) -> None:
    payment = paid(scarf)
    refund = request_refund(payment=payment, ref="A1", reason="withdrawal")
    work()
    refund.refresh_from_db()
    news = Update("refund", refund.processor_ref, Outcome.FAILED)
    assert apply(news, processor="pocket") is None
    other = Update("refund", refund.processor_ref, Outcome.SUCCEEDED, Money(1, "EUR"))
    assert apply(other, processor="pocket") is None
    unknown = Update("refund", "re_by_dashboard", Outcome.SUCCEEDED, Money(1, "EUR"))
    assert apply(unknown, processor="pocket") is None
    assert {case.kind for case in Case.objects.all()} == {"reversed", "amount", "stranger"}
    assert books() == {}


def test_who_never_ships_owes_the_fee_that_the_processor_keeps(paid: Open, scarf: list[LineDraft], alice: User) -> None:
    payment = paid(scarf, fee=110)
    request_refund(payment=payment, ref="A1", reason="never_shipped")
    work()
    owed = 110 * 250000 // 2501
    assert books() == {
        "clearing:pocket:EUR": -110,
        "fx:EUR": -110,
        "fx:INR": owed,
        f"seller:{alice.pk}:INR:debt": owed,
    }
    kept = Conversion.objects.get(journal_key=f"kept:{payment.pk}:A1")
    assert (kept.sell_minor, kept.buy_minor) == (owed, 110)


def test_a_fee_that_comes_after_the_refund_is_charged_too_and_only_the_orders_share(
    paid: Open, scarf: list[LineDraft], alice: User
) -> None:
    vase = LineDraft("B1", "goods", alice, codes.hold("B1", "EUR"), Money(2976, "EUR"), Money(2976, "EUR"))
    payment = paid([*scarf, vase])
    request_refund(payment=payment, ref="B1", reason="never_shipped")
    debt = codes.seller_debt(alice.pk, "EUR")
    assert balance(debt) == Money(0, "EUR")
    for _ in range(2):
        news = Update("payment", "payment_1", Outcome.SUCCEEDED, Money(5952, "EUR"), Money(111, "EUR"))
        apply(news, processor="pocket")
    assert balance(debt) == Money(56, "EUR")  # 111 split 55 and 56 by cumulative rounding
    assert balance(codes.expense("pocket", "EUR")) == Money(55, "EUR")


def test_a_coin_refund_waits_for_an_address_and_is_sent_by_hand(
    opened: Open, scarf_in_coin: list[LineDraft], bob: User, settings: Settings
) -> None:
    settings.PROCESSORS["coinbox"]["refund_window_hours"] = 24
    payment = opened(scarf_in_coin, processor="coinbox", amount=Money(1900, "EUR"), refund_terms="coin")
    work()
    news = Update("payment", "payment_1", Outcome.SUCCEEDED, Money(30000, "BTC"))
    apply(news, processor="coinbox")
    payment.refresh_from_db()
    refund = request_refund(payment=payment, ref="A1", reason="withdrawal")
    assert (refund.state, refund.amount) == ("needs_address", Money(30000, "BTC"))
    assert Operation.objects.filter(kind="refund").count() == 0
    with pytest.raises(RefundRefused, match="Give the address"):
        give_refund_address(refund, destination=" ")
    refund = give_refund_address(refund, destination="bcrt1qexample")
    assert Case.objects.get().kind == Case.Kind.BY_HAND
    with pytest.raises(RefundRefused):
        sent_by_hand(refund, by=bob, reference=" ")
    change = sent_by_hand(refund, by=bob, reference="txid")
    assert change is not None
    assert change.refund is not None
    assert (change.refund.state, change.was, change.now) == ("succeeded", "captured", "captured")
    assert books() == {}


# --- release ------------------------------------------------------------------------------------


def test_release_pays_the_seller_less_commission_and_the_quoted_fee(
    paid: Open, scarf: list[LineDraft], alice: User
) -> None:
    payment = paid(scarf, fee=110)
    released(payment, alice)
    covered = 2501 * 9000 // 250000
    assert books() == {
        "clearing:pocket:EUR": 2866,
        "expense:pocket:EUR": 110 - covered,
        "fx:EUR": 2501 - covered,
        "fx:INR": -241000,
        "income:commission:INR": 1900,
        f"seller:{alice.pk}:INR": 239100,
        "tax:IOSS:DE:EUR": 475,
    }
    row = Conversion.objects.get(journal_key="release:A1")
    assert (row.sell_minor, row.buy_minor, row.seller) == (9000, covered, alice)
    before = books()
    released(payment, alice)
    assert books() == before


def test_release_pays_an_open_debt_first(paid: Open, scarf: list[LineDraft], alice: User) -> None:
    payment = paid(scarf)
    debt, payable = codes.seller_debt(alice.pk, "INR"), codes.seller(alice.pk, "INR")
    post("debt", "test", "", [(debt, 40000), (codes.expense("loss", "INR"), -40000)])
    released(payment, alice)
    assert (balance(debt).amount, balance(payable).amount) == (0, 199100)


def test_a_debt_that_is_larger_than_the_sale_takes_all_of_it(paid: Open, scarf: list[LineDraft], alice: User) -> None:
    payment = paid(scarf)
    debt, payable = codes.seller_debt(alice.pk, "INR"), codes.seller(alice.pk, "INR")
    post("debt", "test", "", [(debt, 300000), (codes.expense("loss", "INR"), -300000)])
    released(payment, alice)
    assert (balance(debt).amount, balance(payable).amount) == (300000 - 239100, 0)


def test_fees_beyond_the_sale_become_debt(paid: Open, scarf: list[LineDraft], alice: User) -> None:
    payment = paid(scarf)
    released(payment, alice, processing=Money(250000, "INR"))
    assert balance(codes.seller_debt(alice.pk, "INR")) == Money(1900, "INR")
    assert balance(codes.seller(alice.pk, "INR")) == Money(0, "INR")


def test_what_goes_back_is_not_released(paid: Open, scarf: list[LineDraft], alice: User) -> None:
    payment = paid(scarf)
    request_refund(payment=payment, ref="A1", reason="withdrawal")
    with pytest.raises(ReleaseRefused, match=r"0.00 INR is held, not 2500.00 INR"):
        released(payment, alice)
    work()
    with pytest.raises(ReleaseRefused, match=r"0.00 INR is held, not 2500.00 INR"):
        released(payment, alice)
    assert books() == {}


def test_only_what_is_held_is_released(paid: Open, scarf: list[LineDraft], alice: User) -> None:
    payment = paid(scarf)
    before = books()
    with pytest.raises(ReleaseRefused, match=r"2500.00 INR is held, not 2500.01 INR"):
        released(payment, alice, held=Money(250001, "INR"))
    assert books() == before


def test_a_refund_whose_money_is_gone_is_never_sent(
    paid: Open, scarf: list[LineDraft], alice: User, far: FarEnd
) -> None:
    payment = paid(scarf)
    refund = request_refund(payment=payment, ref="A1", reason="withdrawal")
    hold, payable = codes.hold("A1", "INR"), codes.seller(alice.pk, "INR")
    post("by hand", "test", "", [(hold, 1), (payable, -1)])
    before = books()
    work()
    refund.refresh_from_db()
    assert (refund.state, books()) == ("failed", before)
    assert "a guarded account would cross zero" in refund.problem
    assert (far.refunds(), states()["refund"]) == ([], "failed")
    assert Case.objects.get().kind == Case.Kind.REFUSED


def test_a_reference_is_of_one_refund(paid: Open, scarf: list[LineDraft], alice: User, bob: User) -> None:
    vase = LineDraft("B1", "goods", alice, codes.hold("B1", "EUR"), Money(500, "EUR"), Money(500, "EUR"))
    payment = paid([*scarf, vase])
    first = request_refund(payment=payment, ref="A1", reason="withdrawal")
    second = request_refund(payment=payment, ref="B1", reason="withdrawal")
    sent_by_hand(first, by=bob, reference="SEPA 1")
    with pytest.raises(RefundRefused, match="of another refund"):
        sent_by_hand(second, by=bob, reference="SEPA 1")
    key = f"refund:{second.pk}:1"
    forged = Update("refund", "SEPA 1", Outcome.SUCCEEDED, Money(500, "EUR"), key=key)
    assert apply(forged, processor="pocket") is None
    second.refresh_from_db()
    assert (second.state, Case.objects.get(kind="binding").ref) == ("requested", f"refund {first.pk}")


@pytest.mark.django_db(transaction=True)
def test_a_release_and_a_refund_at_once_move_the_money_once(paid: Open, scarf: list[LineDraft], alice: User) -> None:
    payment = paid(scarf)

    def either(index: int) -> None:
        if index % 2:
            released(payment, alice)
        else:
            request_refund(payment=payment, ref="A1", reason="withdrawal")

    in_threads(4, either)
    work()
    there, back = balance(codes.seller(alice.pk, "INR")), Refund.objects.filter(state="succeeded").count()
    owes = balance(codes.seller_debt(alice.pk, "INR"))
    assert (there.amount, owes.amount, back) in {(239100, 250000, 1), (0, 0, 1)}
    assert Refund.objects.count() == 1
    assert balance(codes.hold("A1", "INR")) == Money(0, "INR")
    assert trial_balance() == {}


@pytest.mark.django_db(transaction=True)
def test_of_eight_refunds_at_once_one_is_made(paid: Open, scarf: list[LineDraft]) -> None:
    payment = paid(scarf)

    def ask(index: int) -> None:
        request_refund(payment=payment, ref="A1", reason="withdrawal")

    errors = in_threads(8, ask)
    assert [type(error) for error in errors] == [RefundRefused] * 7
    work()
    assert books() == {}
