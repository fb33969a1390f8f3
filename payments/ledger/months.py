"""The platform's own books of a month: what it earned, spent and took in tax, per account and currency."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Sum

from fx.money import Money
from marketplace.lib.period import Period
from payments.ledger import codes
from payments.models.ledger import Entry

# Heads of codes, in the order of the page.
PARTS = ("income", "expense", "tax", "duty")


@dataclass(frozen=True, slots=True)
class Line:
    """`amount` is positive on the account's normal side: income earned, expense spent, tax and duty taken in."""

    part: str
    account: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Month:
    """By the day on which things happened, in UTC. `results` is income less expense, one per currency."""

    period: Period
    lines: tuple[Line, ...]

    @property
    def start(self) -> dt.date:
        return self.period.first

    @property
    def results(self) -> list[Money]:
        found: dict[str, Money] = {}
        for line in self.lines:
            if line.part in {"income", "expense"}:
                signed = line.amount if line.part == "income" else -line.amount
                found[signed.currency] = found.get(signed.currency, Money(0, signed.currency)) + signed
        return [found[currency] for currency in sorted(found)]

    @property
    def before(self) -> dt.date:
        return (self.period.first - dt.timedelta(days=1)).replace(day=1)

    @property
    def after(self) -> dt.date:
        return self.period.last + dt.timedelta(days=1)


def month_of(period: Period) -> Month:
    """`period` is a month. Reads every journal of it: a page for now and then."""
    entries = Entry.objects.filter(journal__occurred_at__gte=period.start, journal__occurred_at__lt=period.end)
    sums = entries.values_list("account__code", "account__currency").annotate(sum=Sum("amount"))
    lines = [_line(code, currency, int(amount)) for code, currency, amount in sums if code.split(":")[0] in PARTS]
    return Month(period, tuple(sorted(lines, key=lambda line: (PARTS.index(line.part), line.account))))


def _line(code: str, currency: str, amount: int) -> Line:
    return Line(code.split(":")[0], code, codes.parse(code, currency).natural(amount))
