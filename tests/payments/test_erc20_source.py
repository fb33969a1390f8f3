"""What an EVM node may say, and what is believed of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest

from fx.money import Money
from marketplace.lib.clock import now
from payments.chain.evm.addresses import DEMO_XPUB, Account
from payments.chain.evm.node import Node
from payments.chain.evm.rpc import EvmRpc
from payments.chain.evm.sent import Sending, verify
from payments.chain.evm.source import MOST, Erc20Source
from payments.chain.evm.token import Token
from payments.chain.source import Tip, look
from payments.processors.base import Outcome, Refused, Unavailable
from tests.payments.evm_server import FakeNode, block_hash, served
from tests.regtest import free_port

CONTRACT = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
OTHER = "0xdAC17F958D2ee523a2206206994597C13D831ec7"
ACCOUNT = Account.parse(DEMO_XPUB)
OURS, THEIRS = ACCOUNT.address(0), ACCOUNT.address(1)


@pytest.fixture
def node() -> FakeNode:
    return FakeNode()


@pytest.fixture
def source(node: FakeNode) -> Iterator[Erc20Source]:
    with served(node) as url:
        yield at(url)


def at(url: str, **how: Any) -> Erc20Source:
    rpc = EvmRpc(url, timeout=2)
    known = how.pop("known", lambda txids: {})
    return Erc20Source(
        Node(rpc, 1, by_depth=False), Token(rpc, CONTRACT, "USDC", span=how.pop("span", 2000)), known=known
    )


def seen(source: Erc20Source, since: int = 90) -> list[tuple[int, int, int | None]]:
    """What counts, what was claimed, the block."""
    receipts = look(source, {OURS}, since=since).receipts
    return [(receipt.amount_minor, receipt.claimed, receipt.height) for receipt in receipts]


def test_a_transfer_counts_with_what_the_balance_grew(node: FakeNode, source: Erc20Source) -> None:
    node.pay(CONTRACT, OURS, 5_000_000, height=89)
    node.pay(CONTRACT, OURS, 7_000_000, height=95)
    node.pay(CONTRACT, THEIRS, 9_000_000, height=95)
    assert look(source, {OURS}, since=90).tip == Tip(100, block_hash(100), 90)
    assert seen(source) == [(5_000_000, 5_000_000, 89), (7_000_000, 7_000_000, 95)]


def test_what_it_counts_was_measured_at_the_block_and_the_one_before(node: FakeNode, source: Erc20Source) -> None:
    node.pay(CONTRACT, OURS, 5_000_000, height=89)
    seen(source)
    places = [
        int(params[1], 16) for method, params in node.asked if method == "eth_call" and len(params[0]["data"]) > 10
    ]
    assert places == [88, 89]


def test_what_was_measured_once_is_not_asked_again(node: FakeNode) -> None:
    log = node.pay(CONTRACT, OURS, 5_000_000, height=89)
    key = (log["transactionHash"], 0, block_hash(89))
    with served(node) as url:
        assert seen(at(url, known=lambda txids: {key: 4_000_000})) == [(4_000_000, 5_000_000, 89)]
        assert {"eth_getTransactionReceipt"}.isdisjoint(method for method, _ in node.asked)
        moved = (log["transactionHash"], 0, block_hash(88))  # known of a block that is no longer
        assert seen(at(url, known=lambda txids: {moved: 4_000_000})) == [(5_000_000, 5_000_000, 89)]


def test_a_token_that_tells_more_than_it_does_is_cut_from_the_last_event_on(
    node: FakeNode, source: Erc20Source
) -> None:
    for log in range(3):
        node.pay(CONTRACT, OURS, 4_000_000, height=89, log=log)
    node.balances = dict.fromkeys(node.balances, 6000000)
    assert [counts for counts, *_ in seen(source)] == [4_000_000, 2_000_000, 0]


def test_a_balance_that_grew_more_than_was_told_or_shrank_counts_no_more_than_was_told(
    node: FakeNode, source: Erc20Source
) -> None:
    node.pay(CONTRACT, OURS, 4_000_000, height=89)
    for grown, counts in ((9_000_000, 4_000_000), (0, 0)):
        node.balances = dict.fromkeys(node.balances, grown)
        assert seen(source) == [(counts, 4_000_000, 89)]


def test_sums_beyond_all_money_count_nothing(node: FakeNode, source: Erc20Source) -> None:
    node.pay(CONTRACT, OURS, MOST + 1, height=89)
    assert seen(source) == [(0, MOST, 89)]


def test_an_event_of_a_failed_transaction_is_left_out(node: FakeNode, source: Erc20Source) -> None:
    log = node.pay(CONTRACT, OURS, 4_000_000, height=89)
    node.statuses[log["transactionHash"]] = "0x0"
    assert seen(source) == []


def test_a_transaction_that_changes_its_block_meanwhile_is_looked_at_again(node: FakeNode, source: Erc20Source) -> None:
    node.pay(CONTRACT, OURS, 4_000_000, height=89)
    node.odd["eth_getTransactionReceipt"] = {"status": "0x1", "blockHash": block_hash(88)}
    with pytest.raises(Unavailable, match="changes its block"):
        seen(source)


@pytest.mark.parametrize(
    "change",
    [
        {"address": OTHER},
        {"removed": True},
        {"topics": ["0x" + "0" * 64, "0x" + "0" * 64, "0x" + "0" * 64]},
        {"topics": []},
        {"blockNumber": "0x65"},
    ],
    ids=["another contract", "removed", "another event", "no event", "another block"],
)
def test_a_log_that_was_not_asked_for_is_not_believed(
    node: FakeNode, source: Erc20Source, change: dict[str, Any]
) -> None:
    node.odd["eth_getLogs"] = [node.pay(CONTRACT, OURS, 4_000_000, height=89) | change]
    with pytest.raises(Unavailable, match="not asked for"):
        seen(source)


def test_a_log_to_somebody_else_is_not_believed(node: FakeNode, source: Erc20Source) -> None:
    node.odd["eth_getLogs"] = [node.pay(CONTRACT, THEIRS, 4_000_000, height=89)]
    with pytest.raises(Unavailable, match="not asked for"):
        seen(source)


def test_logs_are_asked_for_in_pieces_from_a_little_earlier_up_to_the_tip(node: FakeNode) -> None:
    node.height = 300
    with served(node) as url:
        look(at(url, span=100), {OURS}, since=164)
    asked = [params[0] for method, params in node.asked if method == "eth_getLogs"]
    spans = [(int(one["fromBlock"], 16), int(one["toBlock"], 16)) for one in asked]
    assert spans == [(100, 199), (200, 299), (300, 300)]
    assert all(one["address"] == CONTRACT for one in asked)


# --- the node itself -------------------------------------------------------------------------------


def test_a_node_of_another_chain_is_refused(node: FakeNode, source: Erc20Source) -> None:
    node.chain_id = 8453
    with pytest.raises(Refused, match="is on chain 8453, ERC20_CHAIN_ID is 1"):
        source.tip()


def test_a_node_that_is_behind_is_not_asked(node: FakeNode, source: Erc20Source) -> None:
    node.age = 599
    assert source.tip().height == 100
    node.age = 1_300
    with pytest.raises(Unavailable, match="behind: its latest block 100 is 21 minutes old"):
        source.tip()


def test_a_final_block_beyond_the_latest_is_not_believed(node: FakeNode, source: Erc20Source) -> None:
    node.final = 5_000
    assert source.tip().final == 100


def test_a_reorganisation_during_the_look_makes_it_look_again(node: FakeNode, source: Erc20Source) -> None:
    node.pay(CONTRACT, OURS, 4_000_000, height=89)
    names = iter(["0x" + "ab" * 32])

    def told(params: Any) -> Any:
        told = node.block(params[0])
        assert told is not None
        return {"result": told | {"hash": next(names, told["hash"])}}

    node.odd["eth_getBlockByNumber"] = told
    assert look(source, {OURS}, since=90).tip.hash == block_hash(100)


def test_blocks_that_arrive_meanwhile_do_not_disturb(node: FakeNode, source: Erc20Source) -> None:
    tip = source.tip()
    node.height += 5
    assert source.holds(tip)


def test_decimals_are_read_once_and_must_be_those_of_the_currency(node: FakeNode) -> None:
    with served(node) as url:
        source = at(url)
        source.tip()
        source.tip()
    assert sum(method == "eth_call" for method, _ in node.asked) == 1
    for answer, says in (("0x", "no token"), (f"0x{18:064x}", "has 18 decimals"), (f"0x{2**255:064x}", "decimals")):
        node.odd["eth_call"] = answer
        with served(node) as url, pytest.raises(Refused, match=says):
            at(url).tip()


def test_the_path_and_the_key_of_a_provider_reach_it_and_no_message(node: FakeNode) -> None:
    with served(node) as url:
        assert EvmRpc(url).call("eth_chainId") == "0x1"
    with pytest.raises(Unavailable) as gone:
        EvmRpc(f"http://user:secret@127.0.0.1:{free_port()}/v3/apikey?token=hidden").call("eth_chainId")
    assert not {word for word in ("secret", "apikey", "hidden") if word in str(gone.value)}
    with pytest.raises(Refused, match="ERC20_URL is not a URL"):
        EvmRpc("file:///etc/passwd")


NONSENSE = [
    b"", b"<html>", b"[]", b"{}", b"null", b"7", b"\xff\xfe", b"[" * 100_000,
    b'[{"id": 0}, {"id": 0}, {"id": 0}]', b'[{"id": 0, "result": 1}, {"id": 1, "result": {}}, {"id": 2, "result": []}]',
    b'[{"id": 0, "error": 7}, null, "x"]', b'{"error": {"code": "x"}}', b'[{"id": [], "result": "0x1"}, 1, 2]',
]  # fmt: skip


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_is_unavailable(node: FakeNode, source: Erc20Source, nonsense: bytes) -> None:
    node.broken = nonsense
    with pytest.raises(Unavailable):
        look(source, {OURS}, since=90)


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("eth_chainId", None),
        ("eth_chainId", "1"),
        ("eth_getBlockByNumber", None),
        ("eth_getBlockByNumber", {}),
        ("eth_getBlockByNumber", {"number": "0x1", "hash": "0x1", "timestamp": "0x1"}),
        ("eth_getLogs", None),
        ("eth_getLogs", [None]),
        ("eth_getLogs", [{}]),
        ("eth_getLogs", "0x"),
        ("eth_call", None),
        ("eth_call", "0x06"),
        ("eth_getTransactionReceipt", None),
        ("eth_getTransactionReceipt", {}),
        ("eth_getTransactionReceipt", {"blockHash": block_hash(89), "status": None}),
    ],
)
def test_an_answer_of_another_shape_credits_nothing(
    node: FakeNode, source: Erc20Source, method: str, answer: Any
) -> None:
    node.pay(CONTRACT, OURS, 4_000_000, height=89)
    node.odd[method] = answer
    with pytest.raises((Unavailable, Refused)):
        look(source, {OURS}, since=90)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (429, None),
        (503, None),
        (200, {"code": -32005, "message": "x"}),
        (200, {"code": 1, "message": "Rate limit hit"}),
    ],
)
def test_too_many_questions_are_asked_again_later(
    node: FakeNode, source: Erc20Source, status: int, error: dict[str, Any] | None
) -> None:
    node.pay(CONTRACT, OURS, 4_000_000, height=89)
    source.tip()
    node.status = status
    if error:
        node.odd["eth_call"] = lambda params: {"error": error}
    with pytest.raises(Unavailable, match="too much|overloaded"):
        look(source, {OURS}, since=90)


def test_a_wrong_login_is_refused(node: FakeNode, source: Erc20Source) -> None:
    node.status = 401
    with pytest.raises(Refused, match="Check user and password in ERC20_URL"):
        source.tip()


def test_a_state_that_the_node_forgot_is_measured_by_what_is_still_there(node: FakeNode, source: Erc20Source) -> None:
    node.pay(CONTRACT, OURS, 4_000_000, height=89)
    held = 4_000_000
    lost = {"error": {"code": -32000, "message": "missing trie node"}}

    def called(params: Any) -> Any:
        if len(params[0]["data"]) == 10 or int(params[1], 16) == 100:
            return {"result": node.called(params) if len(params[0]["data"]) == 10 else f"0x{held:064x}"}
        return lost

    node.odd["eth_call"] = called
    assert seen(source) == [(4_000_000, 4_000_000, 89)]
    held = 3_999_999
    assert seen(source) == [(0, 4_000_000, 89)]


# --- what a person sent -----------------------------------------------------------------------------


def sent(
    node: FakeNode, txid: str, *, minor: int = 4_000_000, to: str = THEIRS, confirmations: int = 1
) -> tuple[Outcome, str] | None:
    with served(node) as url:
        source = at(url)
        sending = Sending(Money(minor, "USDC"), to, now() - dt.timedelta(days=1), confirmations)
        return verify(source.node, source.token, txid, sending)


def test_what_was_sent_succeeds_once_it_is_final(node: FakeNode) -> None:
    txid = node.pay(CONTRACT, THEIRS, 4_000_000, height=91)["transactionHash"]
    assert sent(node, txid) == (Outcome.PENDING, f"Transaction {txid} is in a block that is not final yet.")
    assert sent(node, txid, confirmations=11) == sent(node, txid)
    node.final = 91
    assert sent(node, txid) == (Outcome.SUCCEEDED, "")
    assert sent(node, txid, to=THEIRS.lower()) == (Outcome.SUCCEEDED, "")
    assert sent(node, txid, confirmations=10) == (Outcome.SUCCEEDED, "")
    assert sent(node, txid, confirmations=11) == (
        Outcome.PENDING,
        f"Transaction {txid} is in a block that is not final yet.",
    )


def test_what_is_not_what_it_should_be_says_why(node: FakeNode) -> None:
    node.final = 100
    txid = node.pay(CONTRACT, THEIRS, 4_000_000, height=91)["transactionHash"]
    strange = node.pay(OTHER, THEIRS, 4_000_000, height=91)["transactionHash"]
    for given, how, says in (
        (txid, {"minor": 4_000_001}, "sends 4.000000 USDC to .*, not 4.000001 USDC"),
        (txid, {"to": OURS}, f"sends no USDC of {CONTRACT} to {OURS}"),
        (strange, {}, "sends no USDC of"),
    ):
        found = sent(node, given, **how)
        assert found is not None
        assert found[0] == Outcome.FAILED
        assert re.search(says, found[1])
    node.statuses[txid] = "0x0"
    assert sent(node, txid) == (Outcome.FAILED, f"Transaction {txid} failed on the chain: it sent nothing.")


def test_what_waits_for_a_block_is_pending_and_what_is_too_old_is_wrong(node: FakeNode) -> None:
    waiting = "0x" + "ab" * 32
    assert sent(node, waiting) is None
    node.odd["eth_getTransactionByHash"] = {"hash": waiting}
    assert sent(node, waiting) == (Outcome.PENDING, f"Transaction {waiting} waits for a block.")
    txid = node.pay(CONTRACT, THEIRS, 4_000_000, height=91)["transactionHash"]
    with served(node) as url:
        source = at(url)
        soon = Sending(Money(4_000_000, "USDC"), THEIRS, now() + dt.timedelta(days=1), 1)
        found = verify(source.node, source.token, txid, soon)
    assert found == (Outcome.FAILED, f"Transaction {txid} is older than what it should pay.")


@pytest.mark.parametrize("answer", [{}, [], 7, {"status": "0x1"}, {"status": "0x1", "blockNumber": "0x1", "logs": [7]}])
def test_nonsense_about_what_was_sent_decides_nothing(node: FakeNode, answer: Any) -> None:
    node.odd["eth_getTransactionReceipt"] = answer
    with pytest.raises(Unavailable):
        sent(node, "0x" + "ab" * 32)
