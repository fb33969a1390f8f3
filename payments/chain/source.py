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
    """The latest block of the active chain. Above the height `final` the chain itself promises nothing, however deep
    a block is; none where depth alone decides."""

    height: int
    hash: str
    final: int | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """One output, or one event of a token, that pays a watched address: in the mempool (`height` is none) or in an
    active block.

    `vout` is its number: within the transaction, or of the event within the block. `amount_minor` is what counts,
    `claimed_minor` what the chain says was sent; they differ where a token lies or keeps a share.
    """

    txid: str
    vout: int
    address: str
    amount_minor: int
    height: int | None
    block_hash: str | None
    replaceable: bool = False
    claimed_minor: int | None = None  # none: what counts

    @property
    def claimed(self) -> int:
        return self.amount_minor if self.claimed_minor is None else self.claimed_minor

    def depth(self, tip: Tip) -> int:
        """Blocks on top of it, its own included; 0 in the mempool."""
        return 0 if self.height is None else max(0, tip.height - self.height + 1)

    def is_final(self, tip: Tip, confirmations: int) -> bool:
        """Whether it is as deep as was asked, and final where the chain says what is."""
        promised = tip.final is None or (self.height is not None and self.height <= tip.final)
        return self.depth(tip) >= max(confirmations, 1) and promised


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

    def receipts(self, addresses: Collection[str], *, since: int, tip: Tip) -> list[Receipt]:
        """All present receipts of `addresses` up to `tip`; none was paid in a block below height `since`."""

    def holds(self, tip: Tip) -> bool:
        """Whether what was read since `tip` was read belongs together."""


def look(source: ChainSource, addresses: Collection[str], *, since: int) -> Sight:
    """Tip and receipts that belong together: read again when a block arrived in between."""
    for _ in range(LOOKS):
        try:
            tip = source.tip()
            receipts = tuple(source.receipts(addresses, since=since, tip=tip))
            if source.holds(tip):
                return Sight(tip, receipts)
        except (LookupError, TypeError, ValueError) as error:
            raise Unavailable(f"The chain's source gave an answer of another shape: {error!r}.") from error
    raise Unavailable(f"Blocks arrived during each of {LOOKS} looks at the chain. The next look will do.")
