"""What a processor really kept of a payment, by its own statement. A fee is an estimate until a line says it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import prefetch_related_objects

from fx.money import Money, total
from payments.models import BankLine, Payment, Refund, StatementLine
from payments.refunds.keptfees import charge_kept_fees, shares_of

Lines = Mapping[tuple[str, str], Sequence[StatementLine]]  # by processor and reference
TOLD_WITH = ("lines", "refunds", "chargebacks", "bank_lines__statement")


@dataclass(frozen=True, slots=True)
class Kept:
    """Of one order, in its payment's currency. `line` is the statement's latest line about it, `at` its time."""

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


def kept_of(payments: Collection[Payment]) -> dict[tuple[uuid.UUID, str], Kept]:
    """By payment and order's number; nothing while no statement shows the payment. Some queries, however many."""
    prefetch_related_objects(list(payments), *TOLD_WITH)
    told = _told(payments)
    return {(payment.pk, ref): kept for payment in payments for ref, kept in _by_order(payment, told).items()}


def _told(payments: Iterable[Payment]) -> Lines:
    found: dict[tuple[str, str], list[StatementLine]] = {}
    refs = {ref for payment in payments for ref in _refs(payment)}
    for line in StatementLine.objects.filter(ref__in=refs).order_by("at", "pk") if refs else ():
        found.setdefault((line.processor, line.ref), []).append(line)
    return found


def _refs(payment: Payment) -> set[str]:
    """What the processor knows the payment by, what went back of it, and what its buyer's bank took."""
    back = {refund.processor_ref for refund in payment.refunds.all()}
    return ({payment.processor_ref} | back | {one.processor_ref for one in payment.chargebacks.all()}) - {""}


def _by_order(payment: Payment, told: Lines) -> dict[str, Kept]:
    if by_bank := _by_bank(payment):
        return by_bank
    charged = [one for one in told.get((payment.processor, payment.processor_ref), ()) if one.kind == "charge"]
    taken = [one for back in payment.chargebacks.all() for one in told.get((payment.processor, back.processor_ref), ())]
    if not charged:
        return {}
    fees = [in_payments_money(one) for one in (*charged, *taken)]
    whole = total((fee for fee in fees if fee.currency == payment.currency), payment.currency)
    kept = {}
    for ref, share in shares_of(payment, whole.amount).items():
        parts = [
            (_part(one, back), one)
            for back in payment.refunds.all()
            if back.ref == ref
            for one in told.get((payment.processor, back.processor_ref), ())
        ]
        latest = max([*charged, *taken, *(one for _part_of, one in parts)], key=lambda one: one.at)
        money = total([share, *(part for part, _one in parts)], payment.currency)
        kept[ref] = Kept(money, latest.line, latest.at)
    return kept


def _part(line: StatementLine, refund: Refund) -> Money:
    """Of a line's fee what is about one refund: a transaction may send several."""
    sent, fee = abs((line.origin or line.net + line.fee).amount), in_payments_money(line)
    return fee if refund.amount_minor >= sent else Money(-(-fee.amount * refund.amount_minor // sent), fee.currency)


def _by_bank(payment: Payment) -> dict[str, Kept]:
    """A transfer's fee is what the bank's own lines that name its reference took."""
    lines = list(payment.bank_lines.all())
    own = [line for line in lines if line.meaning == BankLine.Meaning.OWN]
    came = [line for line in lines if line.meaning == BankLine.Meaning.PAYIN]
    if not came:
        return {}
    latest = max([*came, *own], key=lambda line: line.pk)
    assert latest.statement is not None
    at = dt.datetime.combine(latest.statement.closed_on, dt.time(), dt.UTC)
    name = latest.reference or f"{latest.statement}/{latest.number}"
    fee = -sum(line.amount_minor for line in own)
    return {ref: Kept(share, name, at) for ref, share in shares_of(payment, fee).items()}
