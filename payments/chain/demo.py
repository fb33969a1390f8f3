"""A play chain behind the same protocol, for demos and tests without a node. No coin moves anywhere.

Blocks come by the clock, one each `SECONDS`; a transfer waits in the "mempool" until the next one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from marketplace.lib.clock import now
from payments.chain.source import Receipt, Tip
from payments.models import DemoTransfer

SECONDS = 20
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class DemoChain:
    def __init__(self) -> None:
        if not settings.SANDBOX:
            raise ImproperlyConfigured(
                "The source `demo` is play money. Outside the demo set BITCOIN_SOURCE to core or esplora, "
                "ERC20_SOURCE to node."
            )

    def tip(self) -> Tip:
        return _block(_height(now()))

    def prepare(self, index: int) -> None:
        """Nothing: the play chain sees every address."""

    def receipts(self, addresses: Collection[str], *, since: int, tip: Tip) -> list[Receipt]:
        rows = DemoTransfer.objects.filter(address__in=addresses).order_by("id")
        return [_receipt(row, tip) for row in rows]

    def holds(self, tip: Tip) -> bool:
        return self.tip() == tip

    def send(self, address: str, amount_minor: int) -> str:
        """Pay play money to `address`; returns the transaction's id."""
        return _txid(DemoTransfer.objects.create(address=address, amount_minor=amount_minor))


def _height(at: dt.datetime) -> int:
    return int((at - START).total_seconds()) // SECONDS


def _block(height: int) -> Tip:
    return Tip(height, hashlib.sha256(f"demo block {height}".encode()).hexdigest())


def _txid(row: DemoTransfer) -> str:
    return hashlib.sha256(f"demo transfer {row.pk} {row.address}".encode()).hexdigest()


def _receipt(row: DemoTransfer, tip: Tip) -> Receipt:
    height = _height(row.sent_at) + 1
    mined = height <= tip.height
    return Receipt(
        txid=_txid(row),
        vout=0,
        address=row.address,
        amount_minor=row.amount_minor,
        height=height if mined else None,
        block_hash=_block(height).hash if mined else None,
        replaceable=not mined,
    )
