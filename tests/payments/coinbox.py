"""A processor of coin for tests: no cancel, no refund, amounts that grow."""

from __future__ import annotations

from typing import ClassVar

from payments.processors.base import Can
from tests.payments import pocket


class Coinbox(pocket.Pocket):
    slug: ClassVar[str] = "coinbox"
    label: ClassVar[str] = "Coinbox"
    can: ClassVar[Can] = Can.POLL

    def pay_currency(self, currency: str) -> str:
        return "BTC"


class Dollarbox(Coinbox):
    """The same for dollar coins."""

    slug: ClassVar[str] = "dollarbox"
    label: ClassVar[str] = "Dollarbox"

    def pay_currency(self, currency: str) -> str:
        return "USDC"
