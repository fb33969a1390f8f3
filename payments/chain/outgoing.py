"""What a chain says about coins that leave: which transactions it knows, and which outputs are still there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

Place = tuple[str, int]  # an output: its transaction's id and its number there
SOON = 6  # blocks: fee rates are asked for what shall be mined by then
FINAL_AFTER = 3  # blocks, until what we sent counts as done


@dataclass(frozen=True, slots=True)
class Known:
    """A transaction that the chain knows now: `depth` is 0 in the mempool. Replaced ones are not known any more.

    `at`: when its block was made or it was first seen, in seconds of the epoch, where the source says so.
    """

    raw: str
    depth: int
    at: int | None = None


@runtime_checkable
class Outgoing(Protocol):
    """A `ChainSource` that sees what leaves, too. The demo's play chain has no transactions and is none."""

    def transaction(self, txid: str) -> Known | None: ...

    def unspent(self, places: Sequence[Place], *, pending: bool = True) -> list[bool]:
        """Whether each output is there and unspent; with `pending`, by what waits in the mempool, too."""

    def fee_rate(self) -> int | None:
        """Satoshi per virtual byte, rounded up; none where the source cannot say."""

    def broadcast(self, raw: str) -> None:
        """Give a signed transaction to the network; again is harmless. Refused when the network does not take it."""
