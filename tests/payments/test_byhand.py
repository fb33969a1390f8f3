"""What a person sends in USDC is looked up on the chain before it counts: refunds and payouts, on an EVM test node."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from pytest_django import Settings

from fx.money import Money
from fx.services import refresh_rates
from marketplace.lib.clock import now, shifted
from marketplace.models import User
from payments import machine
from payments.chain import watch
from payments.errors import PayoutRefused, RefundRefused
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.ledger.posting import post
from payments.models import Case, Operation, Payment, Payout, Refund
from payments.payouts.life import approve_payout, request_payout
from payments.payouts.methods import add_payout_method
from payments.processors import registry
from payments.processors.erc20 import Erc20
from payments.services import LineDraft, confirm_payout, give_refund_address, payout_sent_by_hand, sent_by_hand
from tests.conftest import ClientFor
from tests.evm import Anvil
from tests.payments.conftest import Open, work
from tests.payments.dollars import DEMO, account
from tests.payments.test_admin import staff
from tests.payments.test_payouts import payable
from tests.regtest import free_port

pytestmark = [pytest.mark.evm, pytest.mark.django_db]
DUE = 40_000_000
WALLET = "0x9858EfFD232B4033E47d90003D41EC34EcaEda94"
OTHER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
CLEARING, SUSPENSE = codes.clearing("erc20", "USDC"), codes.suspense("erc20", "USDC")
INR = Money(239_100, "INR")


@pytest.fixture(scope="module")
def token(anvil: Anvil) -> str:
    return anvil.deploy("Honest", 6)


@pytest.fixture
def usdc(anvil: Anvil, token: str, far: object, settings: Settings) -> Erc20:
    made = {**DEMO, "xpub": account(), "source": "node", "url": anvil.url, "contract": token}
    settings.PROCESSORS = {"erc20": made}
    processor = registry.get("erc20")
    assert isinstance(processor, Erc20)
    return processor


@pytest.fixture
def refund(anvil: Anvil, usdc: Erc20, opened: Open, alice: User) -> Refund:
    """Bob paid 40 USDC too late and said where they should go back."""
    line = LineDraft("A1", "goods", alice, codes.hold("A1", "INR"), Money(3_800_00, "INR"), Money(DUE, "USDC"))
    payment = opened([line], processor="erc20", amount=Money(40_00, "EUR"))
    work()
    payment.refresh_from_db()
    with shifted(minutes=16):
        look()
        anvil.pay(usdc.contract, payment.processor_ref, DUE)
        anvil.settle()
    with shifted(minutes=20):
        look()
    Refund.objects.update(created_at=now())  # the chain's clock was never moved
    return give_refund_address(Refund.objects.get(payment=payment), destination=WALLET)


def look() -> None:
    for slug, update in watch.poll():
        machine.apply(update, processor=slug)


def state(refund: Refund) -> str:
    refund.refresh_from_db()
    return refund.state


def test_a_refund_counts_as_sent_once_it_is_seen_and_as_done_once_it_is_final(
    anvil: Anvil, usdc: Erc20, refund: Refund, finance: User
) -> None:
    assert sums() == [DUE, DUE]
    txid = anvil.pay(usdc.contract, WALLET, DUE)
    sent_by_hand(refund, by=finance, reference=f" {txid.upper().replace('0X', '0x')} ")
    assert (state(refund), refund.processor_ref) == ("sent", txid)
    assert sums() == [0, 0]
    work()
    assert state(refund) == "sent"
    anvil.settle()
    with shifted(seconds=61):
        work()
    assert state(refund) == "succeeded"
    assert Payment.objects.get().state == Payment.State.RETURNED
    assert sums() == [0, 0]


def sums() -> list[int]:
    assert trial_balance() == {}
    return [balance(code).amount for code in (CLEARING, SUSPENSE)]


def test_what_is_final_already_is_done_at_once(anvil: Anvil, usdc: Erc20, refund: Refund, finance: User) -> None:
    txid = anvil.pay(usdc.contract, WALLET, DUE)
    anvil.settle()
    change = sent_by_hand(refund, by=finance, reference=txid)
    assert change is not None
    assert change.now == Payment.State.RETURNED
    assert state(refund) == "succeeded"
    assert not Operation.objects.filter(kind=Operation.Kind.FETCH).exists()


def test_what_is_something_else_is_refused_and_nothing_moves(
    anvil: Anvil, usdc: Erc20, refund: Refund, finance: User
) -> None:
    splitter = anvil.deploy("Splitter")
    anvil.pay(usdc.contract, splitter, DUE)
    failed = anvil.send(splitter, "payThenFail(address,address,uint256)", usdc.contract, WALLET, DUE)
    strange = anvil.pay(anvil.deploy("Honest", 6), WALLET, DUE)
    wrong = {
        "": "is no transaction id",
        "SEPA 1": "is no transaction id",
        "0x" + "ab" * 32: "Nothing is known of 0xabab",
        failed: "failed on the chain",
        strange: "sends no USDC of",
        anvil.pay(usdc.contract, OTHER, DUE): f"sends no USDC of .* to {WALLET}",
        anvil.pay(usdc.contract, WALLET, DUE - 1): r"sends 39\.999999 USDC to .*, not 40\.000000 USDC",
        anvil.pay(usdc.contract, WALLET, DUE + 1): r"sends 40\.000001 USDC to .*, not 40\.000000 USDC",
    }
    anvil.settle()
    for reference, says in wrong.items():
        with pytest.raises(RefundRefused, match=says):
            sent_by_hand(refund, by=finance, reference=reference)
    assert (state(refund), refund.processor_ref) == ("requested", "")
    assert sums() == [DUE, DUE]


def test_a_transaction_from_before_the_refund_is_not_its_refund(
    anvil: Anvil, usdc: Erc20, refund: Refund, finance: User
) -> None:
    txid = anvil.pay(usdc.contract, WALLET, DUE)
    anvil.settle()
    refund.created_at += dt.timedelta(minutes=5)
    refund.save()
    with pytest.raises(RefundRefused, match="is older than what it should pay"):
        sent_by_hand(refund, by=finance, reference=txid)


def test_while_the_node_is_away_nothing_is_believed(
    anvil: Anvil, usdc: Erc20, refund: Refund, finance: User, settings: Settings
) -> None:
    txid = anvil.pay(usdc.contract, WALLET, DUE)
    anvil.settle()
    there = settings.PROCESSORS
    settings.PROCESSORS = {"erc20": {**there["erc20"], "url": f"http://127.0.0.1:{free_port()}"}}
    with pytest.raises(RefundRefused, match="did not answer"):
        sent_by_hand(refund, by=finance, reference=txid)
    assert sums() == [DUE, DUE]
    settings.PROCESSORS = there
    sent_by_hand(refund, by=finance, reference=txid)
    assert state(refund) == "succeeded"


def test_a_refund_that_a_reorganisation_drops_fails_after_a_day_and_can_be_sent_again(
    anvil: Anvil, usdc: Erc20, refund: Refund, finance: User
) -> None:
    txid = anvil.pay(usdc.contract, WALLET, DUE)
    sent_by_hand(refund, by=finance, reference=txid)
    anvil.forget(1)
    work()
    for hours in (1, 12):
        with shifted(hours=hours):
            work()
        assert state(refund) == "sent"  # it may come again: nothing is repeated
    with shifted(hours=24):
        work()
    assert state(refund) == "failed"
    assert "Look at your wallet before you send it again." in refund.problem
    assert Case.objects.filter(kind=Case.Kind.REFUSED).exists()
    assert sums() == [DUE, DUE]
    again = anvil.pay(usdc.contract, WALLET, DUE)
    anvil.settle()
    sent_by_hand(refund, by=finance, reference=again)
    assert (state(refund), refund.attempt) == ("succeeded", 2)
    assert sums() == [0, 0]


def test_one_transaction_is_not_two_refunds(anvil: Anvil, usdc: Erc20, refund: Refund, finance: User) -> None:
    txid = anvil.pay(usdc.contract, WALLET, DUE)
    anvil.settle()
    sent_by_hand(refund, by=finance, reference=txid)
    Payment.objects.update(received_minor=2 * DUE)  # as if twice as much had come
    owed = {"payment": refund.payment, "currency": "USDC", "amount_minor": DUE, "reason": "rest"}
    other = Refund.objects.create(ref="", state=Refund.State.NEEDS_ADDRESS, **owed)
    other = give_refund_address(other, destination=WALLET)
    with pytest.raises(RefundRefused, match="is the reference of another refund"):
        sent_by_hand(other, by=finance, reference=txid.upper().replace("0X", "0x"))


def test_staff_read_on_the_page_what_is_wrong(
    anvil: Anvil, usdc: Erc20, refund: Refund, finance: User, client_for: ClientFor
) -> None:
    client = staff(finance, "finance", client_for)
    page = reverse("admin:payments_refund_by_hand", args=[refund.pk])
    answer = client.post(page, {"reference": "0x" + "ab" * 32}, follow=True)
    assert "Nothing is known of 0xabab" in answer.content.decode()
    assert state(refund) == "requested"
    txid = anvil.pay(usdc.contract, WALLET, DUE)
    anvil.settle()
    client.post(page, {"reference": txid})
    assert state(refund) == "succeeded"


# --- payouts ---------------------------------------------------------------------------------------


@pytest.fixture
def payout(anvil: Anvil, usdc: Erc20, alice: User, finance: User) -> Payout:
    """Alice gets her rupees in USDC; finance approved it."""
    refresh_rates()
    post("dollars", "fill", "", [(CLEARING, 100_000_000), (codes.fx("USDC"), -100_000_000)])
    add_payout_method(seller=alice, currency="INR", by=alice, kind="erc20", destination=WALLET)
    payable(alice, INR)
    return approve_payout(request_payout(seller=alice, currency="INR", by=alice), by=finance)


def test_a_payout_is_sent_when_the_chain_has_it_and_paid_when_it_is_final(
    anvil: Anvil, usdc: Erc20, payout: Payout, finance: User, admin: User
) -> None:
    short = anvil.pay(usdc.contract, WALLET, payout.sends.amount - 1)
    for wrong, says in ((short, "not 25."), ("0x" + "ab" * 32, "Nothing is known")):
        with pytest.raises(PayoutRefused, match=says):
            payout_sent_by_hand(payout, by=finance, transaction_id=wrong)
    txid = anvil.pay(usdc.contract, WALLET, payout.sends.amount)
    sent = payout_sent_by_hand(payout, by=finance, transaction_id=txid)
    assert (sent.state, sent.bank_reference) == ("sent", txid)
    with pytest.raises(PayoutRefused, match="is in a block that is not final yet"):
        confirm_payout(payout, by=admin, bank_reference=txid)
    anvil.settle()
    assert confirm_payout(payout, by=admin, bank_reference=txid).state == "paid"
    assert balance(CLEARING) == Money(100_000_000, "USDC") - payout.sends
    assert trial_balance() == {}
