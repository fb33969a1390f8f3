"""What a processor really kept of a payment, by its own statement. A fee is an estimate until a line says it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from fx.money import Money
from payments.keptfees import charge_kept_fees
from payments.models import Payment, StatementLine


@dataclass(frozen=True, slots=True)
class Kept:
    """In the payment's currency. `line` is the processor's id of the statement's line, `at` its time."""

    money: Money
    line: str
    at: dt.datetime


def learn(line: StatementLine) -> None:
    """A payment that the processor exchanged has no fee in its own currency until the line tells it."""
    if line.kind != "charge" or line.origin is None:
        return
    mine = Payment.objects.select_for_update().filter(processor=line.processor, processor_ref=line.ref)
    payment = mine.filter(fee_minor=None, currency=line.origin_currency).first()
    if payment is not None:
        payment.fee_minor = in_payments_money(line).amount
        payment.save(update_fields=["fee_minor"])
        charge_kept_fees(payment)


def in_payments_money(line: StatementLine) -> Money:
    """The line's fee in the currency that was paid, at the line's own rate, to the nearest unit."""
    origin = line.origin
    if origin is None or not line.amount_minor:
        return line.fee
    exact = line.fee_minor * origin.amount * 2 + line.amount_minor
    return Money(exact // (2 * line.amount_minor), origin.currency)
