"""USDC on an EVM test node against `clearing:erc20`: every event of our addresses, and what they have together."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from fx.money import Money
from marketplace.lib.clock import shifted
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import post
from payments.models import Payment, ReconItem, ReconRun, StatementLine
from payments.processors import registry
from payments.processors.erc20 import Erc20
from payments.reconciliation.run import reconcile
from tests.evm import Anvil
from tests.orders.world import broken
from tests.payments.coins import held
from tests.payments.dollars import DEMO, account, asked

pytestmark = [pytest.mark.evm, pytest.mark.django_db]
DUE = 40_000_000


@pytest.fixture(scope="module")
def token(anvil: Anvil) -> str:
    return anvil.deploy("Honest", 6)


@pytest.fixture
def usdc(anvil: Anvil, token: str, settings: Settings) -> Erc20:
    config = {**DEMO, "xpub": account(), "source": "node", "url": anvil.url, "contract": token}
    settings.PROCESSORS = {"erc20": config}
    made = registry.get("erc20")
    assert isinstance(made, Erc20)
    return made


def run(hours: int = 7) -> ReconRun:
    with shifted(hours=hours):
        return reconcile("erc20")


def paid(anvil: Anvil, token: str, usdc: Erc20) -> Payment:
    payment = held(asked(usdc, DUE))
    anvil.pay(token, payment.processor_ref, DUE)
    anvil.settle()
    return payment


def send_from(anvil: Anvil, token: str, address: str, minor: int) -> str:
    """What the holder of the key does; the node lends us the address."""
    rpc, before = anvil.rpc, anvil.buyer
    rpc.call("anvil_impersonateAccount", address)
    rpc.call("anvil_setBalance", address, hex(10**18))
    thief = Anvil(anvil.url, rpc, address)
    txid = thief.send(token, "transfer(address,uint256)", before, minor)
    anvil.settle()
    return txid


def test_what_the_watch_missed_is_missing_here_and_healed(anvil: Anvil, token: str, usdc: Erc20) -> None:
    payment = paid(anvil, token, usdc)
    found = run()
    payment.refresh_from_db()
    total = found.sums.get()
    assert (payment.received_minor, balance(codes.clearing("erc20", "USDC")).amount) == (DUE, DUE)
    assert (found.healed, found.open_items, found.explained_bps) == (1, 0, 10_000)
    assert (total.theirs_minor, total.ours_minor, total.reported_minor) == (DUE, DUE, DUE)
    assert not {"X02", "X03", "G07"} & set(broken())


def test_what_left_without_a_word_is_missing_here(anvil: Anvil, token: str, usdc: Erc20) -> None:
    payment = paid(anvil, token, usdc)
    run()
    txid = send_from(anvil, token, payment.processor_ref, 15_000_000)
    found = run(14)
    item = ReconItem.objects.get()
    assert (item.kind, item.ref, item.difference) == ("missing_here", txid, Money(-15_000_000, "USDC"))
    assert StatementLine.objects.get(kind="sent").fee_minor == 0  # paid in the chain's own coin
    total = found.sums.get()
    assert (total.theirs_minor, total.reported_minor) == (DUE - 15_000_000, DUE - 15_000_000)


def test_what_is_only_in_the_books_is_missing_there(anvil: Anvil, token: str, usdc: Erc20) -> None:
    paid(anvil, token, usdc)
    run()
    post("ghost", "test", "", [(codes.clearing("erc20", "USDC"), 7), (codes.suspense("erc20", "USDC"), -7)])
    run(14)
    item = ReconItem.objects.get()
    assert (item.kind, item.ref, item.difference) == ("missing_there", "ghost", Money(-7, "USDC"))


def test_another_amount_is_different(anvil: Anvil, token: str, usdc: Erc20) -> None:
    payment = paid(anvil, token, usdc)
    run()
    more = [(codes.clearing("erc20", "USDC"), 9), (codes.suspense("erc20", "USDC"), -9)]
    post(f"more:{payment.pk}:1", "more", payment.ref, more)
    run(14)
    item = ReconItem.objects.get()
    assert (item.kind, item.ref, item.difference) == ("differs", payment.processor_ref, Money(-9, "USDC"))


def test_what_is_not_final_is_on_neither_side(anvil: Anvil, token: str, usdc: Erc20) -> None:
    payment = held(asked(usdc, DUE))
    anvil.pay(token, payment.processor_ref, DUE)
    assert run(0).counted == 0
    anvil.settle()
    assert run(0).counted == 1
