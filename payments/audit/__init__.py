"""Invariants of the books, payments, refunds, work, coins and payouts. Ids follow docs/audit.md."""

from __future__ import annotations

from marketplace.lib.audit import Check
from payments.audit import bank, books, drawn, guards, netting, paid, proof, recon, spent, statements, taken, work
from payments.audit.waiting import WAITING

__all__ = ["WAITING", "checks"]


def checks() -> tuple[Check, ...]:
    ours = books.CHECKS + paid.CHECKS + taken.CHECKS + spent.CHECKS + drawn.CHECKS + work.CHECKS
    return ours + bank.CHECKS + guards.CHECKS + recon.CHECKS + statements.CHECKS + proof.CHECKS + netting.CHECKS
