"""Conversions with their journals, as captures leave them: the worked example of the research, and any others."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from fx.models import Conversion, Rate, RateSet
from fx.money import Money
from fx.services import record_conversion
from marketplace.audit import checks
from marketplace.lib.audit import run
from marketplace.lib.clock import now
from marketplace.models import User
from payments.audit.netting import CHECKS
from payments.booking import across
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import post
from payments.models import Account, Settlement
from payments.treasury import record_settlement

MIDS = {"USD": "1.1172", "GBP": "0.8338", "JPY": "175.68"}
COSTS = {"USD": 30, "GBP": 30, "JPY": 40}
BOXES = {"BTC": "coinbox", "USDC": "dollarbox"}  # who takes coins; all else is the pocket's
# What buyers pay and sellers get, in six orders.
EXAMPLE = [
    (Money(111720, "USD"), Money(99500, "EUR")),
    (Money(100000, "EUR"), Money(111161, "USD")),
    (Money(41690, "GBP"), Money(55580, "USD")),
    (Money(33516, "USD"), Money(24888, "GBP")),
    (Money(87840, "JPY"), Money(49750, "EUR")),
    (Money(60000, "EUR"), Money(104880, "JPY")),
]


def known(mids: dict[str, str]) -> RateSet:
    """These are the rates from now on."""
    rates = RateSet.objects.create()
    for currency, mid in mids.items():
        Rate.objects.create(rate_set=rates, currency=currency, per_eur=Decimal(mid), source="test", as_of=now())
    return rates


def converted(flows: Iterable[tuple[Money, Money]], seller: User | None, *, since: int = 1) -> list[Conversion]:
    """One capture for each: held money across the position, and its row that counts."""
    rows = []
    for number, (sell, buy) in enumerate(flows, since):
        key, ref = f"capture:{number}", f"A{number}"
        box = BOXES.get(sell.currency, "pocket")
        legs = [(codes.clearing(box, sell.currency), sell.amount), (codes.hold(ref, buy.currency), -buy.amount)]
        post(key, "capture", ref, [*legs, *across(sell, buy)])
        row = record_conversion(journal_key=key, ref=ref, quote=None, sell=sell, buy=buy, seller=seller, counted=True)
        rows.append(row)
    return rows


def funded(by: User) -> None:
    """What the processor owes is paid into the bank, in each currency."""
    for account in Account.objects.filter(code__startswith="clearing:pocket:"):
        owed = balance(codes.clearing("pocket", account.currency))
        if owed:
            number = Settlement.objects.count()
            record_settlement(processor="pocket", reference=f"po {number} {account.currency}", amount=owed, by=by)


def broken() -> list[str]:
    """Ids of the invariants of netting, and of C07, that do not hold now."""
    wanted = [*CHECKS, *(check for check in checks() if check.id == "C07")]
    return [result.check.id for result in run(wanted) if result.count]
