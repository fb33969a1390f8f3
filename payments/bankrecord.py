"""The bank's statements as records of two processors: of the bank itself, and of the rail `transfer` that it serves."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from fx.money import Money
from payments.models import BankLine, BankStatement
from payments.processors.base import Movement

Meaning = BankLine.Meaning


def of_bank(since: dt.datetime, until: dt.datetime) -> Iterator[Movement]:
    """The first statement's opening balance in each currency, then every line. `ref` is the line's own place."""
    first = BankStatement.objects.exclude(books_upto=None).select_related("message")
    for one in first.filter(message__at__range=(since, until)):
        opening = f"opening:{one.currency}"
        yield Movement(opening, "opening", one.opening, Money(0, one.currency), one.message.at, opening)
    booked = BankLine.objects.exclude(statement=None).select_related("message")
    for line in booked.filter(message__at__range=(since, until)).order_by("pk"):
        key, none = line_key(line), Money(0, line.currency)
        yield Movement(key, "line", line.amount, none, line.message.at, key, category=line.meaning)


def of_transfers(since: dt.datetime, until: dt.datetime) -> Iterator[Movement]:
    """What buyers sent, and what went back to them, by the payment's reference and the refund's id."""
    told = BankLine.objects.annotate(told_at=Coalesce(F("explained_at"), F("message__at")))
    mine = told.filter(Q(meaning=Meaning.PAYIN) | Q(meaning=Meaning.PAYBACK), told_at__range=(since, until))
    for line in mine.select_related("payment", "message").order_by("told_at", "pk"):
        assert line.payment is not None
        came = (line.payment.processor_ref, "charge")
        ref, kind = came if line.meaning == Meaning.PAYIN else (str(uuid.UUID(line.end_to_end)), "refund")
        none, at = Money(0, line.currency), line.explained_at or line.message.at
        yield Movement(ref, kind, line.amount, none, at, line_key(line), category=line.reference)


def line_key(line: BankLine) -> str:
    """Of the line's own journals, and its name on the record."""
    return f"bankline:{line.message_id}:{line.number}"


def has_statements() -> bool:
    return BankStatement.objects.exists()
