"""USDC on an EVM test node: everything that a chain and a token do to a payment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from fx.money import Money
from marketplace.lib.clock import shifted
from payments.chain.evm.source import Erc20Source
from payments.chain.watch import watch
from payments.models import Case, ChainAddress, ChainReceipt, Payment
from payments.processors.base import Outcome, Refused, Unavailable, Update
from payments.processors.erc20 import Erc20
from payments.testing import ProcessorContract, Subject
from tests import evm
from tests.evm import Anvil
from tests.payments import coins, dollars
from tests.payments.dollars import DEMO, account, asked
from tests.regtest import free_port

pytestmark = [pytest.mark.evm, pytest.mark.django_db]
DUE = 40_000_000  # 40 USDC


@pytest.fixture(scope="module")
def token(anvil: Anvil) -> str:
    return anvil.deploy("Honest", 6)


@pytest.fixture
def usdc(anvil: Anvil, token: str) -> Erc20:
    return at(anvil, token)


def at(anvil: Anvil, token: str, **config: object) -> Erc20:
    return Erc20({**DEMO, "xpub": account(), "source": "node", "url": anvil.url, "contract": token, **config})


def truth(usdc: Erc20, payment: Payment) -> tuple[Outcome, int]:
    """What the chain says now, and how much of it is final."""
    update = usdc.fetch(payment.processor_ref)
    assert update is not None
    assert update.amount is not None
    return update.outcome, update.amount.amount


def news(usdc: Erc20, payment: Payment) -> list[Update]:
    return [update for update in watch(usdc) if update.ref == payment.processor_ref]


def receipts(payment: Payment) -> list[tuple[str, int, int]]:
    """State, what counts, what was claimed."""
    rows = ChainReceipt.objects.filter(address__payment=payment).order_by("id")
    return [(row.state, row.amount_minor, row.claimed_minor) for row in rows]


def test_an_exact_payment_is_seen_in_its_block_and_counts_when_the_chain_calls_it_final(
    anvil: Anvil, usdc: Erc20, token: str
) -> None:
    payment = asked(usdc, DUE)
    assert truth(usdc, payment) == (Outcome.ACTION, 0)
    anvil.pay(token, payment.processor_ref, DUE)
    assert truth(usdc, payment) == (Outcome.SEEN, 0)
    anvil.mine()
    assert truth(usdc, payment) == (Outcome.SEEN, 0)
    anvil.mine()
    assert truth(usdc, payment) == (Outcome.SUCCEEDED, DUE)


def test_where_the_operator_says_so_depth_decides(anvil: Anvil, token: str) -> None:
    usdc = at(anvil, token, confirmations="4")
    payment = asked(usdc, DUE)
    anvil.pay(token, payment.processor_ref, DUE)
    for _ in range(3):
        assert truth(usdc, payment) == (Outcome.SEEN, 0)
        anvil.mine()
    assert truth(usdc, payment) == (Outcome.SUCCEEDED, DUE)


def test_the_receipt_is_stored_and_becomes_final(anvil: Anvil, usdc: Erc20, token: str) -> None:
    payment = asked(usdc, DUE)
    txid = anvil.pay(token, payment.processor_ref, DUE)
    watch(usdc)
    assert receipts(payment) == [("mined", DUE, DUE)]
    anvil.settle()
    watch(usdc)
    assert receipts(payment) == [("final", DUE, DUE)]
    [stored] = ChainReceipt.objects.all()
    assert (stored.txid, str(stored.amount)) == (txid, "40.000000 USDC")
    assert stored.block_hash == anvil.rpc.call("eth_getTransactionReceipt", txid)["blockHash"]
    assert Case.objects.count() == 0


def test_several_transfers_add_up(anvil: Anvil, usdc: Erc20, token: str) -> None:
    payment = asked(usdc, DUE)
    anvil.pay(token, payment.processor_ref, 15_000_000)
    anvil.settle()
    assert truth(usdc, payment) == (Outcome.PARTIAL, 15_000_000)
    anvil.pay(token, payment.processor_ref, 25_000_000)
    assert truth(usdc, payment) == (Outcome.SEEN, 15_000_000)
    anvil.settle()
    assert truth(usdc, payment) == (Outcome.SUCCEEDED, DUE)


def test_two_transfers_in_one_transaction_are_two_receipts(anvil: Anvil, usdc: Erc20, token: str) -> None:
    first, second = asked(usdc, DUE), asked(usdc, DUE)
    split(anvil, token, [(first, 30_000_000), (first, 10_000_000), (second, 5_000_000)])
    anvil.settle()
    assert truth(usdc, first) == (Outcome.SUCCEEDED, DUE)
    assert truth(usdc, second) == (Outcome.PARTIAL, 5_000_000)
    watch(usdc)
    assert receipts(first) == [("final", 30_000_000, 30_000_000), ("final", 10_000_000, 10_000_000)]
    assert len(set(ChainReceipt.objects.values_list("txid", flat=True))) == 1


def split(anvil: Anvil, token: str, parts: list[tuple[Payment, int]]) -> str:
    splitter = anvil.deploy("Splitter")
    anvil.pay(token, splitter, sum(minor for _, minor in parts))
    to, values = [payment.processor_ref for payment, _ in parts], [minor for _, minor in parts]
    return anvil.send(splitter, "pay(address,address[],uint256[])", token, to, values)


def test_transfers_of_several_buyers_in_one_block_are_kept_apart(anvil: Anvil, usdc: Erc20, token: str) -> None:
    first, second = asked(usdc, DUE), asked(usdc, DUE)
    anvil.automine(False)
    try:
        for payment, minor in ((first, DUE), (second, DUE), (first, 1)):
            anvil.post(token, "transfer(address,uint256)", payment.processor_ref, minor)
        assert truth(usdc, first) == (Outcome.ACTION, 0)  # what waits for a block is not looked at
        anvil.settle()
    finally:
        anvil.automine(True)
    assert (truth(usdc, first), truth(usdc, second)) == ((Outcome.SUCCEEDED, DUE + 1), (Outcome.SUCCEEDED, DUE))


def test_too_little_expires_as_what_came_in(anvil: Anvil, usdc: Erc20, token: str) -> None:
    payment = asked(usdc, DUE)
    anvil.pay(token, payment.processor_ref, DUE // 2)
    anvil.settle()
    with shifted(minutes=16):
        assert truth(usdc, payment) == (Outcome.EXPIRED, DUE // 2)


def test_half_a_percent_may_be_missing(anvil: Anvil, usdc: Erc20, token: str) -> None:
    enough, short = asked(usdc, DUE), asked(usdc, DUE)
    anvil.pay(token, enough.processor_ref, 39_800_000)
    anvil.pay(token, short.processor_ref, 39_799_999)
    anvil.settle()
    assert truth(usdc, enough) == (Outcome.SUCCEEDED, 39_800_000)
    assert truth(usdc, short) == (Outcome.PARTIAL, 39_799_999)


def test_an_overpayment_is_reported_whole(anvil: Anvil, usdc: Erc20, token: str) -> None:
    payment = asked(usdc, DUE)
    anvil.pay(token, payment.processor_ref, 50_000_000)
    anvil.settle()
    assert truth(usdc, payment) == (Outcome.SUCCEEDED, 50_000_000)


def test_late_money_is_noticed_on_an_expired_payment(anvil: Anvil, usdc: Erc20, token: str) -> None:
    payment = asked(usdc, DUE)
    payment.state = Payment.State.EXPIRED
    payment.save()
    with shifted(minutes=20):
        assert news(usdc, payment) == []
    anvil.pay(token, payment.processor_ref, DUE)
    with shifted(minutes=22):
        assert news(usdc, payment) == []  # not before it is final
    anvil.settle()
    with shifted(minutes=24):
        [update] = news(usdc, payment)
    assert (update.outcome, update.amount) == (Outcome.SUCCEEDED, dollars.dollars(DUE))


@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_a_reorganisation_takes_the_payment_back_until_it_is_made_again(
    anvil: Anvil, usdc: Erc20, token: str, blocks: int
) -> None:
    payment = asked(usdc, DUE)
    first = anvil.pay(token, payment.processor_ref, DUE)
    anvil.mine(blocks - 1)
    watch(usdc)
    anvil.forget(blocks)
    assert truth(usdc, payment) == (Outcome.ACTION, 0)
    watch(usdc)
    assert [state for state, *_ in receipts(payment)] == ["gone"]
    again = anvil.pay(token, payment.processor_ref, DUE)
    anvil.settle()
    assert truth(usdc, payment) == (Outcome.SUCCEEDED, DUE)
    watch(usdc)
    # Where the network's price is as before, the very same transaction came back.
    gone = [] if again == first else [("gone", DUE, DUE)]
    assert sorted(receipts(payment)) == [("final", DUE, DUE), *gone]


def test_a_captured_payment_that_a_reorganisation_undoes_is_reported_reversed(
    anvil: Anvil, usdc: Erc20, token: str
) -> None:
    payment = asked(usdc, DUE)
    anvil.pay(token, payment.processor_ref, DUE)
    anvil.settle()
    payment.state, payment.received_minor = Payment.State.CAPTURED, DUE
    payment.save()
    assert news(usdc, payment) == []
    anvil.forget(5)
    with shifted(minutes=2):
        [update] = news(usdc, payment)
    assert (update.outcome, update.amount) == (Outcome.REVERSED, dollars.dollars(0))


def test_a_failed_transaction_is_nothing(anvil: Anvil, usdc: Erc20, token: str) -> None:
    payment = asked(usdc, DUE)
    splitter = anvil.deploy("Splitter")
    anvil.pay(token, splitter, DUE)
    failed = anvil.send(splitter, "payThenFail(address,address,uint256)", token, payment.processor_ref, DUE)
    assert anvil.rpc.call("eth_getTransactionReceipt", failed)["status"] == "0x0"
    anvil.settle()
    assert truth(usdc, payment) == (Outcome.ACTION, 0)


@pytest.mark.parametrize("kind", ["SaysNo", "Honest"])
def test_a_transfer_that_says_no_and_another_contracts_event_are_nothing(
    anvil: Anvil, usdc: Erc20, token: str, kind: str
) -> None:
    """Both succeed on the chain; one without an event, one with that of a token that is not ours."""
    ours = at(anvil, anvil.deploy("SaysNo")) if kind == "SaysNo" else usdc
    other = ours.contract if kind == "SaysNo" else anvil.deploy("Honest", 6)
    payment = asked(ours, DUE)
    sent = anvil.pay(other, payment.processor_ref, DUE)
    assert anvil.rpc.call("eth_getTransactionReceipt", sent)["status"] == "0x1"
    anvil.settle()
    assert truth(ours, payment) == (Outcome.ACTION, 0)
    watch(ours)
    assert receipts(payment) == []


def test_of_a_token_that_keeps_a_share_only_what_arrived_counts_and_a_person_is_told(anvil: Anvil) -> None:
    usdc = at(anvil, anvil.deploy("TakesFee"))
    payment = asked(usdc, DUE)
    anvil.pay(usdc.contract, payment.processor_ref, DUE)
    anvil.settle()
    assert truth(usdc, payment) == (Outcome.PARTIAL, 39_600_000)
    watch(usdc)
    watch(usdc)
    assert receipts(payment) == [("final", 39_600_000, DUE)]
    [case] = Case.objects.all()
    assert (case.kind, case.processor) == (Case.Kind.AMOUNT, "erc20")
    assert (case.detail["says"], case.detail["counts"]) == ("40.000000 USDC", "39.600000 USDC")


def test_of_a_token_that_lies_nothing_counts_and_a_person_is_told(anvil: Anvil) -> None:
    usdc = at(anvil, anvil.deploy("Lies"))
    payment = asked(usdc, DUE)
    anvil.pay(usdc.contract, payment.processor_ref, DUE)
    anvil.settle()
    assert truth(usdc, payment) == (Outcome.ACTION, 0)
    watch(usdc)
    assert receipts(payment) == [("final", 0, DUE)]
    assert [case.kind for case in Case.objects.all()] == [Case.Kind.AMOUNT]


def test_sums_beyond_all_money_do_not_count_and_break_nothing(anvil: Anvil) -> None:
    usdc = at(anvil, anvil.deploy("Boasts"))
    payment = asked(usdc, DUE)
    anvil.pay(usdc.contract, payment.processor_ref, DUE)
    anvil.settle()
    assert truth(usdc, payment) == (Outcome.ACTION, 0)
    watch(usdc)
    assert [amount for _, amount, _ in receipts(payment)] == [0]


def test_a_thousand_grains_of_dust_do_not_disturb_a_payment(anvil: Anvil, usdc: Erc20, token: str) -> None:
    payment, splitter = asked(usdc, DUE), anvil.deploy("Splitter")
    anvil.pay(token, splitter, 1000)
    to, values = [payment.processor_ref] * 1000, [1] * 1000
    dust = anvil.send(splitter, "pay(address,address[],uint256[])", token, to, values, gas=hex(25_000_000))
    assert anvil.mined(dust)["status"] == "0x1"
    assert truth(usdc, payment) == (Outcome.PARTIAL, 0)
    anvil.pay(token, payment.processor_ref, DUE)
    anvil.settle()
    assert truth(usdc, payment) == (Outcome.SUCCEEDED, DUE + 1000)
    watch(usdc)
    assert ChainReceipt.objects.count() == 1001
    assert Case.objects.count() == 0


def test_transfers_of_nothing_are_not_kept(anvil: Anvil, usdc: Erc20, token: str) -> None:
    payment = asked(usdc, DUE)
    anvil.pay(token, payment.processor_ref, 0)  # anybody can: the trick of address poisoning
    anvil.settle()
    watch(usdc)
    assert receipts(payment) == []


def test_coins_that_the_operator_moved_on_stay_received(anvil: Anvil, usdc: Erc20, token: str) -> None:
    payment = asked(usdc, DUE)
    anvil.pay(token, payment.processor_ref, DUE)
    anvil.settle()
    watch(usdc)
    move_on(anvil, token, payment.processor_ref)
    assert truth(usdc, payment) == (Outcome.SUCCEEDED, DUE)


def move_on(anvil: Anvil, token: str, holder: str) -> None:
    """What the operator does with the private key, far from our server."""
    anvil.rpc.call("anvil_impersonateAccount", holder)
    anvil.rpc.call("anvil_setBalance", holder, hex(10**18))
    replace(anvil, buyer=holder).pay(token, anvil.buyer, DUE)
    anvil.rpc.call("anvil_stopImpersonatingAccount", holder)
    anvil.settle()


def test_a_node_that_forgot_the_block_is_believed_while_the_money_is_still_there(
    anvil: Anvil, usdc: Erc20, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node keeps the states of 128 blocks; this one only of the latest."""
    payment = asked(usdc, DUE)
    anvil.pay(token, payment.processor_ref, DUE)
    anvil.settle()
    forgetful(usdc, monkeypatch)
    assert truth(usdc, payment) == (Outcome.SUCCEEDED, DUE)
    move_on(anvil, token, payment.processor_ref)
    assert truth(usdc, payment) == (Outcome.ACTION, 0)  # nothing can be known: nothing counts
    watch(usdc)
    assert receipts(payment) == [("final", 0, DUE)]
    assert Case.objects.get().kind == Case.Kind.AMOUNT


def forgetful(usdc: Erc20, monkeypatch: pytest.MonkeyPatch) -> None:
    source = usdc.source
    assert isinstance(source, Erc20Source)
    ask, balances = source.node.tip, source.token.balances

    def of_the_latest(places: Sequence[tuple[str, int]]) -> list[int | None]:
        latest = ask().height
        return [has if height == latest else None for (_, height), has in zip(places, balances(places), strict=True)]

    monkeypatch.setattr(source.token, "balances", of_the_latest)


def test_cancel_is_confirmed_only_while_nothing_was_seen(anvil: Anvil, usdc: Erc20, token: str) -> None:
    empty, paid = asked(usdc, DUE), asked(usdc, DUE)
    anvil.pay(token, paid.processor_ref, DUE)
    assert usdc.cancel("c1", empty.processor_ref).outcome == Outcome.CANCELED
    assert usdc.cancel("c2", paid.processor_ref).outcome == Outcome.SEEN


# --- the node --------------------------------------------------------------------------------------


def test_a_killed_node_changes_nothing_and_goes_on_where_it_was(tmp_path: Path) -> None:
    port, state = free_port(), ["--state", str(tmp_path / "state.json"), "--state-interval", "1"]
    process, anvil = evm.start(tmp_path, port, *state)
    try:
        usdc = at(anvil, anvil.deploy("Honest", 6))
        payment = asked(usdc, DUE)
        anvil.pay(usdc.contract, payment.processor_ref, DUE)
        watch(usdc)
        before = list(ChainReceipt.objects.values())
        process.terminate()  # it writes its state; a killed one loses what came since
        process.wait(timeout=30)
        with pytest.raises(Unavailable, match="did not answer"):
            watch(usdc)
        with pytest.raises(Unavailable, match="did not answer"):
            asked(usdc, DUE)
        assert list(ChainReceipt.objects.values()) == before
        process, anvil = evm.start(tmp_path, port, *state)
        anvil.settle()
        assert truth(usdc, payment) == (Outcome.SUCCEEDED, DUE)
    finally:
        process.kill()
        process.wait(timeout=30)


def test_a_node_that_lost_its_chain_takes_the_payment_back(tmp_path: Path) -> None:
    port = free_port()
    process, anvil = evm.start(tmp_path, port)
    try:
        usdc = at(anvil, anvil.deploy("Honest", 6))
        payment = asked(usdc, DUE)
        anvil.pay(usdc.contract, payment.processor_ref, DUE)
        assert truth(usdc, payment) == (Outcome.SEEN, 0)
        process.kill()
        process.wait(timeout=30)
        process, anvil = evm.start(tmp_path, port)
        assert truth(usdc, payment) == (Outcome.ACTION, 0)
    finally:
        process.kill()
        process.wait(timeout=30)


def test_a_node_of_another_chain_is_refused(anvil: Anvil, token: str) -> None:
    wrong = at(anvil, token, chain_id=1337)
    with pytest.raises(Refused, match="is on chain 31337, ERC20_CHAIN_ID is 1337"):
        asked(wrong, DUE)


def test_a_contract_that_is_no_token_or_another_one_is_refused(anvil: Anvil) -> None:
    with pytest.raises(Refused, match="There is no token at ERC20_CONTRACT=0x1111111111111111111111111111111111111111"):
        asked(at(anvil, "0x" + "11" * 20), DUE)
    with pytest.raises(Refused, match="has 18 decimals, USDC has 6"):
        asked(at(anvil, anvil.deploy("Honest", 18)), DUE)


def test_logs_are_read_in_pieces(anvil: Anvil, token: str) -> None:
    usdc = at(anvil, token, log_blocks=10)
    payment = asked(usdc, DUE)
    anvil.pay(token, payment.processor_ref, 10_000_000)
    anvil.mine(35)
    anvil.pay(token, payment.processor_ref, 30_000_000)
    anvil.settle()
    assert truth(usdc, payment) == (Outcome.SUCCEEDED, DUE)


# --- the contract of processors --------------------------------------------------------------------


class DollarSubject(Subject):
    def __init__(self, anvil: Anvil, usdc: Erc20, monkeypatch: pytest.MonkeyPatch) -> None:
        self.anvil, self.processor, self.usdc, self.monkeypatch = anvil, usdc, usdc, monkeypatch
        self.amounts = (dollars.dollars(40_000_000), dollars.dollars(100_000), dollars.dollars(999_999_999_999))

    def payment(self, money: Money) -> str:
        return str(coins.payment(money.amount, coin="USDC", processor="erc20").pk)

    def pay(self, ref: str, money: Money) -> None:
        self.anvil.pay(self.usdc.contract, ref, money.amount)
        self.anvil.settle()

    def count(self, kind: str) -> int:
        return ChainAddress.objects.count() if kind == "payment" else 0

    def lose_reply(self) -> None:
        """The address is given out, then the node goes away before anybody hears of it."""

        def gone(index: int) -> None:
            self.monkeypatch.undo()
            raise Unavailable("The node went away.")

        self.monkeypatch.setattr(self.usdc.source, "prepare", gone)


class TestErc20(ProcessorContract):
    @pytest.fixture
    def subject(self, anvil: Anvil, usdc: Erc20, monkeypatch: pytest.MonkeyPatch) -> Subject:
        return DollarSubject(anvil, usdc, monkeypatch)
