"""A real Bitcoin node in a folder of its own, with a buyer who has coins. One per test run.

tests/conftest.py names it as a plug-in; whether a missing node skips or fails is decided by the plug-in
in marketplace/run/pytest_servers.py.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from marketplace.run.outside import configure_node, find_bitcoind
from payments.chain.rpc import Rpc, Wallet
from payments.processors.base import Unavailable

STARTS_WITHIN = 30


@dataclass(frozen=True)
class Node:
    """`url` carries user and password; `buyer` is a wallet with mined coins."""

    url: str
    rpc: Rpc
    buyer: Wallet

    def mine(self, blocks: int = 1) -> list[str]:
        """Blocks with all that waits; to a new address, because an invalidated twin would be refused."""
        address = self.buyer.call("getnewaddress", "", "bech32")
        return list(self.rpc.call("generatetoaddress", blocks, address, timeout=60))

    def pay(self, address: str, sat: int, *, fee_rate: int = 2) -> str:
        """The id of a replaceable transaction that waits in the mempool."""
        amount = f"{sat / 10**8:.8f}"
        options = {"address": address, "amount": amount, "fee_rate": fee_rate, "replaceable": True}
        return str(self.rpc.named("sendtoaddress", options, wallet=self.buyer.name))

    def bump(self, txid: str) -> str:
        """Replace a payment by one with a higher fee to the same address."""
        return str(self.buyer.call("bumpfee", txid)["txid"])

    def spend_elsewhere(self, txid: str) -> str:
        """A rival of `txid` that takes its coins back to the buyer, with a far higher fee; not yet sent: hex."""
        original = self.rpc.call("decoderawtransaction", self.buyer.call("gettransaction", txid)["hex"])
        inputs = [{"txid": i["txid"], "vout": i["vout"], "sequence": 0xFFFFFFFD} for i in original["vin"]]
        worth = sum(self._worth(i) for i in inputs)
        back = {self.buyer.call("getnewaddress", "", "bech32"): f"{worth - 1:.8f}"}
        rival = self.rpc.call("createrawtransaction", inputs, [back])
        return str(self.buyer.call("signrawtransactionwithwallet", rival)["hex"])

    def forget_block(self) -> None:
        """Reorganise: the latest block is no longer part of the chain."""
        self.rpc.call("invalidateblock", self.rpc.call("getbestblockhash"))

    def mine_only(self, *transactions: str) -> None:
        """One block with exactly these raw transactions."""
        address = self.buyer.call("getnewaddress", "", "bech32")
        self.rpc.call("generateblock", address, list(transactions))

    def _worth(self, spent: dict[str, Any]) -> Any:
        raw = self.buyer.call("gettransaction", spent["txid"])["hex"]
        return self.rpc.call("decoderawtransaction", raw)["vout"][spent["vout"]]["value"]


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("bitcoin")
    bitcoind = find_bitcoind()
    assert bitcoind, "no Bitcoin node"
    url = configure_node(folder, free_port())
    process = start(bitcoind, folder)
    try:
        rpc = Rpc(url)
        wait_for(rpc, process)
        node = Node(url, rpc, Wallet(rpc, "buyer", {}))
        node.mine(120)
        yield node
    finally:
        process.terminate()
        process.wait(timeout=30)


def start(bitcoind: Path, folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log").open("wb") as log:
        return subprocess.Popen([bitcoind, f"-datadir={folder}"], stdout=log, stderr=log)


def wait_for(rpc: Rpc, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while True:
        assert process.poll() is None, "bitcoind ended; see the file `log` in its folder"
        try:
            rpc.call("getblockchaininfo")
            return
        except Unavailable:
            assert time.monotonic() < until, "bitcoind does not answer"
            time.sleep(0.2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
