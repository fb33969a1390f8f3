"""What the double knows: objects by kind and id, in memory and, when asked, in an append-only file of JSON lines.

One line holds all that one request changed, so a line that a kill cut short loses that request whole, never half.
"""

from __future__ import annotations

import json
import secrets
import threading
from pathlib import Path
from typing import Any

from marketplace.lib.clock import now
from payments.doubles.stripe.errors import missing

Obj = dict[str, Any]

KIND_OF = {
    "pi": "payment_intent",
    "ch": "charge",
    "re": "refund",
    "txn": "balance_transaction",
    "po": "payout",
    "du": "dispute",
    "file": "file",
    "evt": "event",
    "cs_test": "checkout.session",
    "tr": "transfer",
    "trr": "transfer_reversal",
    "tu": "topup",
}
PREFIX_OF = {kind: prefix for prefix, kind in KIND_OF.items()}


def stamp() -> int:
    """The current second since 1970, of the one clock that tests shift."""
    return int(now().timestamp())


class Store:
    """Every access holds `lock`; whoever changes an object puts it again and commits once at the end."""

    def __init__(self, path: Path | None = None) -> None:
        self.lock = threading.RLock()
        self.path = path
        self._rows: dict[str, dict[str, Obj]] = {}
        self._changed: dict[tuple[str, str], Obj] = {}
        if path and path.exists():
            self._load(path)

    def new(self, kind: str, **fields: Any) -> Obj:
        """A new object of Stripe's `kind`, with an id of its own, stored."""
        made: Obj = {
            "id": f"{PREFIX_OF[kind]}_{secrets.token_hex(12)}",
            "object": kind,
            "created": stamp(),
            "livemode": False,
            **fields,
        }
        return self.put(kind, made)

    def put(self, kind: str, row: Obj) -> Obj:
        self._rows.setdefault(kind, {})[row["id"]] = row
        self._changed[kind, row["id"]] = row
        return row

    def get(self, kind: str, name: str) -> Obj:
        try:
            return self._rows[kind][name]
        except KeyError:
            raise missing(kind, name) from None

    def find(self, kind: str, name: str) -> Obj | None:
        return self._rows.get(kind, {}).get(name)

    def every(self, kind: str, **fields: Any) -> list[Obj]:
        """All of a kind with these values, newest first."""
        rows = self._rows.get(kind, {}).values()
        return [row for row in reversed(rows) if all(row.get(k) == v for k, v in fields.items())]

    def commit(self) -> None:
        """Make what changed since the last commit last through a kill of this process."""
        changed, self._changed = self._changed, {}
        if not self.path or not changed:
            return
        line = json.dumps([[kind, row] for (kind, _), row in changed.items()])
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def _load(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8", errors="replace")
        for line in text.splitlines():
            try:
                rows = json.loads(line)
            except ValueError:
                continue  # a kill cut it short; its request was never answered
            for kind, row in rows:
                self._rows.setdefault(kind, {})[row["id"]] = row
        if text and not text.endswith("\n"):
            with path.open("a", encoding="utf-8") as file:
                file.write("\n")
