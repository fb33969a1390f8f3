"""Receipts from an Esplora server."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pytest

from payments.chain.addresses import DEMO_TPUB, Account
from payments.chain.esplora import Esplora
from payments.chain.source import Receipt, Tip, look
from payments.processors.base import Refused, Unavailable
from tests.payments.esplora_server import Chain, served, transaction, txid
from tests.regtest import free_port

ACCOUNT = Account.parse(DEMO_TPUB, "regtest")
OURS, THEIRS = ACCOUNT.address(0), ACCOUNT.address(1)


@pytest.fixture
def chain() -> Chain:
    return Chain()


@pytest.fixture
def esplora(chain: Chain) -> Iterator[Esplora]:
    with served(chain) as url:
        yield Esplora(url=url, network="regtest")


def seen(esplora: Esplora) -> list[tuple[str, int, int | None, bool]]:
    receipts = look(esplora, {OURS}, since=0).receipts
    return [(r.txid, r.amount_minor, r.height, r.replaceable) for r in receipts]


def test_a_receipt_moves_from_the_mempool_into_a_block_and_back(chain: Chain, esplora: Esplora) -> None:
    sent = transaction((THEIRS, 5), (OURS, 70_000))
    chain.mine(3)
    chain.send(sent)
    assert seen(esplora) == [(txid(sent), 70_000, None, True)]
    chain.mine()
    [receipt] = esplora.receipts([OURS], since=0, tip=esplora.tip())
    assert receipt == Receipt(txid(sent), 1, OURS, 70_000, 4, chain.blocks[4][0], False)
    chain.forget_block()
    assert seen(esplora) == [(txid(sent), 70_000, None, True)]


def test_a_replacement_counts_once_and_a_double_spend_not_at_all(chain: Chain, esplora: Esplora) -> None:
    chain.send(transaction((OURS, 70_000)))
    bumped = transaction((OURS, 70_000), (THEIRS, 1), sequence=0xFFFFFFFF)
    chain.send(bumped)
    assert seen(esplora) == [(txid(bumped), 70_000, None, False)]
    chain.send(transaction((THEIRS, 69_000)))
    assert seen(esplora) == []


def test_two_outputs_of_one_transaction_are_two_receipts(chain: Chain, esplora: Esplora) -> None:
    chain.send(transaction((OURS, 1_000), (OURS, 2_000)))
    assert [(r.vout, r.amount_minor) for r in look(esplora, {OURS}, since=0).receipts] == [(0, 1_000), (1, 2_000)]


def test_more_than_one_page_of_receipts_is_read(chain: Chain, esplora: Esplora) -> None:
    for n in range(60):
        chain.send(transaction((OURS, 1_000 + n), spends=f"{n + 1:064x}"))
        chain.mine()
    assert sorted(r.amount_minor for r in esplora.receipts([OURS], since=0, tip=esplora.tip())) == list(
        range(1_000, 1_060)
    )


def test_the_tip_is_the_latest_block(chain: Chain, esplora: Esplora) -> None:
    chain.mine(2)
    assert esplora.tip() == Tip(2, chain.blocks[2][0])


def test_a_server_of_another_network_is_refused(chain: Chain) -> None:
    with served(chain) as url, pytest.raises(Refused, match="BITCOIN_NETWORK=main"):
        Esplora(url=url, network="main").tip()


def test_nonsense_and_silence_are_unavailable(chain: Chain, esplora: Esplora) -> None:
    esplora.tip()
    for nonsense in (b"<html>", b"[]", b"{}", b'[{"txid": 1}]', b"\xff\xfe"):
        chain.broken = nonsense
        with pytest.raises(Unavailable):
            look(esplora, {OURS}, since=0)
    with pytest.raises(Unavailable, match="did not answer"):
        Esplora(url=f"http://127.0.0.1:{free_port()}", network="regtest").tip()


def test_a_block_that_arrives_during_the_look_makes_it_look_again(chain: Chain, esplora: Esplora) -> None:
    chain.send(transaction((OURS, 70_000)))
    sight = look(Impatient(chain, esplora), {OURS}, since=0)
    assert (sight.tip.height, sight.receipts[0].height) == (1, 1)


class Impatient:
    """A source whose chain moves on while it is being read, once."""

    def __init__(self, chain: Chain, source: Esplora) -> None:
        self.chain, self.source, self.moved = chain, source, False

    def tip(self) -> Tip:
        return self.source.tip()

    def prepare(self, index: int) -> None:
        self.source.prepare(index)

    def holds(self, tip: Tip) -> bool:
        return self.source.holds(tip)

    def receipts(self, addresses: Collection[str], *, since: int, tip: Tip) -> list[Receipt]:
        found = self.source.receipts(addresses, since=since, tip=tip)
        if not self.moved:
            self.moved = True
            self.chain.mine()
        return found
