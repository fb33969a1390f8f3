"""A real EVM test node with tokens of all manners. One per test run.

tests/conftest.py names it as a plug-in; whether a missing node skips or fails is decided by the plug-in
in marketplace/run/pytest_servers.py.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from marketplace.run.outside import find_anvil
from payments.chain.evm.rpc import EvmRpc
from payments.chain.evm.words import keccak256
from payments.processors.base import Unavailable
from tests.regtest import free_port

CHAIN = 31337
STARTS_WITHIN = 30
GAS = hex(1_000_000)  # said, so that the node does not try first what is to fail
CONTRACTS = Path(__file__).resolve().parent / "payments" / "contracts" / "Tokens.json"


@dataclass(frozen=True)
class Anvil:
    """`buyer` has ether and all of every token."""

    url: str
    rpc: EvmRpc
    buyer: str

    def deploy(self, contract: str, *args: int) -> str:
        """Its address."""
        code = "0x" + contracts()[contract] + "".join(f"{arg:064x}" for arg in args)
        sent = self.rpc.call("eth_sendTransaction", {"from": self.buyer, "data": code, "gas": hex(3_000_000)})
        receipt = self.mined(sent)
        assert receipt["status"] == "0x1"
        return str(receipt["contractAddress"])

    def send(self, contract: str, signature: str, *args: Any, gas: str = GAS) -> str:
        """The id of a transaction that calls the contract, mined, well or not."""
        sent = self.post(contract, signature, *args, gas=gas)
        self.mined(sent)
        return sent

    def post(self, contract: str, signature: str, *args: Any, gas: str = GAS) -> str:
        """The same, on its way to a block."""
        data = "0x" + keccak256(signature.encode())[:4].hex() + encoded(args)
        asked = {"from": self.buyer, "to": contract, "data": data, "gas": gas}
        return str(self.rpc.call("eth_sendTransaction", asked))

    def pay(self, token: str, to: str, minor: int) -> str:
        return self.send(token, "transfer(address,uint256)", to, minor)

    def mined(self, txid: str) -> dict[str, Any]:
        """The receipt of a transaction that gets a block by itself."""
        until = time.monotonic() + 10
        while True:
            receipt = self.rpc.call("eth_getTransactionReceipt", txid)
            if receipt is not None:
                return dict(receipt)
            assert time.monotonic() < until, f"{txid} gets no block"
            time.sleep(0.01)

    def mine(self, blocks: int = 1) -> None:
        self.rpc.call("anvil_mine", hex(blocks))

    def settle(self) -> None:
        """What was mined becomes final."""
        self.mine(3)

    def forget(self, blocks: int) -> None:
        """Reorganise: that many of the latest blocks are empty others."""
        self.rpc.call("anvil_reorg", blocks, [])

    def automine(self, on: bool) -> None:
        self.rpc.call("evm_setAutomine", on)


@cache
def contracts() -> dict[str, str]:
    """Compiled code by name; contracts/Tokens.sol is the source."""
    return dict(json.loads(CONTRACTS.read_text()))


def encoded(args: tuple[Any, ...]) -> str:
    """Arguments as a contract reads them: numbers, addresses, lists of either."""
    heads, tails = [], ""
    for arg in args:
        if isinstance(arg, list):
            heads.append(f"{32 * len(args) + len(tails) // 2:064x}")
            tails += f"{len(arg):064x}" + "".join(map(_word, arg))
        else:
            heads.append(_word(arg))
    return "".join(heads) + tails


def _word(value: Any) -> str:
    return f"{value:064x}" if isinstance(value, int) else str(value)[2:].lower().rjust(64, "0")


@pytest.fixture(scope="session")
def anvil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anvil]:
    process, node = start(tmp_path_factory.mktemp("anvil"), free_port())
    try:
        yield node
    finally:
        process.terminate()
        process.wait(timeout=30)


def start(folder: Path, port: int, *more: str) -> tuple[subprocess.Popen[bytes], Anvil]:
    """A node on `port` that answers; its `finalized` block is two behind the latest."""
    program = find_anvil()
    assert program, "no EVM test node"
    words = [str(program), "--port", str(port), "--slots-in-an-epoch", "1", "--chain-id", str(CHAIN), *more]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log, cwd=folder)
    rpc = EvmRpc(f"http://127.0.0.1:{port}")
    wait_for(rpc, process)
    return process, Anvil(f"http://127.0.0.1:{port}", rpc, rpc.call("eth_accounts")[0])


def wait_for(rpc: EvmRpc, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while True:
        assert process.poll() is None, "anvil ended; see the file `log` in its folder"
        try:
            rpc.call("eth_chainId")
            return
        except Unavailable:
            assert time.monotonic() < until, "anvil does not answer"
            time.sleep(0.1)
