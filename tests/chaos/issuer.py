"""The bank of a buyer's card: it asks for the money of a charge, and decides. Asked until Stripe has answered."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from tests.chaos.wire import FAILED, STRIPE, ask

T = TypeVar("T")


def asks(port: int, intent: str) -> str:
    """The id of the one dispute of this payment; its money is gone from now on."""

    def once() -> str:
        _status, known = ask(port, "GET", f"/v1/disputes?payment_intent={intent}", None, STRIPE)
        rows = known["data"] or [ask(port, "POST", "/_double/disputes", {"payment_intent": intent}, STRIPE)[1]]
        return str(rows[0]["id"])

    return answered(once)


def decides(port: int, name: str, outcome: str) -> None:
    """`won` by the seller, or `lost`."""

    def once() -> None:
        _status, known = ask(port, "GET", f"/v1/disputes/{name}", None, STRIPE)
        if known["status"] != outcome:
            ask(port, "POST", f"/_double/disputes/{name}", {"outcome": outcome}, STRIPE)

    answered(once)


def answered(once: Callable[[], T]) -> T:
    """The answer, however often it takes."""
    while True:
        try:
            return once()
        except (*FAILED, KeyError):  # killed, or it answered with an error that names no object
            time.sleep(0.3)
