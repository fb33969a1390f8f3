"""An EVM node on loopback that says whatever a test wants: right, late, of another chain, or nonsense."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from marketplace.lib.clock import now
from payments.chain.evm.words import TRANSFER, topic

SIX = "0x" + "6".rjust(64, "0")


def block_hash(height: int) -> str:
    return f"0x{height:064x}"


@dataclass
class FakeNode:
    """A chain of `height` blocks made just now. `odd` replaces the result of a method, or makes it from its
    parameters; `broken` is the answer to everything."""

    chain_id: int = 1
    height: int = 100
    final: int = 90
    age: int = 0
    logs: list[dict[str, Any]] = field(default_factory=list)
    balances: dict[tuple[str, int], int] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)
    odd: dict[str, Any] = field(default_factory=dict)
    broken: bytes | None = None
    status: int = 200
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def pay(self, contract: str, to: str, value: int, *, height: int, log: int = 0) -> dict[str, Any]:
        """A log of a transfer, and the balance that it made."""
        made = {
            "address": contract,
            "topics": [TRANSFER, topic("0x" + "11" * 20), topic(to)],
            "data": f"0x{value:064x}",
            "blockNumber": hex(height),
            "blockHash": block_hash(height),
            "transactionHash": f"0x{'ee' * 31}{len(self.logs):02x}",
            "logIndex": hex(log),
            "removed": False,
        }
        self.logs.append(made)
        self.balances[topic(to), height] = self.balance(topic(to), height) + value
        return made

    def balance(self, holder: str, height: int) -> int:
        heights = [at for who, at in self.balances if who == holder and at <= height]
        return self.balances[holder, max(heights)] if heights else 0

    def answer(self, method: str, params: Any) -> Any:
        self.asked.append((method, params))
        if method in self.odd:
            odd = self.odd[method]
            return odd(params) if callable(odd) else {"result": odd}
        return {"result": ANSWERS[method](self, params)}

    def block(self, which: str) -> dict[str, Any] | None:
        height = {"latest": self.height, "finalized": self.final}.get(which) or int(which, 16)
        made = int(now().timestamp()) - self.age
        return {"number": hex(height), "hash": block_hash(height), "timestamp": hex(made)}

    def found(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        low, high = int(asked["fromBlock"], 16), int(asked["toBlock"], 16)
        wanted = set(asked["topics"][2])
        inside = (log for log in self.logs if low <= int(log["blockNumber"], 16) <= high)
        return [log for log in inside if log["topics"][2] in wanted]

    def called(self, params: Any) -> str:
        data, where = params[0]["data"], params[1]
        if len(data) == 10:
            return SIX
        return f"0x{self.balance('0x' + data[10:], int(where, 16)):064x}"

    def receipt(self, txid: str) -> dict[str, Any] | None:
        logs = [log for log in self.logs if log["transactionHash"] == txid]
        if not logs:
            return None
        of = logs[0]
        shared = {"blockHash": of["blockHash"], "blockNumber": of["blockNumber"]}
        return {"status": self.statuses.get(txid, "0x1"), "logs": logs, **shared}


ANSWERS: dict[str, Callable[[FakeNode, Any], Any]] = {
    "eth_chainId": lambda node, _: hex(node.chain_id),
    "eth_getBlockByNumber": lambda node, params: node.block(params[0]),
    "eth_getLogs": lambda node, params: node.found(params[0]),
    "eth_call": lambda node, params: node.called(params),
    "eth_getTransactionReceipt": lambda node, params: node.receipt(params[0]),
    "eth_getTransactionByHash": lambda node, params: None,
}


@contextmanager
def served(node: FakeNode) -> Iterator[str]:
    """The address of the node."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            many = asked if isinstance(asked, list) else [asked]
            answers = [{"jsonrpc": "2.0", "id": one["id"], **node.answer(one["method"], one["params"])} for one in many]
            text = json.dumps(list(reversed(answers)) if isinstance(asked, list) else answers[0])
            body = text.encode() if node.broken is None else node.broken
            self.send_response(node.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/key?tier=1"
    finally:
        server.shutdown()
        server.server_close()
