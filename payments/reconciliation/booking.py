"""What only a processor's own record tells, booked from its lines: what it exchanged by itself, and its own fees.

A line is booked once, under its own key, with the amounts that it has on both sides. A conversion is booked only where
our books have just that money in the currency it was exchanged from: else a person sees both sides of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from payments.fees import learn
from payments.ledger import codes
from payments.ledger.posting import Draft, Leg, post_all
from payments.models import StatementLine
from payments.models.ledger import Journal
from payments.reconciliation import sides

CONVERTED, FEE = "converted", "statement_fee"
# Their journals bring the fee themselves: a payment's news its own, a chargeback's news the bank's.
BROUGHT = {"charge", "dispute"}


def book_lines(processor: str) -> int:
    """Book what the lines that are new tell; how many journals."""
    lines = list(_unbooked(processor))
    plain = [line for line in lines if line.origin is None and (line.kind == "fee" or _own_fee(line))]
    return sum(_book(line) for line in [*plain, *_converted(processor, lines)])


def draft(line: StatementLine) -> Draft:
    """The journal of one line. Pure."""
    origin, amount, kept = line.origin, line.amount_minor, _own_fee(line)
    clearing = codes.clearing(line.processor, line.currency)
    expense = codes.expense(line.processor, line.currency)
    legs: list[Leg] = [(expense, kept), (clearing, -kept)]
    if origin is not None:
        legs += [
            (codes.clearing(line.processor, origin.currency), -origin.amount),
            (codes.fx(origin.currency), origin.amount),
            (codes.fx(line.currency), -amount),
            (clearing, amount),
        ]
    elif line.kind == "fee":
        legs += [(expense, -amount), (clearing, amount)]
    if origin is None:
        return Draft(line.journal_key, FEE, line.ref[:64], legs)
    return Draft(line.journal_key, CONVERTED, line.ref[:64], legs)


def _own_fee(line: StatementLine) -> int:
    """The part of its fee that nothing else books."""
    if line.kind == "dispute" or (line.kind == "charge" and line.origin is None):
        return 0
    return line.fee_minor


def _unbooked(processor: str) -> Iterable[StatementLine]:
    key = Concat(Value("line:"), Cast(OuterRef("pk"), CharField()))
    return StatementLine.objects.filter(~Exists(Journal.objects.filter(key=key)), processor=processor).order_by("pk")


def _converted(processor: str, lines: Iterable[StatementLine]) -> Iterable[StatementLine]:
    """The lines of each reference whose money, before it was exchanged, is what our books have of it."""
    of = sorted((line for line in lines if line.origin is not None), key=lambda line: (line.ref, line.origin_currency))
    ours = sides.ours(processor) if of else {}
    for key, group in groupby(of, key=lambda line: (line.ref, line.origin_currency)):
        together = list(group)
        here = ours.get(key)
        if sum(line.origin_minor or 0 for line in together) == (here.minor if here else 0):
            yield from together


@transaction.atomic
def _book(line: StatementLine) -> int:
    journal = draft(line)
    if not any(minor for _code, minor in journal.legs):
        return 0
    post_all([journal])
    learn(line)
    return 1
