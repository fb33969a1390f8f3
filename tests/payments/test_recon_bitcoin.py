"""Bitcoin on a real node against `clearing:bitcoin`: every coin on the account's addresses, and the network's fees."""

from __future__ import annotations

import itertools

import pytest
from embit import bip32
from pytest_django import Settings

from fx.money import Money
from marketplace.lib.clock import shifted
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import post
from payments.machine import apply
from payments.models import Payment, ReconItem, ReconRun, StatementLine
from payments.processors import registry
from payments.processors.bitcoin import Bitcoin
from payments.reconciliation.run import reconcile
from tests.orders.world import broken
from tests.payments.coins import DEMO, account, asked, held
from tests.regtest import Node

pytestmark = [pytest.mark.regtest, pytest.mark.django_db]
DUE = 100_000
accounts = itertools.count(1100)  # no other file uses them: the chain is one for all


@pytest.fixture
def key() -> bip32.HDKey:
    return account(next(accounts))


@pytest.fixture
def bitcoin(node: Node, key: bip32.HDKey, settings: Settings) -> Bitcoin:
    wallet = f"watch-{key.fingerprint.hex()}-{key.child_number}"
    config = {**DEMO, "xpub": key.to_public().to_base58(), "source": "core", "url": node.url, "wallet": wallet}
    settings.PROCESSORS = {"bitcoin": config}
    made = registry.get("bitcoin")
    assert isinstance(made, Bitcoin)
    return made


def run(hours: int = 7) -> ReconRun:
    with shifted(hours=hours):
        return reconcile("bitcoin")


def clearing() -> int:
    return balance(codes.clearing("bitcoin", "BTC")).amount


def paid(node: Node, bitcoin: Bitcoin, minor: int = DUE) -> Payment:
    """Paid, deep, and nobody has looked."""
    payment = held(asked(bitcoin, DUE))
    node.pay(payment.processor_ref, minor)
    node.mine(6)
    return payment


def spend(node: Node, key: bip32.HDKey, minor: int) -> tuple[str, int]:
    """What the operator's own signer does: sends `minor` to somebody, change to its own branch. Its id and fee."""
    signer = node.rpc
    name = f"signer-{key.child_number}"
    signer.named("createwallet", {"wallet_name": name, "blank": True, "load_on_startup": False})
    private = key.to_base58()
    wanted = []
    for branch, internal in ((0, False), (1, True)):
        desc = signer.call("getdescriptorinfo", f"wpkh({private}/{branch}/*)")
        full = f"wpkh({private}/{branch}/*)#{desc['checksum']}"
        wanted.append({"desc": full, "active": True, "internal": internal, "range": [0, 20], "timestamp": 0})
    results = signer.call("importdescriptors", wanted, wallet=name, timeout=60)
    assert all(result["success"] for result in results)
    to = node.buyer.call("getnewaddress", "", "bech32")
    options = {"address": to, "amount": f"{minor / 10**8:.8f}", "fee_rate": 5}
    txid = str(signer.named("sendtoaddress", options, wallet=name))
    fee = signer.call("gettransaction", txid, wallet=name)["fee"]
    node.mine(6)
    return txid, int(-fee * 10**8)


def test_what_the_watch_missed_is_missing_here_and_healed(node: Node, bitcoin: Bitcoin) -> None:
    payment = paid(node, bitcoin)
    found = run()
    payment.refresh_from_db()
    assert (payment.received_minor, clearing()) == (DUE, DUE)
    total = found.sums.get()
    assert (found.healed, found.open_items, found.explained_bps) == (1, 0, 10_000)
    assert (total.theirs_minor, total.ours_minor, total.reported_minor) == (DUE, DUE, DUE)
    assert not {"X02", "X03", "G07"} & set(broken())


def test_coins_at_an_address_that_nobody_gave_out_wait_for_a_person(node: Node, bitcoin: Bitcoin) -> None:
    held(asked(bitcoin, DUE))
    strange = bitcoin.account.address(17)
    node.pay(strange, 5_000)
    node.mine(6)
    found = run()
    item = ReconItem.objects.get()
    assert (item.kind, item.ref, item.difference) == ("missing_here", strange, Money(5_000, "BTC"))
    assert (found.explained_bps, found.sums.get().reported_minor) == (0, 5_000)


def test_what_is_only_in_the_books_is_missing_there(node: Node, bitcoin: Bitcoin) -> None:
    paid(node, bitcoin)
    run()
    post("ghost", "test", "", [(codes.clearing("bitcoin", "BTC"), 700), (codes.suspense("bitcoin", "BTC"), -700)])
    found = run(14)
    item = ReconItem.objects.get()
    assert (item.kind, item.ref, item.difference) == ("missing_there", "ghost", Money(-700, "BTC"))
    assert 0 < found.explained_bps < 10_000


def test_another_amount_is_different(node: Node, bitcoin: Bitcoin) -> None:
    payment = paid(node, bitcoin)
    run()
    more = [(codes.clearing("bitcoin", "BTC"), 9), (codes.suspense("bitcoin", "BTC"), -9)]
    post(f"more:{payment.pk}:1", "more", payment.ref, more)
    run(14)
    item = ReconItem.objects.get()
    assert (item.kind, item.ref, item.ours_minor, item.theirs_minor) == (
        "differs",
        payment.processor_ref,
        DUE + 9,
        DUE,
    )


def test_the_networks_fee_of_what_a_person_sent_is_booked_and_the_change_is_ours(
    node: Node, bitcoin: Bitcoin, key: bip32.HDKey
) -> None:
    paid(node, bitcoin)
    run()
    txid, fee = spend(node, key, 60_000)
    found = run(14)
    line = StatementLine.objects.get(kind="sent")
    assert (line.ref, line.amount_minor, line.fee_minor) == (txid, -60_000, fee)
    assert balance(codes.expense("bitcoin", "BTC")) == Money(fee, "BTC")
    item = ReconItem.objects.get()  # nobody has said what it was for
    assert (item.kind, item.ref, item.ours_minor) == ("differs", txid, -fee)  # but the fee
    assert item.difference == Money(-60_000, "BTC")
    total = found.sums.get()
    assert (total.theirs_minor, total.reported_minor) == (DUE - 60_000 - fee, DUE - 60_000 - fee)
    assert "X03" not in broken()


def test_what_is_not_deep_yet_is_on_neither_side(node: Node, bitcoin: Bitcoin) -> None:
    payment = held(asked(bitcoin, DUE))
    node.pay(payment.processor_ref, DUE)
    assert run(0).counted == 0
    node.mine(5)
    assert run(0).counted == 0
    update = bitcoin.fetch(payment.processor_ref)
    assert update is not None
    apply(update, processor="bitcoin")
    found = run(0)
    total = found.sums.get()
    assert (found.open_items, total.young_minor, total.theirs_minor) == (0, -DUE, 0)
    node.mine(1)
    assert run(0).sums.get().young_minor == 0
