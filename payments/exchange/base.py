"""What a provider of exchange promises. A package adds its own by the entry point `marketplace.exchange_providers`,
naming a class that takes no arguments; settings.EXCHANGE_PROVIDER names the one that is asked. docs/exchange.md."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from fx.money import Money


@dataclass(frozen=True, slots=True)
class Order:
    """Sell `amount` for euros, or buy it with euros, at the market. `key` is ours and names this order for ever."""

    key: str
    sells: bool
    amount: Money


@dataclass(frozen=True, slots=True)
class Traded:
    """One exchange that was made for an order: `amount` of its currency against `hub` euros, after all costs.

    `ref` is the provider's own name of it, and what the bank's statement shows where it shows it.
    """

    ref: str
    amount: Money
    hub: Money


@dataclass(frozen=True, slots=True)
class Execution:
    """All exchanges that were made for an order so far. `ended`: there will be no more of them."""

    fills: tuple[Traded, ...]
    ended: bool


class ExchangeProvider(ABC):
    """Called outside of any transaction. Three outcomes, not two, by the errors of payments.processors.base:
    Refused and Unavailable say that surely nothing was exchanged, Unknown that nobody knows; then `fetch` is asked.
    """

    slug: ClassVar[str]
    by_hand: ClassVar[bool] = False  # a person exchanges and records it; nothing is asked

    def least(self, currency: str) -> Money | None:
        """The smallest amount of the currency that it exchanges, known without asking; less is never asked. None: any.

        Where it exchanges in steps, the step: what is left after whole steps is less than that.
        """
        return None

    @abstractmethod
    def exchange(self, order: Order) -> Execution:
        """Carry it out, once for each key however often it is asked. Never more than its amount."""

    @abstractmethod
    def fetch(self, order: Order) -> Execution | None:
        """What became of it; None only when it surely never arrived."""
