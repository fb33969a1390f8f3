"""What a chain says of all our coins at once: every transaction that moved them, and what is there.

Only blocks that will not be undone count, so that what was told once stays so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from fx.money import Money
from payments.processors.base import Movement


@dataclass(frozen=True, slots=True)
class Got:
    """One output, or one event of a token, that one of our addresses got; `place` is its number."""

    place: int
    address: str
    minor: int


@dataclass(frozen=True, slots=True)
class Flow:
    """One final transaction: what our addresses got of others, `sent` to others, and the network's `fee` in the coin
    itself, as far as we paid it."""

    txid: str
    at: dt.datetime
    got: tuple[Got, ...]
    sent: int = 0
    fee: int = 0

    @property
    def net(self) -> int:
        return sum(one.minor for one in self.got) - self.sent - self.fee


@runtime_checkable
class Recording(Protocol):
    """A source that remembers: a wallet on a node, or a node with its logs. Raises what every source raises."""

    def flows(self, addresses: Collection[str], *, since: dt.datetime) -> list[Flow]:
        """What is final, from `since` on or earlier."""

    def holding(self, addresses: Collection[str]) -> int | None:
        """What is there now of what is final, in minor units; none where the source no longer knows."""


def movements(flow: Flow, currency: str) -> Iterator[Movement]:
    """What came by address, what was sent by transaction."""
    for one in flow.got:
        money = Money(one.minor, currency)
        yield Movement(one.address, "charge", money, Money(0, currency), flow.at, f"{flow.txid}:{one.place}")
    if flow.sent or flow.fee:
        yield Movement(flow.txid, "sent", Money(-flow.sent, currency), Money(flow.fee, currency), flow.at, flow.txid)
