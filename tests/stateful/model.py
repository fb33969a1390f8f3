"""What must be true of an order's money, worked out apart from the product: plain integers and the rules in words."""

from __future__ import annotations

from dataclasses import dataclass, field

HELD = ("goods", "shipping")


@dataclass
class Line:
    """One component of an order: what it became, in its own currency, and what the buyer paid for it."""

    target: int
    pay: int
    gone: int = 0  # of the target
    back: int = 0  # of the pay


@dataclass
class Life:
    """One order as the model has it. Amounts are minor units; `lines` by component, `paid`: its money is held."""

    number: str
    seller: int
    currency: str
    commission: int
    processing: int
    lines: dict[str, Line]
    status: str = "placed"
    paid: bool = False
    released: bool = False
    earned: int = 0  # by the release
    clawed: int = 0  # by refunds after it, less the commission that was given up
    kept_fee: int = 0
    fee_is_owed: bool = False
    refunds: list[int] = field(default_factory=list)  # what the buyer gets, each

    def left(self, component: str) -> int:
        line = self.lines.get(component)
        return 0 if line is None else line.target - line.gone

    @property
    def held(self) -> int:
        return sum(self.left(component) for component in HELD)

    def give_back(self, goods: int, shipping: int) -> None:
        """Take parts back; duty and tax follow in proportion, the buyer's side by cumulative rounding."""
        before = self._commission_back()
        asked = {"goods": goods, "shipping": shipping}
        for component, minor in asked.items():
            if minor:
                self.lines[component].gone += minor
        gone = sum(self.lines[component].gone for component in HELD if component in self.lines)
        whole = sum(self.lines[component].target for component in HELD if component in self.lines)
        sent = 0
        for component, line in self.lines.items():
            if component not in HELD:
                line.gone = max(line.gone, line.target * gone // whole)
            after = line.pay * line.gone // line.target
            sent += after - line.back
            line.back = after
        self.refunds.append(sent)
        if self.released:
            self.clawed += goods + shipping - (self._commission_back() - before)

    def _commission_back(self) -> int:
        goods = self.lines["goods"]
        return self.commission * goods.gone // goods.target

    def release(self) -> None:
        """What is left is the seller's, less the platform's share of it and the quoted fee."""
        self.released = True
        self.earned = self.held - (self.commission - self._commission_back()) - self.processing

    @property
    def of_seller(self) -> int:
        """What this order brought its seller so far."""
        return self.earned - self.clawed - self.kept_fee


def shares(fee: int, paid: list[int]) -> list[int]:
    """A fee among orders in proportion to what was paid for each, by cumulative floors."""
    whole, found, run, before = sum(paid), [], 0, 0
    for part in paid:
        run += part
        after = fee * run // whole
        found.append(after - before)
        before = after
    return found
