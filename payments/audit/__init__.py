"""Invariants of the books, payments, refunds, work, coins and payouts. Ids follow docs/audit.md."""

from __future__ import annotations

from marketplace.lib.audit import Check
from payments.audit import bank, books, paid, recon, statements, taken, work
from payments.audit.waiting import WAITING

__all__ = ["WAITING", "checks"]


def checks() -> tuple[Check, ...]:
    return books.CHECKS + paid.CHECKS + taken.CHECKS + work.CHECKS + bank.CHECKS + recon.CHECKS + statements.CHECKS
