"""An Esplora server on loopback with a chain of its own: real transactions, invented blocks."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from embit import script
from embit.transaction import Transaction, TransactionInput, TransactionOutput

GENESIS = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"
PAGE = 25


def transaction(*outputs: tuple[str, int], spends: str = "11" * 32, sequence: int = 0xFFFFFFFD) -> Transaction:
    """Pays `outputs` (address, satoshi) from output 0 of the transaction `spends`."""
    vin = [TransactionInput(bytes.fromhex(spends), 0, sequence=sequence)]
    vout = [TransactionOutput(sat, script.address_to_scriptpubkey(address)) for address, sat in outputs]
    return Transaction(vin=vin, vout=vout)


@dataclass
class Chain:
    """`mempool` waits; `blocks` are lists of transactions, the first one is the genesis block."""

    blocks: list[tuple[str, list[Transaction]]] = field(default_factory=lambda: [(GENESIS, [])])
    mempool: list[Transaction] = field(default_factory=list)
    broken: bytes | None = None  # the answer to everything, when the server is to talk nonsense

    def send(self, sent: Transaction) -> str:
        """Into the mempool; rivals for the same coin leave it."""
        spent = {i.txid for i in sent.vin}
        self.mempool = [t for t in self.mempool if not spent & {i.txid for i in t.vin}] + [sent]
        return txid(sent)

    def mine(self, count: int = 1) -> None:
        for _ in range(count):
            name = f"{len(self.blocks)} {[txid(t) for t in self.mempool]} {self.blocks[-1][0]}"
            self.blocks.append((hashlib.sha256(name.encode()).hexdigest(), self.mempool))
            self.mempool = []

    def forget_block(self) -> None:
        self.mempool = self.blocks.pop()[1] + self.mempool

    def answer(self, path: str) -> str | None:
        parts = path.strip("/").split("/")
        match parts:
            case ["blocks", "tip", "hash"]:
                return self.blocks[-1][0]
            case ["block-height", height]:
                return self.blocks[int(height)][0]
            case ["block", name]:
                heights = [h for h, (block, _) in enumerate(self.blocks) if block == name]
                return json.dumps({"id": name, "height": heights[0]}) if heights else None
            case ["scripthash", name, "txs"]:
                mined = self._mined(name)
                return json.dumps([self._json(t, None) for t in self.mempool if pays(t, name)] + mined[:PAGE])
            case ["scripthash", name, "txs", "chain", last]:
                mined = self._mined(name)
                start = [row["txid"] for row in mined].index(last) + 1
                return json.dumps(mined[start : start + PAGE])
        return None

    def _mined(self, name: str) -> list[dict[str, Any]]:
        """Newest first, as Esplora lists them."""
        rows = [(height, t) for height, (_, block) in enumerate(self.blocks) for t in block if pays(t, name)]
        return [self._json(t, height) for height, t in reversed(rows)]

    def _json(self, shown: Transaction, height: int | None) -> dict[str, Any]:
        status: dict[str, Any] = {"confirmed": height is not None}
        if height is not None:
            status |= {"block_height": height, "block_hash": self.blocks[height][0]}
        return {
            "txid": txid(shown),
            "vin": [{"txid": i.txid.hex(), "vout": i.vout, "sequence": i.sequence} for i in shown.vin],
            "vout": [{"scriptpubkey": o.script_pubkey.data.hex(), "value": o.value} for o in shown.vout],
            "status": status,
        }


def txid(of: Transaction) -> str:
    return str(of.txid().hex())


def pays(shown: Transaction, script_hash: str) -> bool:
    return any(hashlib.sha256(o.script_pubkey.data).hexdigest() == script_hash for o in shown.vout)


@contextmanager
def served(chain: Chain) -> Iterator[str]:
    """The address of a server that shows `chain` under /api."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = chain.answer(self.path.removeprefix("/api"))
            body = (text or "not found").encode() if chain.broken is None else chain.broken
            self.send_response(200 if text is not None else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api"
    finally:
        server.shutdown()
        server.server_close()
