"""What a buyer's transfer should be: the memory of the rail `transfer`, whoever keeps it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from fx.money import Money

SLUG = "transfer"


@dataclass(frozen=True, slots=True)
class Expected:
    """One payment: what is due until when, what came, and when the bank booked the last of it."""

    due: Money
    received: Money
    expires_at: dt.datetime
    booked_at: dt.datetime | None = None


class Book(Protocol):
    def open(self, ref: str) -> Expected:
        """The payment `ref` of ours. LookupError when there is none."""

    def at(self, reference: str) -> Expected | None:
        """The payment with this reference."""
