"""What a payment in coin asks for, and what receipts mean for it. Pure: no clock, no database, no network."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from fx.money import Money
from payments.chain.source import Receipt, Tip
from payments.processors.base import Outcome

# Confirmations in Bitcoin by value, from 2026-07-01: below so many euro cents, so many blocks. Never none: since
# nodes relay any replacement, an unconfirmed payment can be taken back at will.
DEPTHS = ((50_00, 1), (1_000_00, 2), (10_000_00, 3))
DEEPEST = 6
# So much may be missing (wallets round, exchanges keep a fee); it is the platform's loss, so it is small.
TOLERANCE_BPS, TOLERANCE_SAT = 50, 546


@dataclass(frozen=True, slots=True)
class Invoice:
    """`due` at `address`, the account's `index`, in time until `expires_at`; deep after `confirmations` blocks.

    Funds that were seen in time are waited for until `give_up_at`. Nothing was paid below block `born_height`.
    """

    address: str
    index: int
    due: Money
    confirmations: int
    born_height: int
    expires_at: dt.datetime
    give_up_at: dt.datetime

    @property
    def enough(self) -> Money:
        """The least that counts as paid."""
        return self.due - max(self.due.bps(TOLERANCE_BPS), Money(TOLERANCE_SAT, self.due.currency))


@dataclass(frozen=True, slots=True)
class Verdict:
    """`seen` counts every receipt, `mined` those in a block, `deep` those that are final."""

    outcome: Outcome
    seen: Money
    mined: Money
    deep: Money


class Book(Protocol):
    """Where invoices are kept. The processor knows no rows; payments.chain.book is the one in the database."""

    def open(self, ref: str, *, height: int) -> Invoice:
        """The invoice of our payment `ref`, with an address of its own; the same on every call.

        LookupError when there is no such payment.
        """

    def at(self, addresses: Iterable[str]) -> list[Invoice]:
        """The invoices at `addresses`, without those that are unknown."""

    def given(self) -> list[str]:
        """Every address that was given out."""


def judge(invoice: Invoice, receipts: Iterable[Receipt], tip: Tip, at: dt.datetime) -> Verdict:
    """What the present `receipts` of the invoice's address mean at the moment `at`."""
    found = list(receipts)

    def sum_of(some: Iterable[Receipt]) -> Money:
        return Money(sum(receipt.amount_minor for receipt in some), invoice.due.currency)

    seen, mined = sum_of(found), sum_of(one for one in found if one.depth(tip))
    deep = sum_of(one for one in found if one.is_final(tip, invoice.confirmations))
    return Verdict(_outcome(invoice, seen, deep, at), seen, mined, deep)


def _outcome(invoice: Invoice, seen: Money, deep: Money, at: dt.datetime) -> Outcome:
    if deep >= invoice.enough:
        return Outcome.SUCCEEDED
    if seen >= invoice.enough and at < invoice.give_up_at:
        return Outcome.SEEN
    if at >= invoice.expires_at:
        return Outcome.EXPIRED
    return Outcome.PARTIAL if seen else Outcome.ACTION


def depth_for(eur_cents: int | None) -> int:
    """Confirmations that a payment worth so many euro cents waits for; the most when its worth is unknown."""
    if eur_cents is None:
        return DEEPEST
    return next((depth for below, depth in DEPTHS if eur_cents < below), DEEPEST)
