"""Money in the admin: to look at, with the few decisions that people make. All of them are services."""

from __future__ import annotations

from payments.admin import (
    audit,
    bank,
    bankin,
    books,
    calls,
    drawings,
    fees,
    flow,
    freeze,
    invoices,
    netting,
    papers,
    payouts,
    recon,
    screening,
    sendings,
)

__all__ = [
    "audit",
    "bank",
    "bankin",
    "books",
    "calls",
    "drawings",
    "fees",
    "flow",
    "freeze",
    "invoices",
    "netting",
    "papers",
    "payouts",
    "recon",
    "screening",
    "sendings",
]
