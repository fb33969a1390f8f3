"""Processors. This is the whole of what a package with one of its own may import, beside `payments.testing`:
docs/processors.md explains it. It changes with `API` only; everything below it may change at any time.
"""

from __future__ import annotations

from fx.money import Money, MoneyError
from marketplace.lib.clock import now
from payments.processors.base import (
    API,
    FACTS,
    BadSignature,
    Can,
    Claim,
    Declined,
    Evidence,
    Movement,
    Outcome,
    Processor,
    ProcessorError,
    Refused,
    Unavailable,
    Unknown,
    Update,
)
from payments.processors.steps import Form, Redirect, Show, Wait

__all__ = [
    "API",
    "FACTS",
    "BadSignature",
    "Can",
    "Claim",
    "Declined",
    "Evidence",
    "Form",
    "Money",
    "MoneyError",
    "Movement",
    "Outcome",
    "Processor",
    "ProcessorError",
    "Redirect",
    "Refused",
    "Show",
    "Unavailable",
    "Unknown",
    "Update",
    "Wait",
    "now",
]
