"""Cards: the far end keeps 2 % of what was paid; the estimate on the fee sheet is 3 %."""

from __future__ import annotations

from typing import ClassVar

from fx.money import Money
from tests.payments import pocket


class Card(pocket.Pocket):
    """Keeps 2 % of what was paid; the estimate on the fee sheet is 3 %."""

    slug: ClassVar[str] = "card"
    label: ClassVar[str] = "Card"

    def fee(self, money: Money, country: str) -> Money:
        return money.bps(300, up=True)
