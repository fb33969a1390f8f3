"""Payments in USDC through the whole core on an EVM test node: operation, look, apply, books."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django import Settings

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
from payments.processors.erc20 import Erc20
from payments.services import LineDraft, close_payment
from tests.evm import Anvil
from tests.payments.conftest import Open, work
from tests.payments.dollars import DEMO, account
from tests.regtest import free_port

pytestmark = [pytest.mark.evm, pytest.mark.django_db]
DUE = 40_000_000  # 40 USDC, for INR 3,800.00
HOLD, SUSPENSE = codes.hold("A1", "INR"), codes.suspense("erc20", "USDC")
CLEARING = codes.clearing("erc20", "USDC")


@pytest.fixture(scope="module")
def honest(anvil: Anvil) -> str:
    return anvil.deploy("Honest", 6)


@pytest.fixture
def usdc(anvil: Anvil, honest: str, far: object, settings: Settings) -> Erc20:
    return use(settings, anvil, honest)


def use(settings: Settings, anvil: Anvil, token: str, **config: object) -> Erc20:
    made = {**DEMO, "xpub": account(), "source": "node", "url": anvil.url, "contract": token, **config}
    settings.PROCESSORS = {"erc20": made}
    processor = registry.get("erc20")
    assert isinstance(processor, Erc20)
    return processor


@pytest.fixture
def ask(usdc: Erc20, opened: Open, alice: User) -> Callable[[], Payment]:
    """Bob is asked for 40 USDC, and the address is shown to him."""

    def make() -> Payment:
        line = LineDraft("A1", "goods", alice, HOLD, Money(3_800_00, "INR"), Money(DUE, "USDC"))
        payment = opened([line], processor="erc20", amount=Money(40_00, "EUR"))
        work()
        payment.refresh_from_db()
        return payment

    return make


def look(payment: Payment) -> str:
    """What the poll task does; the payment's state after it."""
    for slug, update in watch.poll():
        machine.apply(update, processor=slug)
    payment.refresh_from_db()
    return payment.state


def sums(*accounts: Code) -> list[int]:
    assert trial_balance() == {}
    return [balance(account).amount for account in accounts]


def test_a_payment_is_seen_then_held(anvil: Anvil, honest: str, ask: Callable[[], Payment]) -> None:
    payment = ask()
    assert payment.state == "action"
    assert payment.client["uri"].endswith(f"@31337/transfer?address={payment.processor_ref}&uint256=40000000")
    assert (payment.client["chain_id"], payment.client["contract"].lower()) == (31337, honest)
    anvil.pay(honest, payment.processor_ref, DUE)
    assert look(payment) == "seen"
    assert sums(HOLD, CLEARING) == [0, 0]
    anvil.settle()
    for _ in range(2):
        assert look(payment) == "captured"
        assert sums(HOLD, CLEARING) == [3_800_00, DUE]


def test_a_top_up_completes_what_was_too_little(anvil: Anvil, honest: str, ask: Callable[[], Payment]) -> None:
    payment = ask()
    anvil.pay(honest, payment.processor_ref, 15_000_000)
    assert look(payment) == "partial"
    anvil.pay(honest, payment.processor_ref, 25_000_000)
    assert look(payment) == "seen"
    anvil.settle()
    assert look(payment) == "captured"
    assert sums(HOLD, CLEARING) == [3_800_00, DUE]


def test_too_little_at_expiry_is_set_aside(anvil: Anvil, honest: str, ask: Callable[[], Payment]) -> None:
    payment = ask()
    anvil.pay(honest, payment.processor_ref, 15_000_000)
    anvil.settle()
    assert look(payment) == "partial"
    with shifted(minutes=16):
        assert look(payment) == "underpaid"
    assert sums(HOLD, CLEARING, SUSPENSE) == [0, 15_000_000, 15_000_000]


def test_too_much_is_the_buyers(anvil: Anvil, honest: str, ask: Callable[[], Payment], bob: User) -> None:
    payment = ask()
    anvil.pay(honest, payment.processor_ref, 50_000_000)
    anvil.settle()
    assert look(payment) == "captured"
    assert sums(HOLD, CLEARING, codes.buyer(bob.pk, "USDC")) == [3_800_00, 50_000_000, 10_000_000]


def test_late_money_is_set_aside(anvil: Anvil, honest: str, ask: Callable[[], Payment]) -> None:
    payment = ask()
    with shifted(minutes=16):
        assert look(payment) == "expired"
    anvil.pay(honest, payment.processor_ref, DUE)
    with shifted(minutes=18):
        assert look(payment) == "expired"
    anvil.settle()
    with shifted(minutes=20):
        assert look(payment) == "late"
    assert sums(HOLD, CLEARING, SUSPENSE) == [0, DUE, DUE]


def test_of_a_token_that_keeps_a_share_only_what_arrived_is_booked(
    anvil: Anvil, ask: Callable[[], Payment], settings: Settings
) -> None:
    token = anvil.deploy("TakesFee")
    use(settings, anvil, token)
    payment = ask()
    anvil.pay(token, payment.processor_ref, DUE)
    anvil.settle()
    assert look(payment) == "partial"
    with shifted(minutes=16):
        assert look(payment) == "underpaid"
    assert sums(HOLD, CLEARING, SUSPENSE) == [0, 39_600_000, 39_600_000]
    assert set(Case.objects.values_list("kind", flat=True)) == {Case.Kind.AMOUNT, Case.Kind.OUT_OF_TIME}


def test_of_a_token_that_lies_nothing_is_booked(anvil: Anvil, ask: Callable[[], Payment], settings: Settings) -> None:
    token = anvil.deploy("Lies")
    use(settings, anvil, token)
    payment = ask()
    anvil.pay(token, payment.processor_ref, DUE)
    anvil.settle()
    assert look(payment) == "action"
    with shifted(minutes=16):
        assert look(payment) == "expired"
    assert sums(HOLD, CLEARING, SUSPENSE) == [0, 0, 0]


def test_a_reorganisation_before_it_is_final_takes_the_payment_back_to_waiting(
    anvil: Anvil, honest: str, ask: Callable[[], Payment]
) -> None:
    payment = ask()
    anvil.pay(honest, payment.processor_ref, DUE)
    anvil.mine()
    assert look(payment) == "seen"
    anvil.forget(2)
    assert look(payment) == "action"
    assert sums(HOLD, CLEARING) == [0, 0]
    anvil.pay(honest, payment.processor_ref, DUE)
    anvil.settle()
    assert look(payment) == "captured"
    assert sums(HOLD, CLEARING) == [3_800_00, DUE]


def test_a_reorganisation_after_capture_opens_one_case_and_undoes_nothing(
    anvil: Anvil, honest: str, ask: Callable[[], Payment]
) -> None:
    payment = ask()
    anvil.pay(honest, payment.processor_ref, DUE)
    anvil.settle()
    assert look(payment) == "captured"
    anvil.forget(5)
    for minutes in (2, 4):
        with shifted(minutes=minutes):
            assert look(payment) == "captured"
    [case] = Case.objects.all()
    assert (case.kind, case.ref) == (Case.Kind.REVERSED, payment.processor_ref)
    assert sums(HOLD, CLEARING) == [3_800_00, DUE]


def test_canceling_does_not_lose_money_that_is_on_its_way(
    anvil: Anvil, honest: str, ask: Callable[[], Payment]
) -> None:
    payment = ask()
    anvil.pay(honest, payment.processor_ref, DUE)
    close_payment(payment, why="the buyer went away")
    work()
    payment.refresh_from_db()
    assert payment.state == "seen"
    anvil.settle()
    assert look(payment) == "captured"


@pytest.mark.parametrize(
    ("config", "says"), [({"url": "away"}, "did not answer"), ({"chain_id": 1337}, "Make them one")]
)
def test_a_wrong_node_credits_nothing_and_says_why(
    anvil: Anvil,
    honest: str,
    ask: Callable[[], Payment],
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    config: dict[str, object],
    says: str,
) -> None:
    payment = ask()
    anvil.pay(honest, payment.processor_ref, DUE)
    anvil.settle()
    there = settings.PROCESSORS["erc20"]
    away = f"http://127.0.0.1:{free_port()}"
    settings.PROCESSORS = {"erc20": {**there, **config, "url": away if "url" in config else anvil.url}}
    Payment.objects.filter(pk=payment.pk).update(ref="other")
    waiting = ask()
    operation = Operation.objects.get(subject=waiting.pk)
    assert says in operation.error
    assert waiting.state in {"created", "failed"}  # asked again, or an operator has to look
    assert look(payment) == "action"
    if "url" in config:
        assert says in caplog.text
    assert sums(HOLD, CLEARING) == [0, 0]
    settings.PROCESSORS = {"erc20": there}
    assert look(payment) == "captured"
    assert payment.captured_at is not None
    assert payment.captured_at <= now()
