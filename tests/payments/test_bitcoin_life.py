"""Payments in Bitcoin through the whole core on a real node: operation, look, apply, books."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable

import pytest
from pytest_django import Settings

from fx.models import Quote, RateSet
from fx.money import Money
from marketplace.lib.clock import now, shifted
from marketplace.models import User
from payments import machine
from payments.chain import watch
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.ledger.codes import Code
from payments.models import Case, Operation, Payment
from payments.processors import registry
from payments.processors.bitcoin import Bitcoin
from payments.services import LineDraft, close_payment, due_operations, open_payment, run_operation
from tests.payments.coins import DEMO, account
from tests.regtest import Node, free_port

pytestmark = [pytest.mark.regtest, pytest.mark.django_db]
DUE = 100_000  # satoshi, for INR 3,800.00
HOLD, SUSPENSE = codes.hold("A1", "INR"), codes.suspense("bitcoin", "BTC")
CLEARING = codes.clearing("bitcoin", "BTC")
numbers = itertools.count(1)


@pytest.fixture
def bitcoin(node: Node, settings: Settings) -> Bitcoin:
    number = next(numbers)
    key = account(10_000 + number).to_public().to_base58()
    config = {**DEMO, "xpub": key, "source": "core", "url": node.url, "wallet": f"life-{number}"}
    settings.PROCESSORS = {"bitcoin": config}
    processor = registry.get("bitcoin")
    assert isinstance(processor, Bitcoin)
    return processor


@pytest.fixture
def ask(bitcoin: Bitcoin, alice: User, bob: User) -> Callable[[], Payment]:
    """Bob is asked for BTC 0.00100000, and the address is shown to him."""

    def make() -> Payment:
        expires_at = now() + dt.timedelta(minutes=15)
        quote = Quote.objects.create(
            owner=f"user:{bob.pk}",
            basket="b",
            rate_set=RateSet.objects.create(),
            spread_bps=40,
            currency="EUR",
            amount_minor=40_00,
            pay_currency="BTC",
            pay_minor=DUE,
            expires_at=expires_at,
        )
        line = LineDraft("A1", "goods", alice, HOLD, Money(3_800_00, "INR"), Money(DUE, "BTC"))
        payment = open_payment(
            quote=quote,
            user=bob,
            ref="C1",
            processor="bitcoin",
            lines=[line],
            return_url="http://127.0.0.1/pay/",
            expires_at=expires_at,
        )
        work()
        payment.refresh_from_db()
        return payment

    return make


def work() -> None:
    for operation in due_operations():
        run_operation(operation)


def look(payment: Payment) -> str:
    """What the poll task does; the payment's state after it."""
    for slug, update in watch.poll():
        machine.apply(update, processor=slug)
    payment.refresh_from_db()
    return payment.state


def sums(*accounts: Code) -> list[int]:
    assert trial_balance() == {}
    return [balance(account).amount for account in accounts]


def test_a_payment_is_seen_then_held(node: Node, ask: Callable[[], Payment]) -> None:
    payment = ask()
    assert payment.state == "action"
    assert payment.client["uri"] == f"bitcoin:{payment.processor_ref}?amount=0.00100000&label=Entrep%C3%B4t"
    assert look(payment) == "action"
    node.pay(payment.processor_ref, DUE)
    assert look(payment) == "seen"
    assert sums(HOLD, CLEARING) == [0, 0]
    node.mine()
    assert look(payment) == "captured"
    assert sums(HOLD, CLEARING) == [3_800_00, DUE]
    assert look(payment) == "captured"
    assert sums(HOLD, CLEARING) == [3_800_00, DUE]


def test_a_top_up_completes_what_was_too_little(node: Node, ask: Callable[[], Payment]) -> None:
    payment = ask()
    node.pay(payment.processor_ref, 60_000)
    assert look(payment) == "partial"
    node.pay(payment.processor_ref, 40_000)
    assert look(payment) == "seen"
    node.mine()
    assert look(payment) == "captured"
    assert sums(HOLD, CLEARING) == [3_800_00, DUE]


def test_too_little_at_expiry_is_set_aside(node: Node, ask: Callable[[], Payment]) -> None:
    payment = ask()
    node.pay(payment.processor_ref, 60_000)
    node.mine()
    assert look(payment) == "partial"
    with shifted(minutes=16):
        assert look(payment) in {"underpaid", "returning"}
    assert sums(HOLD, CLEARING, SUSPENSE) == [0, 60_000, 60_000]


def test_too_little_that_confirms_after_expiry_is_set_aside_too(node: Node, ask: Callable[[], Payment]) -> None:
    payment = ask()
    node.pay(payment.processor_ref, 60_000)
    assert look(payment) == "partial"
    with shifted(minutes=16):
        assert look(payment) == "expired"
        node.mine()
    with shifted(minutes=18):
        assert look(payment) in {"late", "returning"}
    assert sums(HOLD, CLEARING, SUSPENSE) == [0, 60_000, 60_000]


def test_too_much_is_the_buyers(node: Node, ask: Callable[[], Payment], bob: User) -> None:
    payment = ask()
    node.pay(payment.processor_ref, 130_000)
    node.mine()
    assert look(payment) == "captured"
    assert sums(HOLD, CLEARING, codes.buyer(bob.pk, "BTC")) == [3_800_00, 130_000, 30_000]
    node.pay(payment.processor_ref, 5_000)
    node.mine()
    with shifted(minutes=2):
        assert look(payment) == "captured"
    assert sums(CLEARING, codes.buyer(bob.pk, "BTC")) == [135_000, 35_000]


def test_late_money_is_set_aside(node: Node, ask: Callable[[], Payment]) -> None:
    payment = ask()
    with shifted(minutes=16):
        assert look(payment) == "expired"
        node.pay(payment.processor_ref, DUE)
    with shifted(minutes=18):
        assert look(payment) == "expired"
        node.mine()
    with shifted(minutes=20):
        assert look(payment) in {"late", "returning"}
    assert sums(HOLD, CLEARING, SUSPENSE) == [0, DUE, DUE]


def test_money_on_an_address_is_noticed_for_ninety_days(node: Node, ask: Callable[[], Payment]) -> None:
    payment = ask()
    with shifted(minutes=16):
        look(payment)
    with shifted(days=60):
        assert look(payment) == "expired"
        node.pay(payment.processor_ref, DUE)
        node.mine()
    with shifted(days=62):
        assert look(payment) in {"late", "returning"}
    with shifted(days=91):
        look(payment)
    payment.chain_address.refresh_from_db()
    assert payment.chain_address.look_at is None


def test_a_replacement_is_credited_once(node: Node, ask: Callable[[], Payment]) -> None:
    payment = ask()
    first = node.pay(payment.processor_ref, DUE)
    assert look(payment) == "seen"
    node.bump(first)
    assert look(payment) == "seen"
    node.mine()
    assert look(payment) == "captured"
    assert sums(HOLD, CLEARING) == [3_800_00, DUE]


def test_a_double_spend_takes_the_payment_back_to_waiting(node: Node, ask: Callable[[], Payment]) -> None:
    payment = ask()
    txid = node.pay(payment.processor_ref, DUE)
    assert look(payment) == "seen"
    node.rpc.call("sendrawtransaction", node.spend_elsewhere(txid), 0)
    assert look(payment) == "action"
    node.mine()
    assert look(payment) == "action"
    assert sums(HOLD, CLEARING) == [0, 0]


def test_a_reorganisation_before_capture_only_delays_it(
    node: Node, ask: Callable[[], Payment], bitcoin: Bitcoin
) -> None:
    payment = ask()
    payment.chain_address.confirmations = 2
    payment.chain_address.save()
    node.pay(payment.processor_ref, DUE)
    node.mine()
    assert look(payment) == "seen"
    node.forget_block()
    node.mine_only()
    assert look(payment) == "seen"
    node.mine()
    assert look(payment) == "seen"
    node.mine()
    assert look(payment) == "captured"
    assert sums(HOLD, CLEARING) == [3_800_00, DUE]


def test_a_reorganisation_after_capture_opens_one_case_and_undoes_nothing(
    node: Node, ask: Callable[[], Payment]
) -> None:
    payment = ask()
    txid = node.pay(payment.processor_ref, DUE)
    rival = node.spend_elsewhere(txid)
    node.mine()
    assert look(payment) == "captured"
    node.forget_block()
    node.mine_only(rival)
    node.mine()
    for minutes in (2, 4):
        with shifted(minutes=minutes):
            assert look(payment) == "captured"
    [case] = Case.objects.all()
    assert (case.kind, case.ref) == (Case.Kind.REVERSED, payment.processor_ref)
    Case.objects.update(closed_at=now())
    with shifted(minutes=6):
        look(payment)
    assert Case.objects.count() == 1
    assert sums(HOLD, CLEARING) == [3_800_00, DUE]


def test_cancelling_does_not_lose_coins_that_are_on_their_way(node: Node, ask: Callable[[], Payment]) -> None:
    payment = ask()
    node.pay(payment.processor_ref, DUE)
    close_payment(payment, why="the buyer went away")
    work()
    payment.refresh_from_db()
    assert payment.state == "seen"
    node.mine()
    assert look(payment) == "captured"


def test_an_unreachable_node_leaves_the_payment_and_the_create_waiting(
    node: Node, ask: Callable[[], Payment], settings: Settings
) -> None:
    payment = ask()
    node.pay(payment.processor_ref, DUE)
    there = settings.PROCESSORS
    away = {**there["bitcoin"], "url": f"http://u:p@127.0.0.1:{free_port()}"}
    settings.PROCESSORS = {"bitcoin": away}
    assert look(payment) == "action"
    Payment.objects.filter(pk=payment.pk).update(ref="other")
    waiting = ask()
    operation = Operation.objects.get(subject=waiting.pk)
    assert (waiting.state, operation.state) == ("created", "ready")
    assert "did not answer" in operation.error
    settings.PROCESSORS = there
    assert look(payment) == "seen"
    with shifted(minutes=1):
        work()
    waiting.refresh_from_db()
    assert waiting.state == "action"
    node.mine()


def test_the_demo_mines_a_block_while_it_polls(node: Node, ask: Callable[[], Payment], settings: Settings) -> None:
    payment = ask()
    node.pay(payment.processor_ref, DUE)
    settings.DEMO = True
    with shifted(minutes=2):
        assert look(payment) == "captured"
