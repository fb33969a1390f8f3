"""USDC whose chain is in the test's hands."""

from __future__ import annotations

from typing import ClassVar

from payments.processors.base import Can
from tests.payments import pocket


class Token(pocket.Pocket):
    slug: ClassVar[str] = "token"
    label: ClassVar[str] = "Token"
    can: ClassVar[Can] = Can.POLL | Can.WEBHOOK

    def pay_currency(self, currency: str) -> str:
        return "USDC"
