"""Bitcoin on a real node: everything that a chain does to a payment."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from embit import bip32

from fx.money import Money
from marketplace.lib.clock import shifted
from payments.chain import playmoney
from payments.chain.core import Core
from payments.chain.rpc import Rpc
from payments.chain.watch import watch
from payments.models import ChainReceipt, Payment
from payments.processors.base import Outcome, ProcessorError, Refused, Unavailable, Update
from payments.processors.bitcoin import Bitcoin
from tests.payments.coins import DEMO, account, asked
from tests.regtest import Node, free_port

pytestmark = [pytest.mark.regtest, pytest.mark.django_db]
DUE = 100_000  # satoshi
accounts = itertools.count(100)  # one for each test: the database forgets after it, the chain does not


@pytest.fixture
def bitcoin(node: Node) -> Bitcoin:
    return at(node, account(next(accounts)))


def at(node: Node, key: bip32.HDKey, **config: str) -> Bitcoin:
    public = key.to_public().to_base58()
    wallet = f"watch-{key.fingerprint.hex()}-{key.child_number}"
    return Bitcoin({**DEMO, "xpub": public, "source": "core", "url": node.url, "wallet": wallet, **config})


def truth(bitcoin: Bitcoin, payment: Payment) -> tuple[Outcome, int]:
    """What the chain says now, and how much of it is deep enough."""
    update = bitcoin.fetch(payment.processor_ref)
    assert update is not None
    assert update.amount is not None
    return update.outcome, update.amount.amount


def news(bitcoin: Bitcoin, payment: Payment) -> list[Update]:
    return [update for update in watch(bitcoin) if update.ref == payment.processor_ref]


def receipts(payment: Payment) -> list[tuple[str, int, int]]:
    rows = ChainReceipt.objects.filter(address__payment=payment).order_by("id")
    return [(row.state, row.amount_minor, row.depth) for row in rows]


def test_an_exact_payment_is_seen_then_confirmed_as_deep_as_its_value_asks(node: Node, bitcoin: Bitcoin) -> None:
    payment = asked(bitcoin, DUE, cents=500_00)  # two blocks
    assert truth(bitcoin, payment) == (Outcome.ACTION, 0)
    node.pay(payment.processor_ref, DUE)
    assert truth(bitcoin, payment) == (Outcome.SEEN, 0)
    node.mine()
    assert truth(bitcoin, payment) == (Outcome.SEEN, 0)
    node.mine()
    assert truth(bitcoin, payment) == (Outcome.SUCCEEDED, DUE)


def test_the_receipt_is_stored_and_grows_deeper(node: Node, bitcoin: Bitcoin) -> None:
    payment = asked(bitcoin, DUE, cents=500_00)
    node.pay(payment.processor_ref, DUE)
    watch(bitcoin)
    assert receipts(payment) == [("seen", DUE, 0)]
    node.mine()
    watch(bitcoin)
    assert receipts(payment) == [("mined", DUE, 1)]
    node.mine()
    watch(bitcoin)
    assert receipts(payment) == [("final", DUE, 2)]


def test_a_top_up_completes_an_underpayment(node: Node, bitcoin: Bitcoin) -> None:
    payment = asked(bitcoin, DUE)
    node.pay(payment.processor_ref, 60_000)
    assert truth(bitcoin, payment) == (Outcome.PARTIAL, 0)
    node.mine()
    assert truth(bitcoin, payment) == (Outcome.PARTIAL, 60_000)
    node.pay(payment.processor_ref, 40_000)
    assert truth(bitcoin, payment) == (Outcome.SEEN, 60_000)
    node.mine()
    assert truth(bitcoin, payment) == (Outcome.SUCCEEDED, DUE)


def test_an_underpayment_expires_with_what_arrived(node: Node, bitcoin: Bitcoin) -> None:
    payment = asked(bitcoin, DUE)
    node.pay(payment.processor_ref, 60_000)
    node.mine()
    with shifted(minutes=16):
        assert truth(bitcoin, payment) == (Outcome.EXPIRED, 60_000)


def test_funds_seen_in_time_are_waited_for_after_expiry(node: Node, bitcoin: Bitcoin) -> None:
    payment = asked(bitcoin, DUE)
    node.pay(payment.processor_ref, DUE)
    with shifted(minutes=16):
        assert truth(bitcoin, payment) == (Outcome.SEEN, 0)
        node.mine()
        assert truth(bitcoin, payment) == (Outcome.SUCCEEDED, DUE)


def test_an_overpayment_is_reported_whole(node: Node, bitcoin: Bitcoin) -> None:
    payment = asked(bitcoin, DUE)
    node.pay(payment.processor_ref, 130_000)
    node.mine()
    assert truth(bitcoin, payment) == (Outcome.SUCCEEDED, 130_000)


def test_late_money_is_noticed_on_an_expired_payment(node: Node, bitcoin: Bitcoin) -> None:
    payment = asked(bitcoin, DUE)
    payment.state = Payment.State.EXPIRED
    payment.save()
    with shifted(minutes=20):
        assert news(bitcoin, payment) == []
        node.pay(payment.processor_ref, DUE)
    with shifted(minutes=22):
        assert news(bitcoin, payment) == []  # not before it is confirmed
        node.mine()
    with shifted(minutes=24):
        [update] = news(bitcoin, payment)
    assert (update.outcome, update.amount) == (Outcome.SUCCEEDED, Money(DUE, "BTC"))


def test_a_replacement_with_a_higher_fee_counts_once(node: Node, bitcoin: Bitcoin) -> None:
    payment = asked(bitcoin, DUE)
    first = node.pay(payment.processor_ref, DUE)
    watch(bitcoin)
    second = node.bump(first)
    assert second != first
    assert truth(bitcoin, payment) == (Outcome.SEEN, 0)
    node.mine()
    assert truth(bitcoin, payment) == (Outcome.SUCCEEDED, DUE)
    watch(bitcoin)
    assert sorted(receipts(payment)) == [("final", DUE, 1), ("gone", DUE, 0)]


def test_a_double_spend_leaves_nothing(node: Node, bitcoin: Bitcoin) -> None:
    payment = asked(bitcoin, DUE)
    txid = node.pay(payment.processor_ref, DUE)
    watch(bitcoin)
    node.rpc.call("sendrawtransaction", node.spend_elsewhere(txid), 0)
    assert truth(bitcoin, payment) == (Outcome.ACTION, 0)
    node.mine()
    assert truth(bitcoin, payment) == (Outcome.ACTION, 0)
    watch(bitcoin)
    assert receipts(payment) == [("gone", DUE, 0)]


def test_a_reorganisation_takes_the_payment_back_until_it_is_mined_again(node: Node, bitcoin: Bitcoin) -> None:
    payment = asked(bitcoin, DUE)
    node.pay(payment.processor_ref, DUE)
    node.mine()
    assert truth(bitcoin, payment) == (Outcome.SUCCEEDED, DUE)
    node.forget_block()
    assert truth(bitcoin, payment) == (Outcome.SEEN, 0)
    node.mine_only()
    assert truth(bitcoin, payment) == (Outcome.SEEN, 0)
    node.mine()
    assert truth(bitcoin, payment) == (Outcome.SUCCEEDED, DUE)


def test_a_captured_payment_that_a_reorganisation_undoes_is_reported_reversed(node: Node, bitcoin: Bitcoin) -> None:
    payment = asked(bitcoin, DUE)
    txid = node.pay(payment.processor_ref, DUE)
    rival = node.spend_elsewhere(txid)
    node.mine()
    payment.state, payment.received_minor = Payment.State.CAPTURED, DUE
    payment.save()
    assert news(bitcoin, payment) == []
    node.forget_block()
    node.mine_only(rival)
    node.mine()
    with shifted(minutes=2):
        [update] = news(bitcoin, payment)
    assert (update.outcome, update.amount) == (Outcome.REVERSED, Money(0, "BTC"))
    payment.refresh_from_db()
    assert payment.state == Payment.State.CAPTURED  # nothing is undone by itself


def test_cancel_is_confirmed_only_while_no_coin_was_seen(node: Node, bitcoin: Bitcoin) -> None:
    empty, paid = asked(bitcoin, DUE), asked(bitcoin, DUE)
    node.pay(paid.processor_ref, DUE)
    assert bitcoin.cancel("c1", empty.processor_ref).outcome == Outcome.CANCELED
    assert bitcoin.cancel("c2", paid.processor_ref).outcome == Outcome.SEEN
    node.mine()


def test_an_unreachable_node_changes_nothing(node: Node, bitcoin: Bitcoin) -> None:
    payment = asked(bitcoin, DUE)
    node.pay(payment.processor_ref, DUE)
    watch(bitcoin)
    before = list(ChainReceipt.objects.values())
    away = Bitcoin({**DEMO, "source": "core", "url": f"http://u:p@127.0.0.1:{free_port()}"})
    with pytest.raises(Unavailable, match="did not answer"):
        watch(away)
    with pytest.raises(Unavailable):
        asked(away, DUE)
    assert list(ChainReceipt.objects.values()) == before
    node.mine()


def test_a_node_of_another_network_is_refused(node: Node, bitcoin: Bitcoin) -> None:
    wrong = Core(url=node.url, wallet="w", network="main", descriptor=bitcoin.account.descriptor)
    with pytest.raises(Refused, match="regtest network, BITCOIN_NETWORK is main"):
        wrong.tip()


def test_a_wrong_password_is_refused_and_not_repeated(node: Node) -> None:
    with pytest.raises(Refused, match="BITCOIN_URL") as refused:
        Rpc(node.url.replace("entrepot:", "entrepot:wrong-")).call("getblockcount")
    assert "wrong-" not in str(refused.value)


def test_an_unloaded_wallet_is_opened_again(node: Node, bitcoin: Bitcoin) -> None:
    payment = asked(bitcoin, DUE)
    node.pay(payment.processor_ref, DUE)
    node.rpc.call("unloadwallet", bitcoin.config["wallet"])
    assert truth(bitcoin, payment) == (Outcome.SEEN, 0)
    node.mine()


@pytest.mark.parametrize("wallet", ["new", "unloaded"])
def test_a_wallet_that_others_open_at_the_same_moment_is_waited_for_never_refused(node: Node, wallet: str) -> None:
    key = account(next(accounts))
    if wallet == "unloaded":
        assert prepared(at(node, key), 0) == "prepared"
        node.rpc.call("unloadwallet", at(node, key).config["wallet"])
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda index: prepared(at(node, key), index), range(6)))
    assert set(answers) <= {"prepared", "Unavailable"}
    assert prepared(at(node, key), 6) == "prepared"


def prepared(bitcoin: Bitcoin, index: int) -> str:
    """How a first buyer fares, whose address is the one of that number."""
    assert isinstance(bitcoin.source, Core)
    try:
        bitcoin.source.prepare(index)
    except ProcessorError as error:
        return type(error).__name__
    return "prepared"


def test_a_lost_wallet_is_made_again_and_finds_older_payments(node: Node) -> None:
    key = account(next(accounts))
    first = at(node, key)
    asked(first, DUE)
    payment = asked(first, DUE)
    node.pay(payment.processor_ref, DUE)
    node.mine()
    assert truth(at(node, key, wallet="made-again"), payment) == (Outcome.SUCCEEDED, DUE)


def test_addresses_beyond_the_first_thousand_are_watched(node: Node, bitcoin: Bitcoin) -> None:
    assert isinstance(bitcoin.source, Core)
    index = 2500
    address = bitcoin.account.address(index)
    tip = bitcoin.source.tip()
    bitcoin.source.prepare(index)
    node.pay(address, DUE)
    [receipt] = bitcoin.source.receipts([address], since=tip.height, tip=tip)
    assert (receipt.amount_minor, receipt.height, receipt.replaceable) == (DUE, None, True)
    node.mine()


def test_coins_that_the_operator_moved_on_stay_received(node: Node) -> None:
    key = account(next(accounts))
    bitcoin = at(node, key)
    payment = asked(bitcoin, DUE)
    node.pay(payment.processor_ref, DUE)
    node.mine()
    sweep(node, f"wpkh({key.to_base58()}/0/*)")
    assert truth(bitcoin, payment) == (Outcome.SUCCEEDED, DUE)


def sweep(node: Node, descriptor: str) -> None:
    """What the operator does with the private key, far from our server."""
    node.rpc.named("createwallet", {"wallet_name": "operator", "blank": True})
    checked = node.rpc.call("getdescriptorinfo", descriptor)
    request = {"desc": f"{descriptor}#{checked['checksum']}", "range": [0, 10], "timestamp": 0}
    node.rpc.call("importdescriptors", [request], wallet="operator", timeout=60)
    target = node.buyer.call("getnewaddress", "", "bech32")
    options = {"recipients": [target], "fee_rate": 2}
    assert node.rpc.named("sendall", options, wallet="operator")["complete"]
    node.mine()


def test_the_demo_pays_from_its_own_purse_and_mines(node: Node, bitcoin: Bitcoin) -> None:
    payment = asked(bitcoin, DUE)
    playmoney.tick(bitcoin)
    playmoney.send(bitcoin, payment.processor_ref, payment.amount)
    assert truth(bitcoin, payment) == (Outcome.SEEN, 0)
    height = node.rpc.call("getblockcount")
    with shifted(seconds=60):
        playmoney.tick(bitcoin)
    assert node.rpc.call("getblockcount") == height + 1
    assert truth(bitcoin, payment) == (Outcome.SUCCEEDED, DUE)
