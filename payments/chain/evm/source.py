"""Receipts in a token: what its events say, and how much of that the address really got.

An event is only what a contract says. What counts is at most what the balance of the address grew by in that
block: a token may keep a share, or tell of transfers that it did not make.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from payments.chain.evm.node import Node
from payments.chain.evm.token import Token, Transfer
from payments.chain.record import Flow, Got
from payments.chain.source import Receipt, Tip

log = logging.getLogger(__name__)
MARGIN = 64  # blocks read below the asked height: a reorganisation may have put a payment lower
UNSETTLED = 64  # blocks that are not on the record yet where the chain itself calls none final
MOST = 10**15  # minor units; nobody pays a thousand million in one transfer
Place = tuple[str, int]  # an address and the block it was paid in
Known = Callable[[Iterable[str]], Mapping[tuple[str, int, str], int]]


class Erc20Source:
    """`known` tells what of earlier looks counts, by transaction, event and block: nodes forget old states, and what
    a block did to a balance never changes."""

    def __init__(self, node: Node, token: Token, *, known: Known) -> None:
        self.node, self.token, self.known = node, token, known

    def tip(self) -> Tip:
        tip = self.node.tip()
        self.token.check()
        return tip

    def prepare(self, index: int) -> None:
        """Nothing: a node sees every address."""

    def holds(self, tip: Tip) -> bool:
        return self.node.holds(tip)

    def receipts(self, addresses: Collection[str], *, since: int, tip: Tip) -> list[Receipt]:
        found = self.token.transfers(addresses, max(0, since - MARGIN), tip.height)
        transfers = sorted((one for one in found if one.value), key=lambda one: (one.height, one.log))
        counts = self._counts(transfers, tip)
        return [_receipt(one, counts[one.key]) for one in transfers if one.key in counts]

    def flows(self, addresses: Collection[str], *, since: dt.datetime) -> list[Flow]:
        """By the contract's events. The network's fee is in the chain's own coin, of which the books know nothing."""
        final = self._final()
        low = min(self.node.height_at(since), final.height)
        got = [one for one in self.receipts(addresses, since=low, tip=final) if one.amount_minor]
        sent = [one for one in self.token.sent(addresses, low, final.height) if one.value]
        done = self.token.succeeded(sent) if sent else set()
        times = {height: self.node.block_at(height).at for height in _heights(got, sent)}
        came = [Flow(one.txid, times[one.height or 0], (Got(one.vout, one.address, one.amount_minor),)) for one in got]
        left = _by_txid(one for one in sent if one.txid in done)
        went = [Flow(txid, times[of[0].height], (), sum(one.value for one in of)) for txid, of in left.items()]
        return [*came, *went]

    def holding(self, addresses: Collection[str]) -> int | None:
        """What the contract says that our addresses have together."""
        final = self._final()
        has = self.token.balances([(address, final.height) for address in addresses])
        return None if None in has else sum(one or 0 for one in has)

    def _final(self) -> Tip:
        tip = self.tip()
        return replace(tip, height=max(0, tip.height - UNSETTLED) if tip.final is None else tip.final)

    def _counts(self, transfers: Sequence[Transfer], tip: Tip) -> dict[tuple[str, int, str], int]:
        """What counts of each transfer; those of failed transactions are left out."""
        known = self.known({one.txid for one in transfers}) if transfers else {}
        counts = {one.key: known[one.key] for one in transfers if one.key in known}
        fresh = [one for one in transfers if one.key not in counts]
        done = self.token.succeeded(fresh) if fresh else set()
        blocks = _by_place(one for one in transfers if one.key in counts or one.txid in done)
        new = {place: group for place, group in blocks.items() if any(one.key not in counts for one in group)}
        for group, gain in zip(new.values(), self._gains(list(new)), strict=True):
            grown = self._still_there(group[0].to, transfers, tip) if gain is None else gain
            counts |= share(group, grown)
        return counts

    def _gains(self, places: Sequence[Place]) -> list[int | None]:
        """By how much each address' balance grew in its block; none where the node no longer knows."""
        before = self.token.balances([(address, height - 1) for address, height in places])
        after = self.token.balances(places)
        return [None if b is None or a is None else a - b for b, a in zip(before, after, strict=True)]

    def _still_there(self, address: str, transfers: Sequence[Transfer], tip: Tip) -> int:
        """All that was sent to `address` when it still has as much now, nothing when that cannot be known."""
        said = sum(one.value for one in transfers if one.to == address)
        [has] = self.token.balances([(address, tip.height)])
        if has is not None and has >= said:
            return said
        log.warning("Nothing counts of %s at %s: the node has no state of that block.", said, address)
        return 0


def _heights(got: Iterable[Receipt], sent: Iterable[Transfer]) -> set[int]:
    return {one.height or 0 for one in got} | {one.height for one in sent}


def _by_txid(transfers: Iterable[Transfer]) -> dict[str, list[Transfer]]:
    found: dict[str, list[Transfer]] = {}
    for one in transfers:
        found.setdefault(one.txid, []).append(one)
    return found


def share(group: Sequence[Transfer], gain: int) -> dict[tuple[str, int, str], int]:
    """What counts of the transfers of one block to one address that grew by `gain`: at most what each says."""
    counts, left = {}, max(0, gain)
    for one in group:
        counts[one.key] = min(one.value, left) if one.value <= MOST else 0
        left -= counts[one.key]
    return counts


def _by_place(transfers: Iterable[Transfer]) -> dict[Place, list[Transfer]]:
    groups: dict[Place, list[Transfer]] = {}
    for one in transfers:
        groups.setdefault((one.to, one.height), []).append(one)
    return groups


def _receipt(one: Transfer, counts: int) -> Receipt:
    return Receipt(
        txid=one.txid,
        vout=one.log,
        address=one.to,
        amount_minor=counts,
        height=one.height,
        block_hash=one.block_hash,
        claimed_minor=min(one.value, MOST),
    )
