"""A Bitcoin network of two nodes: the world's, which mines and holds the buyers' coins, and ours, which is killed.

A killed node forgets the blocks that it had not yet written to its index, and learns them again from the world.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

from marketplace.run.outside import configure_node
from marketplace.run.ports import answers, probe
from marketplace.run.processes import wait_until
from marketplace.run.supervisor import Program
from payments.chain.rpc import Rpc, Wallet
from payments.processors.base import Refused, Unavailable
from tests.regtest import Node

WORLD, OURS = "network", "node"  # names of the programs
FIRST_BLOCKS = 120
BLOCK_EVERY = 2.0  # seconds


class Network:
    """`url` is our node's address. Buyers' payments and blocks go by `world`."""

    def __init__(self, bitcoind: Path, folder: Path) -> None:
        self.bitcoind, self.folder = bitcoind, folder
        self.port, peers = probe(0), probe(0)
        self.world_url = self._configure(WORLD, probe(0), f"listen=1\nbind=127.0.0.1:{peers}\nconnect=0")
        self.url = self._configure(OURS, self.port, f"listen=0\nconnect=127.0.0.1:{peers}")
        self.lock = threading.Lock()

    def programs(self) -> list[Program]:
        return [self._program(WORLD, self.world_url), self._program(OURS, self.url)]

    def begin(self) -> None:
        """Coins for the buyers, and a block every other second from now on."""
        rpc = Rpc(self.world_url)
        self.world = Node(self.world_url, rpc, Wallet(rpc, "buyer", {}))
        self.world.mine(FIRST_BLOCKS)
        assert wait_until(lambda: self._is_up_to_date(rpc), 60), "our node does not follow the network"
        threading.Thread(target=self._mine, daemon=True).start()

    def pay(self, address: str, sat: int) -> str:
        """The id of a transaction that the world knows."""
        with self.lock:
            return self.world.pay(address, sat)

    def address(self) -> str:
        """One of the buyers'."""
        with self.lock:
            return str(self.world.buyer.call("getnewaddress", "", "bech32"))

    def paid(self) -> dict[str, int]:
        """Satoshi in blocks by address that the buyers paid to, as the world's node has it."""
        rows = self.world.buyer.call("listtransactions", "*", 100_000)
        sent = [row for row in rows if row["category"] == "send" and row["confirmations"] > 0]
        found: dict[str, int] = {}
        for row in sent:
            found[row["address"]] = found.get(row["address"], 0) + int(-row["amount"] * 10**8)
        return found

    def _mine(self) -> None:
        while True:
            time.sleep(BLOCK_EVERY)
            try:
                with self.lock:
                    self.world.mine()
            except (Unavailable, Refused):
                return  # the test is over

    def _is_up_to_date(self, world: Rpc) -> bool:
        try:
            return bool(Rpc(self.url).call("getbestblockhash") == world.call("getbestblockhash"))
        except Unavailable:
            return False

    def _configure(self, name: str, port: int, peers: str) -> str:
        """As the demo's node, but for who talks to whom."""
        folder = self.folder / name
        url = configure_node(folder, port)
        config = folder / "bitcoin.conf"
        text = config.read_text().replace("listen=0\n", "whitelist=noban@127.0.0.1\n").replace("connect=0", peers)
        config.write_text(text)
        return url

    def _program(self, name: str, url: str) -> Program:
        port = int(url.rpartition(":")[2])
        return Program(name, [self.bitcoind, f"-datadir={self.folder / name}"], lambda: answers(port), helper=True)
