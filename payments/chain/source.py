"""Where the truth about a chain comes from. A source remembers nothing: it says what is so now.

That is what makes reorganisations, replacements and double spends harmless: each look reads the present
receipts of the addresses that are still watched, and whatever is no longer among them is gone.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from payments.processors.base import Unavailable

LOOKS = 3  # tries to read receipts while no block arrives in between


@dataclass(frozen=True, slots=True)
class Tip:
    """The latest block of the active chain."""

    height: int
    hash: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """One output that pays a watched address, in the mempool (`height` is none) or in an active block."""

    txid: str
    vout: int
    address: str
    amount_sat: int
    height: int | None
    block_hash: str | None
    replaceable: bool

    def depth(self, tip: Tip) -> int:
        """Blocks on top of it, its own included; 0 in the mempool."""
        return 0 if self.height is None else max(0, tip.height - self.height + 1)


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look saw: receipts that hold at one tip."""

    tip: Tip
    receipts: tuple[Receipt, ...]

    def of(self, address: str) -> list[Receipt]:
        return [receipt for receipt in self.receipts if receipt.address == address]


class ChainSource(Protocol):
    """A node, an Esplora server or the demo chain.

    Every method raises Unavailable when the source cannot be asked or is not up to date, Refused when it is
    the wrong one (another network, wrong password).
    """

    def tip(self) -> Tip:
        """The active chain's latest block."""

    def prepare(self, index: int) -> None:
        """Be able to see receipts of the account's addresses up to `index`. Called before one is shown to a buyer."""

    def receipts(self, addresses: Collection[str], *, since: int) -> list[Receipt]:
        """All present receipts of `addresses`, none of which was paid in a block below height `since`."""


def look(source: ChainSource, addresses: Collection[str], *, since: int) -> Sight:
    """Tip and receipts that belong together: read again when a block arrived in between."""
    for _ in range(LOOKS):
        try:
            tip = source.tip()
            receipts = tuple(source.receipts(addresses, since=since))
            if source.tip() == tip:
                return Sight(tip, receipts)
        except (LookupError, TypeError, ValueError) as error:
            raise Unavailable(f"The chain's source gave an answer of another shape: {error!r}.") from error
    raise Unavailable(f"Blocks arrived during each of {LOOKS} looks at the chain. The next look will do.")
