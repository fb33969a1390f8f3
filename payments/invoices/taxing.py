"""The tax inside an invoice: whose, at which rate, how much of each line, what it is in the operator's money."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from fx.models import DailyRate
from fx.money import EXPONENT, Money, total
from fx.rates import HUB
from payments.invoices.operator import Operator
from payments.invoices.profiles import party
from payments.invoices.rates import rate_on
from payments.invoices.rules import decide
from payments.models import Invoice, InvoiceLine, TaxProfile, Treatment, Wait

ALL = 10_000
FRESH = dt.timedelta(days=7)  # the European Central Bank publishes none on holidays


@dataclass(frozen=True, slots=True)
class Rated:
    """What was taken at one rate. `bps` none: no tax is inside."""

    bps: int | None
    gross: Money
    tax: Money

    @property
    def net(self) -> Money:
        return self.gross - self.tax


@dataclass(frozen=True, slots=True)
class Own:
    """The tax in the money that the operator declares it in; `rate` of it for one of the invoice's currency."""

    tax: Money
    rate: Decimal
    day: dt.date


@dataclass(frozen=True, slots=True)
class Taxation:
    """`lines`: the rate of each line and its share of the tax. `own` none: the same currency, or no tax."""

    treatment: Treatment
    country: str
    rated: tuple[Rated, ...]
    lines: dict[int, tuple[int | None, Money]]
    own: Own | None

    @property
    def tax(self) -> Money:
        return total((one.tax for one in self.rated), self.rated[0].tax.currency)


def tax(invoice: Invoice, operator: Operator) -> Taxation | Wait:
    """By what the seller says now and the rates of the days of release. Reads; writes nothing."""
    profile = TaxProfile.objects.filter(seller=invoice.seller_id).first()
    if operator.missing:
        return Wait.OPERATOR
    if profile is None:
        return Wait.SELLER
    decided = decide(operator, party(profile))
    if isinstance(decided, Wait):
        return decided
    by_rate: dict[int | None, list[InvoiceLine]] = {}
    for line in invoice.lines.order_by("released_at", "pk"):
        bps = rate_on(decided.country, _day(line.released_at)) if decided.country else None
        if decided.country and bps is None:
            return Wait.RATE
        by_rate.setdefault(bps, []).append(line)
    rated = tuple(rate(bps, _sum(lines, invoice.currency)) for bps, lines in by_rate.items())
    shares = {pk: share for one in rated for pk, share in _shares(one, by_rate[one.bps]).items()}
    whole = Taxation(decided.treatment, decided.country, rated, shares, None)
    return _in_own_money(whole, invoice, operator)


def rate(bps: int | None, gross: Money) -> Rated:
    """The tax inside `gross`: the net is rounded half up, the tax is the rest."""
    if bps is None:
        return Rated(None, gross, gross.times(0))
    net = Money((2 * gross.amount * ALL + ALL + bps) // (2 * (ALL + bps)), gross.currency)
    return Rated(bps, gross, gross - net)


def _sum(lines: Sequence[InvoiceLine], currency: str) -> Money:
    return Money(sum(line.commission_minor for line in lines), currency)


def _shares(rated: Rated, lines: Sequence[InvoiceLine]) -> dict[int, tuple[int | None, Money]]:
    parts = rated.tax.split(*(line.commission_minor for line in lines))
    return {line.pk: (rated.bps, part) for line, part in zip(lines, parts, strict=True)}


def _in_own_money(whole: Taxation, invoice: Invoice, operator: Operator) -> Taxation | Wait:
    """Article 230: the tax also in the operator's money, at the ECB's last rate of the period (article 91)."""
    currency = operator.tax_currency
    if not whole.tax or currency == invoice.currency:
        return whole
    last = _day(invoice.until - dt.timedelta(microseconds=1))
    of, to = per_euro(invoice.currency, last), per_euro(currency, last)
    if of is None or to is None:
        return Wait.EXCHANGE
    factor = Fraction(to[0]) / Fraction(of[0])
    scaled = factor * whole.tax.amount * Fraction(10) ** (EXPONENT[currency] - EXPONENT[invoice.currency])
    own = Own(Money(int(scaled + Fraction(1, 2)), currency), to[0] / of[0], min(of[1], to[1]))
    return Taxation(whole.treatment, whole.country, whole.rated, whole.lines, own)


def per_euro(currency: str, day: dt.date) -> tuple[Decimal, dt.date] | None:
    """The ECB's last rate until that day and its day; none when there is none of the week before."""
    if currency == HUB:
        return Decimal(1), day
    row = DailyRate.objects.filter(currency=currency, day__lte=day, day__gt=day - FRESH).order_by("-day").first()
    return None if row is None else (row.per_eur, row.day)


def _day(at: dt.datetime) -> dt.date:
    return at.astimezone(dt.UTC).date()
