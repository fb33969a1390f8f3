"""Reading the books."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Sum

from fx.money import Money
from payments.ledger.codes import Code
from payments.models.ledger import Balance, Entry

LOCK = """
select b.amount from ledger_balance b join ledger_account a on a.id = b.account_id
where a.code = %s order by b.stripe for update of b"""
TRIAL = "select currency, sum(amount)::bigint from ledger_entry group by currency having sum(amount) <> 0 order by 1"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement: `amount` and the running `balance` are positive on the account's normal side."""

    at: dt.datetime
    key: str
    kind: str
    ref: str
    amount: Money
    balance: Money


def balance(code: Code) -> Money:
    """The balance, positive on the normal side; zero for an account that was never opened."""
    amount = Balance.objects.filter(account__code=code.code).aggregate(sum=Sum("amount"))["sum"]
    return code.natural(int(amount or 0))


def balances(wanted: Iterable[Code]) -> dict[str, Money]:
    """The balance of each by its code, as `balance` says it."""
    codes = {code.code: code for code in wanted}
    rows = Balance.objects.filter(account__code__in=codes).values_list("account__code").annotate(sum=Sum("amount"))
    found = {code: int(amount or 0) for code, amount in rows}
    return {name: code.natural(found.get(name, 0)) for name, code in codes.items()}


def locked(code: Code) -> Money:
    """The balance, locked until the transaction ends: nobody else can spend it meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [code.code])
        return code.natural(sum(int(amount) for (amount,) in cursor.fetchall()))


def statement(code: Code, *, limit: int = 100) -> list[Line]:
    """The latest entries, newest first, each with the balance after it."""
    entries = Entry.objects.filter(account__code=code.code).select_related("journal")
    running, lines = balance(code), []
    for entry in entries.order_by("-journal_id", "-line")[:limit]:
        journal, amount = entry.journal, code.natural(entry.amount)
        lines.append(Line(journal.occurred_at, journal.key, journal.kind, journal.ref, amount, running))
        running -= amount
    return lines


def trial_balance() -> dict[str, int]:
    """Currencies in which the books are off, and by how much: empty when they are right."""
    with connection.cursor() as cursor:
        cursor.execute(TRIAL)
        return {currency: int(off) for currency, off in cursor.fetchall()}
