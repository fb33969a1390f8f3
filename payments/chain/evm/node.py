"""One EVM node: which chain it is on, how far it has got, and what of that is final."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from marketplace.lib.clock import now
from payments.chain.evm.networks import PLAY
from payments.chain.evm.rpc import Call, EvmRpc
from payments.chain.evm.words import hash32, number, quantity
from payments.chain.source import Tip
from payments.processors.base import Refused, Unavailable

STALE = dt.timedelta(minutes=10)  # every chain that is asked makes a block much more often


@dataclass(frozen=True, slots=True)
class Block:
    height: int
    hash: str
    at: dt.datetime


class Node:
    """Final is what the chain itself calls so (`by_depth` false), or what is deep enough."""

    def __init__(self, rpc: EvmRpc, chain_id: int, *, by_depth: bool) -> None:
        self.rpc, self.chain_id, self.by_depth = rpc, chain_id, by_depth

    def tip(self) -> Tip:
        """The latest block. Refused on another chain, Unavailable while the node is behind."""
        calls: list[Call] = [("eth_chainId", []), _block("latest")]
        chain, latest, *final = self.rpc.all(calls if self.by_depth else [*calls, _block("finalized")])
        self._check_chain(chain)
        tip = block(latest)
        self._check_age(tip)
        if self.by_depth:
            return Tip(tip.height, tip.hash)
        return Tip(tip.height, tip.hash, min(block(final[0]).height, tip.height))

    def holds(self, tip: Tip) -> bool:
        """Whether `tip` is a block of the active chain still, and so all that is below it."""
        found = self.rpc.call(*_flat(_block(quantity(tip.height))))
        return found is not None and block(found).hash == tip.hash

    def block_at(self, height: int) -> Block:
        return block(self.rpc.call(*_flat(_block(quantity(height)))))

    def height_at(self, when: dt.datetime) -> int:
        """The last block that is not younger than `when`; the first one of all when there is none."""
        low, high = 0, number(self.rpc.call("eth_blockNumber"))
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.block_at(middle).at <= when else (low, middle - 1)
        return low

    def _check_chain(self, answer: Any) -> None:
        found = number(answer)
        if found != self.chain_id:
            raise Refused(
                f"The node at ERC20_URL is on chain {found}, ERC20_CHAIN_ID is {self.chain_id}. Make them one."
            )

    def _check_age(self, tip: Block) -> None:
        age = now() - tip.at
        if age > STALE and self.chain_id not in PLAY:
            minutes = int(age.total_seconds()) // 60
            raise Unavailable(f"The EVM node is behind: its latest block {tip.height} is {minutes} minutes old.")


def block(answer: Any) -> Block:
    """Unavailable when the node has no such block."""
    if answer is None:
        raise Unavailable("The EVM node does not have the block that it was asked for. It will be asked again.")
    at = dt.datetime.fromtimestamp(number(answer["timestamp"]), dt.UTC)
    return Block(number(answer["number"]), hash32(answer["hash"]), at)


def _block(which: str) -> Call:
    return "eth_getBlockByNumber", [which, False]


def _flat(call: Call) -> tuple[Any, ...]:
    method, params = call
    return method, *params
