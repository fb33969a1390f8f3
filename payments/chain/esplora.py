"""Receipts from an Esplora server: the operator's own electrs or esplora.

A public one learns every address and must be trusted.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from payments.chain.addresses import script_of
from payments.chain.http import Answer, exchange, split
from payments.chain.outgoing import SOON, Known, Place
from payments.chain.source import Receipt, Tip
from payments.processors.base import Refused, Unavailable

PAGE = 25  # confirmed transactions per answer, fixed by Esplora
MAX_PAGES = 40
FINAL_SEQUENCE = 0xFFFFFFFE  # an input below this says that it may be replaced (BIP 125)
GENESIS = {
    "main": "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
    "test": "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943",
    "signet": "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6",
    "regtest": "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
}


class Esplora:
    def __init__(self, *, url: str, network: str, timeout: float = 10) -> None:
        self.server = split(url, "BITCOIN_URL")
        self.network, self.timeout = network, timeout
        self.checked = False

    def tip(self) -> Tip:
        self._check_network()
        best = self._text("/blocks/tip/hash")
        block = self._json(f"/block/{best}")
        return Tip(int(block["height"]), best)

    def prepare(self, index: int) -> None:
        """Nothing: Esplora sees every address."""

    def receipts(self, addresses: Collection[str], *, since: int, tip: Tip) -> list[Receipt]:
        return [receipt for address in addresses for receipt in self._of(address)]

    def holds(self, tip: Tip) -> bool:
        return self.tip() == tip

    def transaction(self, txid: str) -> Known | None:
        found = self._maybe(f"/tx/{txid}/status")
        raw = self._maybe(f"/tx/{txid}/hex") if found is not None else None
        if found is None or raw is None:
            return None
        status = json.loads(found)
        if not status["confirmed"]:
            return Known(raw, 0)
        depth = self.tip().height - int(status["block_height"]) + 1
        return Known(raw, max(0, depth), status.get("block_time"))

    def unspent(self, places: Sequence[Place], *, pending: bool = True) -> list[bool]:
        return [self._is_unspent(txid, vout, pending) for txid, vout in places]

    def fee_rate(self) -> int | None:
        found = self._json("/fee-estimates")
        return math.ceil(float(found[str(SOON)])) if str(SOON) in found else None

    def broadcast(self, raw: str) -> None:
        answer = exchange(self.server, "/tx", method="POST", body=raw.encode(), timeout=self.timeout)
        if answer.status == 400:
            raise Refused(f"The network does not take it: {answer.body.decode('utf-8', 'replace')[:200]}")
        self._good("/tx", answer)

    def _is_unspent(self, txid: str, vout: int, pending: bool) -> bool:
        found = self._maybe(f"/tx/{txid}/outspend/{vout}")
        if found is None:
            return False
        spend = json.loads(found)
        return not spend["spent"] or (not pending and not spend["status"]["confirmed"])

    def _maybe(self, path: str) -> str | None:
        """The answer; none when the server knows no such thing."""
        answer = exchange(self.server, path, timeout=self.timeout)
        return None if answer.status == 404 else self._good(path, answer)

    def _of(self, address: str) -> Iterator[Receipt]:
        script = script_of(address)
        for transaction in self._transactions(hashlib.sha256(script).hexdigest()):
            for vout, output in enumerate(transaction["vout"]):
                if output["scriptpubkey"] == script.hex():
                    yield _receipt(transaction, vout, output, address)

    def _transactions(self, script_hash: str) -> Iterator[dict[str, Any]]:
        """Those in the mempool, then the mined ones page by page, newest first."""
        rows = self._json(f"/scripthash/{script_hash}/txs")
        for _ in range(MAX_PAGES):
            yield from rows
            mined = [row for row in rows if row["status"]["confirmed"]]
            if len(mined) < PAGE:
                return
            rows = self._json(f"/scripthash/{script_hash}/txs/chain/{mined[-1]['txid']}")
        raise Unavailable(f"Script {script_hash} has more than {MAX_PAGES * PAGE} transactions: a person has to look.")

    def _check_network(self) -> None:
        if self.checked:
            return
        genesis = self._text("/block-height/0")
        if genesis != GENESIS[self.network]:
            raise Refused(
                f"The server at BITCOIN_URL is not on BITCOIN_NETWORK={self.network}: "
                f"its first block is {genesis[:64]}."
            )
        self.checked = True

    def _json(self, path: str) -> Any:
        try:
            return json.loads(self._text(path), parse_float=str)
        except ValueError as error:
            raise Unavailable(f"Esplora answered {path} with something unreadable. It will be asked again.") from error

    def _text(self, path: str) -> str:
        return self._good(path, exchange(self.server, path, timeout=self.timeout))

    def _good(self, path: str, answer: Answer) -> str:
        if answer.status in {401, 403}:
            raise Refused(f"Esplora refused us (HTTP {answer.status}). Check BITCOIN_URL.")
        if answer.status != 200:
            raise Unavailable(f"Esplora answered {path} with HTTP {answer.status}. It will be asked again.")
        return answer.body.decode("utf-8", "replace").strip()


def _receipt(transaction: dict[str, Any], vout: int, output: dict[str, Any], address: str) -> Receipt:
    status = transaction["status"]
    mined = bool(status["confirmed"])
    return Receipt(
        txid=transaction["txid"],
        vout=vout,
        address=address,
        amount_minor=int(output["value"]),
        height=status["block_height"] if mined else None,
        block_hash=status["block_hash"] if mined else None,
        replaceable=not mined and any(i["sequence"] < FINAL_SEQUENCE for i in transaction["vin"]),
    )
