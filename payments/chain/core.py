"""Receipts from the operator's own Bitcoin Core (or Knots), by a watch-only wallet with our account's descriptor.

`listsinceblock` says which outputs pay us; what is in no block counts only while the mempool has it, so a
replaced or double-spent transaction is gone at once, though the wallet still lists it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from marketplace.lib.clock import now
from payments.chain.outgoing import SOON, Known, Place
from payments.chain.record import Flow, Got
from payments.chain.rpc import Rpc, RpcError, Wallet, sats
from payments.chain.source import Receipt, Tip
from payments.processors.base import Refused, Unavailable

NO_TRANSACTION, ALREADY_MINED = -5, -27
AHEAD = 1000  # addresses that are watched beyond the latest one given out
MARGIN = 20  # blocks read below the asked height: a reorganisation may have mined a payment lower
RESCAN_DAYS = 100  # how far a lost wallet looks back; longer than any address is watched
RECEIVED = {"receive", "generate"}  # mined coins count once they can be spent
RECORDED = RECEIVED | {"immature", "send"}
RECORD_DEPTH = 6  # blocks, after which a transaction is on the record


class Core:
    def __init__(
        self, *, url: str, wallet: str, network: str, descriptor: str, change: str = "", timeout: float = 10
    ) -> None:
        self.rpc = Rpc(url, timeout=timeout)
        self.wallet = Wallet(self.rpc, wallet, {"disable_private_keys": True, "blank": True})
        self.network, self.descriptor, self.change = network, descriptor, change

    def tip(self) -> Tip:
        info = self.rpc.call("getblockchaininfo")
        if info["chain"] != self.network:
            raise Refused(
                f"The node at BITCOIN_URL is on the {info['chain']} network, BITCOIN_NETWORK is {self.network}. "
                "Make them one."
            )
        if self.network != "regtest" and info["initialblockdownload"]:
            raise Unavailable(f"The Bitcoin node is catching up: block {info['blocks']} of {info['headers']}.")
        return Tip(info["blocks"], info["bestblockhash"])

    def prepare(self, index: int) -> None:
        watched = {one["desc"]: one["range"][1] for one in self._descriptors()}
        wanted = [one for one in (self.descriptor, self.change) if one]
        if all(watched.get(one, -1) >= index for one in wanted):
            return
        fresh = index == 0 or all(one in watched for one in wanted)
        since = "now" if fresh else int(now().timestamp()) - RESCAN_DAYS * 86_400
        requests = [
            {"desc": one, "range": [0, index + AHEAD], "timestamp": since, "internal": one == self.change}
            for one in wanted
        ]
        for result in self.wallet.call("importdescriptors", requests, timeout=60):
            if not result["success"]:
                raise self.rpc.refusal("importdescriptors", result["error"]["code"], result["error"]["message"])

    def receipts(self, addresses: Collection[str], *, since: int, tip: Tip) -> list[Receipt]:
        if self.wallet.call("getwalletinfo")["scanning"]:
            raise Unavailable(f"The wallet {self.wallet.name} is still reading old blocks. It will be asked again.")
        self.rpc.call("syncwithvalidationinterfacequeue")  # the wallet hears of the mempool a moment later
        base = self.rpc.call("getblockhash", max(0, since - MARGIN))
        rows = self.wallet.call("listsinceblock", base, 1, True, False)["transactions"]
        ours = [row for row in rows if _counts(row) and row["address"] in addresses]
        replaceable = self._mempool({row["txid"] for row in ours if row["confirmations"] == 0})
        return list(_receipts(ours, replaceable))

    def flows(self, addresses: Collection[str], *, since: dt.datetime) -> list[Flow]:
        """All that the wallet knows, which is every address of the account."""
        return [_flow(txid, rows) for txid, rows in self._all().items() if rows[0]["confirmations"] >= RECORD_DEPTH]

    def holding(self, addresses: Collection[str]) -> int | None:
        """The wallet's balance, less what is not deep yet."""
        mine = self.wallet.call("getbalances")["mine"]
        known = self._all()
        waiting = self._mempool({txid for txid, rows in known.items() if rows[0]["confirmations"] == 0})
        shallow = [
            _flow(txid, rows).net
            for txid, rows in known.items()
            if txid in waiting or 0 < rows[0]["confirmations"] < RECORD_DEPTH
        ]
        return sum(sats(mine[part]) for part in ("trusted", "untrusted_pending", "immature")) - sum(shallow)

    def _all(self) -> dict[str, list[dict[str, Any]]]:
        """By transaction what the wallet lists of it: what came, and what went to others; change is neither."""
        if self.wallet.call("getwalletinfo")["scanning"]:
            raise Unavailable(f"The wallet {self.wallet.name} is still reading old blocks. It will be asked again.")
        first = self.rpc.call("getblockhash", 0)
        rows = self.wallet.call("listsinceblock", first, 1, True, False, timeout=60)["transactions"]
        found: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            if row["confirmations"] >= 0 and not row.get("abandoned", False) and row["category"] in RECORDED:
                found.setdefault(row["txid"], []).append(row)
        return found

    def holds(self, tip: Tip) -> bool:
        return self.tip() == tip

    def transaction(self, txid: str) -> Known | None:
        """Of our wallet's, in whichever block; of others' what the mempool or an index of transactions has."""
        found = self._found("gettransaction", txid, wallet=self.wallet.name)
        if found is None:
            found = self._found("getrawtransaction", txid, True)
        elif found["confirmations"] <= 0 and self._found("getmempoolentry", txid) is None:
            return None  # the wallet remembers what was replaced
        if found is None:
            return None
        at = found.get("blocktime") or found.get("time")
        return Known(found["hex"], max(0, found.get("confirmations", 0)), at)

    def unspent(self, places: Sequence[Place], *, pending: bool = True) -> list[bool]:
        answers = self.rpc.batch("gettxout", [[txid, vout, pending] for txid, vout in places])
        for answer in answers:
            if isinstance(answer, RpcError):
                raise answer
        return [answer is not None for answer in answers]

    def fee_rate(self) -> int | None:
        found = self.rpc.call("estimatesmartfee", SOON)
        return -(-sats(found["feerate"]) // 1000) if "feerate" in found else None

    def broadcast(self, raw: str) -> None:
        try:
            self.rpc.call("sendrawtransaction", raw)
        except RpcError as error:
            if error.code != ALREADY_MINED:
                raise

    def _found(self, method: str, *params: Any, wallet: str | None = None) -> dict[str, Any] | None:
        try:
            if wallet is not None:
                return dict(self.wallet.call(method, *params))
            return dict(self.rpc.call(method, *params))
        except RpcError as error:
            if error.code == NO_TRANSACTION:
                return None
            raise

    def _mempool(self, txids: Collection[str]) -> dict[str, bool]:
        """Of `txids` those that wait in the mempool, and whether each says it may be replaced."""
        wanted = sorted(txids)
        found: dict[str, bool] = {}
        for txid, entry in zip(wanted, self.rpc.batch("getmempoolentry", [[t] for t in wanted]), strict=True):
            if isinstance(entry, RpcError):
                if entry.code != NO_TRANSACTION:
                    raise entry
                continue
            found[txid] = bool(entry["bip125-replaceable"])
        return found

    def _descriptors(self) -> list[dict[str, Any]]:
        return list(self.wallet.call("listdescriptors")["descriptors"])


def _flow(txid: str, rows: Sequence[dict[str, Any]]) -> Flow:
    """Each row of a transaction that we sent names its whole fee."""
    sent = [row for row in rows if row["category"] == "send"]
    at = dt.datetime.fromtimestamp(rows[0].get("blocktime") or rows[0]["time"], dt.UTC)
    got = tuple(Got(row["vout"], row["address"], sats(row["amount"])) for row in rows if row not in sent)
    fee = -sats(sent[0]["fee"]) if sent else 0
    return Flow(txid, at, got, sent=-sum(sats(row["amount"]) for row in sent), fee=fee)


def _counts(row: dict[str, Any]) -> bool:
    """Whether the output is in an active block or could be in the mempool: not in conflict, not given up."""
    return row["category"] in RECEIVED and row["confirmations"] >= 0 and not row.get("abandoned", False)


def _receipts(rows: Iterable[dict[str, Any]], mempool: dict[str, bool]) -> Iterable[Receipt]:
    for row in rows:
        mined = row["confirmations"] > 0
        if mined or row["txid"] in mempool:
            yield Receipt(
                txid=row["txid"],
                vout=row["vout"],
                address=row["address"],
                amount_minor=sats(row["amount"]),
                height=row["blockheight"] if mined else None,
                block_hash=row["blockhash"] if mined else None,
                replaceable=not mined and mempool[row["txid"]],
            )
