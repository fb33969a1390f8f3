"""A provider of exchange for tests. Its far end is a file, so that it remembers what a killed process asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

from fx.money import Money
from payments.exchange.base import ExchangeProvider, Execution, Order, Traded
from payments.processors.base import Refused, Unavailable, Unknown


class Bourse(ExchangeProvider):
    """It trades two units for a euro. `mood`: what goes wrong with the next order."""

    slug: ClassVar[str] = "bourse"
    book: ClassVar[Path]
    mood: ClassVar[str] = ""
    calls: ClassVar[list[str]] = []

    def exchange(self, order: Order) -> Execution:
        mood, Bourse.mood = Bourse.mood, ""
        self.calls.append(f"exchange {order.key}")
        if mood == "down":
            raise Unavailable("The bourse is closed.")
        if mood == "refuse":
            raise Refused("We do not trade that.")
        orders = self._orders()
        if order.key not in orders:
            minor = order.amount.amount
            done = {"half": minor // 2, "over": minor + 1, "nothing": 0}.get(mood, minor)
            orders[order.key] = [f"{len(orders) + 1}", done, -(-done // 2)]
            self.book.write_text(json.dumps(orders))
        if mood == "lose":
            raise Unknown("The line went dead.")
        return self._told(order, orders[order.key])

    def fetch(self, order: Order) -> Execution | None:
        self.calls.append(f"fetch {order.key}")
        found = self._orders().get(order.key)
        return None if found is None else self._told(order, found)

    def _orders(self) -> dict[str, Any]:
        orders: dict[str, Any] = json.loads(self.book.read_text()) if self.book.exists() else {}
        return orders

    def _told(self, order: Order, found: Any) -> Execution:
        ref, done, hub = found
        fills = (Traded(ref, Money(done, order.amount.currency), Money(hub, "EUR")),) if done else ()
        return Execution(fills, ended=True)
