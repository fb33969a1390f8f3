"""The answer of `landed_cost`: explained components, stored as JSON with an order as the evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from fx.money import Money, total
from listings.customs.rule import Rule
from listings.customs.shipment import Shipment, money_from


class Certainty(StrEnum):
    EXACT = "exact"
    ESTIMATE = "estimate"
    UNKNOWN = "unknown"


class Payer(StrEnum):
    CHECKOUT = "checkout"
    DELIVERY = "delivery"


class Kind(StrEnum):
    GOODS = "goods"
    SHIPPING = "shipping"
    DUTY = "duty"
    TAX = "tax"
    FEE = "fee"


@dataclass(frozen=True, slots=True)
class Charge:
    """What the border takes, in the rule's currency; `amount` is None when nobody knows it.

    `each`: what one more kind of goods would add, where duty is owed per kind; `upto`: the worth of goods up to which.
    """

    kind: Kind
    label: str
    amount: Money | None
    why: str
    certainty: Certainty
    each: Money | None = None
    upto: Money | None = None


@dataclass(frozen=True, slots=True)
class Component:
    """One line of the bill in the buyer's currency. `amount` is None exactly when `certainty` is unknown.

    Of duty, tax and government fees, `scheme` (like `IOSS`, empty without one), `country` and
    `scheme_amount` (in the scheme's currency) say what is owed to whom. Only exact components are
    paid at checkout.
    """

    kind: Kind
    label: str
    amount: Money | None
    why: str
    certainty: Certainty
    payer: Payer
    source: str = ""
    scheme: str = ""
    country: str = ""
    scheme_amount: Money | None = None

    def json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "label": self.label,
            "amount": _json(self.amount),
            "why": self.why,
            "certainty": self.certainty.value,
            "payer": self.payer.value,
            "source": self.source,
            "scheme": self.scheme,
            "country": self.country,
            "scheme_amount": _json(self.scheme_amount),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Component:
        return cls(
            **{
                **data,
                "kind": Kind(data["kind"]),
                "certainty": Certainty(data["certainty"]),
                "payer": Payer(data["payer"]),
                "amount": _money(data["amount"]),
                "scheme_amount": _money(data["scheme_amount"]),
            }
        )


@dataclass(frozen=True, slots=True)
class LandedCost:
    """The bill at the buyer's door in `currency`, on the day `on`, for `shipment` under `rule`.

    `incoterm` is DDP (duty and tax collected at checkout), DAP (paid on delivery) or domestic.
    """

    shipment: Shipment
    components: tuple[Component, ...]
    currency: str
    on: dt.date
    incoterm: str
    rule: Rule | None = None
    registrations: frozenset[str] = frozenset()
    notices: tuple[str, ...] = ()

    def total(self, payer: Payer | None = None) -> Money:
        """The sum of what is known, of one payer or of both."""
        return total(
            (c.amount for c in self.components if c.amount and payer in (None, c.payer)),
            self.currency,
        )

    @property
    def due_now(self) -> Money:
        """What is collected at checkout."""
        return self.total(Payer.CHECKOUT)

    @property
    def complete(self) -> bool:
        """False when something is unknown: the total then reads "at least"."""
        return all(c.certainty is not Certainty.UNKNOWN for c in self.components)

    @property
    def at_least(self) -> bool:
        return not self.complete

    @property
    def estimated(self) -> bool:
        return any(c.certainty is Certainty.ESTIMATE for c in self.components)

    def of(self, kind: Kind) -> list[Component]:
        return [component for component in self.components if component.kind is kind]

    def noting(self, *notices: str) -> LandedCost:
        return replace(self, notices=(*self.notices, *notices))

    def json(self) -> dict[str, Any]:
        """All that is needed to show it again and, with the quote's rates, to compute it again."""
        return {
            "version": 1,
            "on": self.on.isoformat(),
            "currency": self.currency,
            "incoterm": self.incoterm,
            "total": self.total().json(),
            "due_now": self.due_now.json(),
            "complete": self.complete,
            "components": [component.json() for component in self.components],
            "notices": list(self.notices),
            "registrations": sorted(self.registrations),
            "rule": self.rule and self.rule.json(),
            "shipment": self.shipment.json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> LandedCost:
        return cls(
            shipment=Shipment.from_json(data["shipment"]),
            components=tuple(Component.from_json(c) for c in data["components"]),
            currency=data["currency"],
            on=dt.date.fromisoformat(data["on"]),
            incoterm=data["incoterm"],
            rule=Rule.from_json(data["rule"]) if data["rule"] else None,
            registrations=frozenset(data["registrations"]),
            notices=tuple(data["notices"]),
        )


def _json(money: Money | None) -> dict[str, str] | None:
    return None if money is None else money.json()


def _money(data: Mapping[str, str] | None) -> Money | None:
    return None if data is None else money_from(data)
