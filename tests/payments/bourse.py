"""A provider of exchange for tests. Its far end is a file, so that it remembers what a killed process asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from fx.money import Money
from payments.exchange.base import ExchangeProvider, Execution, Order, Traded
from payments.processors.base import Refused, Unavailable, Unknown


class Bourse(ExchangeProvider):
    """It trades two units for a cent, or `price` says how many, in whole `step`s. `mood`: what goes wrong with the next
    order; `meanwhile`: what somebody else does before it answers."""

    slug: ClassVar[str] = "bourse"
    book: ClassVar[Path]
    mood: ClassVar[str] = ""
    calls: ClassVar[list[str]] = []
    price: ClassVar[dict[str, int]] = {}
    step: ClassVar[dict[str, int]] = {}
    meanwhile: ClassVar[list[Callable[[], object]]] = []

    def least(self, currency: str) -> Money | None:
        return Money(self.step[currency], currency) if currency in self.step else None

    def exchange(self, order: Order) -> Execution:
        mood, Bourse.mood = Bourse.mood, ""
        self.calls.append(f"exchange {order.key}")
        if mood == "down":
            raise Unavailable("The bourse is closed.")
        if mood == "refuse":
            raise Refused("We do not trade that.")
        orders = self._orders()
        if order.key not in orders:
            orders[order.key] = [f"{len(orders) + 1}", *self._done(order.amount, mood)]
            self.book.write_text(json.dumps(orders))
        for act in self.meanwhile:
            act()
        if mood == "lose":
            raise Unknown("The line went dead.")
        return self._told(order, orders[order.key])

    def fetch(self, order: Order) -> Execution | None:
        self.calls.append(f"fetch {order.key}")
        found = self._orders().get(order.key)
        return None if found is None else self._told(order, found)

    def _done(self, amount: Money, mood: str) -> tuple[int, int]:
        minor, step = amount.amount, self.step.get(amount.currency, 1)
        done = {"half": minor // 2, "over": minor + 1, "nothing": 0}.get(mood, minor // step * step)
        return done, -(-done // self.price.get(amount.currency, 2))

    def _orders(self) -> dict[str, Any]:
        orders: dict[str, Any] = json.loads(self.book.read_text()) if self.book.exists() else {}
        return orders

    def _told(self, order: Order, found: Any) -> Execution:
        ref, done, hub = found
        fills = (Traded(ref, Money(done, order.amount.currency), Money(hub, "EUR")),) if done else ()
        return Execution(fills, ended=True)
