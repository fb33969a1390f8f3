"""A parcel as the border sees it: what is in it, what it costs to send, where it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from fx.money import Money, total
from listings.customs.rule import Rule

Convert = Callable[[Money, str], Money]  # dated rates live with the caller


@dataclass(frozen=True, slots=True)
class Line:
    """`quantity` pieces at `unit` each, in the shop's currency; `origin` is where the goods were made.

    `asked`: what the buyer pays for a piece, where the seller set it in the buyer's money and nothing is converted.
    """

    title: str
    hs_code: str
    origin: str
    unit: Money
    quantity: int = 1
    asked: Money | None = None

    def piece(self, currency: str, convert: Convert) -> Money:
        """What the buyer pays for one."""
        return self.asked or convert(self.unit, currency)


@dataclass(frozen=True, slots=True)
class Shipment:
    """One parcel of one shop: all its money is in the shop's currency. Countries are ISO 3166-1 alpha-2.

    `discount`: what the buyer pays less than the lines say, for all of them together.
    """

    lines: Sequence[Line]
    shipping: Money
    seller_country: str
    destination: str
    discount: Money | None = None

    @property
    def goods(self) -> Money:
        listed = total((line.unit.times(line.quantity) for line in self.lines), self.shipping.currency)
        return listed if self.discount is None else listed - self.discount

    @property
    def has_asked(self) -> bool:
        return any(line.asked for line in self.lines)

    def goods_in(self, currency: str, convert: Convert) -> Money:
        """What the buyer pays for the goods: what is asked in `currency`, and all else converted once.

        There is no discount where something is asked: the buyer pays exactly that.
        """
        if not self.has_asked:
            return convert(self.goods, currency)
        assert self.discount is None
        set_prices = [line.asked.times(line.quantity) for line in self.lines if line.asked]
        rest = total((line.unit.times(line.quantity) for line in self.lines if not line.asked), self.shipping.currency)
        return total([convert(rest, currency), *set_prices] if rest else set_prices, currency)

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def tariff_codes(self) -> list[str]:
        """The distinct six-digit subheadings in the parcel."""
        return sorted({line.hs_code[:6] for line in self.lines})

    def json(self) -> dict[str, Any]:
        less = {} if self.discount is None else {"discount": self.discount.json()}
        return less | {
            "seller_country": self.seller_country,
            "destination": self.destination,
            "shipping": self.shipping.json(),
            "lines": [
                {
                    "title": line.title,
                    "hs_code": line.hs_code,
                    "origin": line.origin,
                    "unit": line.unit.json(),
                    "quantity": line.quantity,
                    **({"asked": line.asked.json()} if line.asked else {}),
                }
                for line in self.lines
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Shipment:
        lines = tuple(_line(line) for line in data["lines"])
        less = money_from(data["discount"]) if "discount" in data else None
        return cls(lines, money_from(data["shipping"]), data["seller_country"], data["destination"], less)


@dataclass(frozen=True, slots=True)
class Declared:
    """A shipment valued for customs: every amount in the rule's currency.

    `value` is what is compared with the rule's limits, on the rule's basis: the goods of the whole
    parcel, with shipping, or the dearest piece.
    """

    shipment: Shipment
    rule: Rule
    goods: Money
    shipping: Money
    value: int

    @classmethod
    def of(cls, shipment: Shipment, rule: Rule, *, currency: str, convert: Convert, value: Convert) -> Declared:
        """Customs values what the buyer pays: the price in `currency`, then in the rule's currency."""

        def declared(paid: Money) -> Money:
            return value(paid, rule.currency)

        goods, shipping = (
            declared(shipment.goods_in(currency, convert)),
            declared(convert(shipment.shipping, currency)),
        )
        compared = goods.amount
        if rule.basis == "item":
            compared = max(declared(line.piece(currency, convert)).amount for line in shipment.lines)
        elif "incl. shipping" in rule.basis:
            compared += shipping.amount
        return cls(shipment, rule, goods, shipping, compared)

    def money(self, minor: int) -> Money:
        return Money(minor, self.rule.currency)


def _line(data: Mapping[str, Any]) -> Line:
    asked = {"asked": money_from(data["asked"])} if "asked" in data else {}
    return Line(**{**data, "unit": money_from(data["unit"]), **asked})


def money_from(data: Mapping[str, str]) -> Money:
    return Money.parse(data["amount"], data["currency"])


def share(money: Money, rate: Fraction) -> Money:
    """`rate` of `money`, rounded half up as tax offices do."""
    doubled = 2 * money.amount * rate.numerator + rate.denominator
    return Money(doubled // (2 * rate.denominator), money.currency)
