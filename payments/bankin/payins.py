"""Buyers' transfers on the bank's statements: by reference and amount to their payments."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from django.conf import settings
from django.db.models import F, Q, Sum
from stdnum import iso11649

from fx.money import Money
from payments.bankin.expected import SLUG, Expected
from payments.models import BankLine, Payment
from payments.processors import registry
from payments.processors.base import Update

PAYIN = BankLine.Meaning.PAYIN
REFERENCE = re.compile(r"(?=(RF[0-9]{2}[2-9A-Z]{12}))")


class DatabaseBook:
    """What payments ask for, and what the lines of statements brought them."""

    def open(self, ref: str) -> Expected:
        payment = Payment.objects.filter(pk=ref, processor=SLUG).first()
        if payment is None:
            raise LookupError(f"There is no payment {ref}.")
        return expected(payment)

    def at(self, reference: str) -> Expected | None:
        payment = Payment.objects.filter(processor=SLUG, processor_ref=reference).first()
        return None if payment is None else expected(payment)


def expected(payment: Payment) -> Expected:
    lines = list(payment.bank_lines.filter(meaning=PAYIN).select_related("statement"))
    received = Money(sum(line.amount_minor for line in lines), payment.currency)
    days = [line.statement.closed_on for line in lines if line.statement is not None]
    booked_at = dt.datetime.combine(max(days), dt.time(), dt.UTC) if days else None
    return Expected(payment.amount, received, payment.expires_at, booked_at)


def payment_of(*texts: str) -> Payment | None:
    """The one payment whose reference is in the texts, however it was spaced; none when it is none, or several."""
    told = {found for text in texts for found in references(text)}
    payments = list(Payment.objects.filter(processor=SLUG, processor_ref__in=told)[:2])
    return payments[0] if len(payments) == 1 else None


def references(text: str) -> list[str]:
    plain = re.sub(r"[^0-9A-Z]", "", text.upper())
    return [found for found in REFERENCE.findall(plain) if iso11649.is_valid(found)]


def news() -> list[tuple[str, Update]]:
    """What statements showed and payments do not know yet."""
    if SLUG not in settings.PROCESSORS:
        return []
    came = Sum("bank_lines__amount_minor", filter=Q(bank_lines__meaning=PAYIN))
    rows = Payment.objects.filter(processor=SLUG).annotate(came=came).filter(came__gt=F("received_minor"))
    return [(SLUG, update) for payment in rows.order_by("pk") if (update := _asked(payment)) is not None]


def _asked(payment: Payment) -> Update | None:
    return registry.get(SLUG).fetch(payment.processor_ref)


def came_from(payment: Payment) -> str:
    """Names and accounts that the money came from, for who sends it back."""
    lines: Iterable[BankLine] = payment.bank_lines.filter(meaning=PAYIN)
    return "; ".join(sorted({", ".join(filter(None, [line.name, line.iban])) for line in lines}))
