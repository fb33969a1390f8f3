"""A person exchanges at the platform's bank and records each fill in the admin."""

from __future__ import annotations

from typing import ClassVar

from payments.exchange.base import ExchangeProvider, Execution, Order
from payments.processors.base import Refused


class Manual(ExchangeProvider):
    slug: ClassVar[str] = "manual"
    by_hand: ClassVar[bool] = True

    def exchange(self, order: Order) -> Execution:
        raise Refused("A person exchanges it and records the fill.")

    def fetch(self, order: Order) -> None:
        return None
