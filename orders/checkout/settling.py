"""A sheet after the sale: the real fee of the processor, the rebate of the seller. The sum stays, in both moneys."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from fx.money import Money
from orders.checkout.feesheet import FeeLine, FeeSheet


def settled(sheet: FeeSheet, kept: Money, *, taker: str, line: str, at: dt.datetime) -> FeeSheet:
    """With what the processor really kept, by line `line` of its statement.

    The seller is charged the quoted fee, so the difference is the platform's, on a line of its own.
    """
    quoted = next((row for row in sheet.lines if row.kind == "processor"), None)
    promised = _nothing(sheet, "processor", taker) if quoted is None else quoted
    source = f"{line}, {at:%Y-%m-%d}"
    why = _("kept, by its own statement: %(source)s") % {"source": source}
    actual = replace(_priced(sheet, promised, kept), certainty="actual", source=source, why=why)
    rest = _difference(sheet, promised, actual)
    return _with([row for row in sheet.lines if row.kind != "processor"], [actual, rest], sheet.currency)


def rebated(sheet: FeeSheet, rebate: Money) -> FeeSheet:
    """With the seller's booked part, in the shop's currency, of what netting saved: the exchange took so much less."""
    exchange = next((row for row in sheet.lines if row.kind == "exchange"), None)
    before = _nothing(sheet, "exchange", _("Exchange")) if exchange is None else exchange
    shop = next((row.taker for row in sheet.lines if row.kind == "seller"), "")
    mine = _in_buyers_money(sheet, rebate)
    words = _("rebate: the seller’s part of what matching opposite exchanges saved")
    given = replace(before, kind="rebate", taker=shop, why=words, minor=mine.amount, seller_minor=rebate.amount)
    given = replace(given, certainty="actual", source=_("the platform’s books"))
    less = replace(before, minor=before.minor - mine.amount, seller_minor=_minus(before.seller_minor, rebate.amount))
    rows = [row for row in sheet.lines if row.kind != "exchange"]
    return _with(rows, [_pointed(sheet, less), _pointed(sheet, given)], sheet.currency)


def _difference(sheet: FeeSheet, promised: FeeLine, actual: FeeLine) -> FeeLine:
    rest = promised.minor - actual.minor
    theirs = None if actual.seller_minor is None else _minus(promised.seller_minor, actual.seller_minor)
    keeps = _("the seller is charged the quoted %(quoted)s; the platform keeps the rest")
    bears = _("the seller is charged the quoted %(quoted)s; the platform bears the rest")
    why = (keeps if rest > 0 else bears) % {"quoted": promised.amount}
    figures = replace(actual, minor=rest, seller_minor=theirs)
    return _pointed(sheet, replace(figures, kind="difference", taker="Entrepôt", why=why))


def _priced(sheet: FeeSheet, line: FeeLine, money: Money) -> FeeLine:
    return _pointed(sheet, replace(line, minor=money.amount, seller_minor=_in_shops_money(sheet, money)))


def _in_shops_money(sheet: FeeSheet, money: Money) -> int | None:
    """At the mid-market rate of the quote: the one between the sheet's own two sums, rounded down."""
    mine, theirs = sheet.total, sheet.seller_total
    return None if theirs is None or not mine else money.times(theirs.amount, mine.amount).amount


def _in_buyers_money(sheet: FeeSheet, money: Money) -> Money:
    theirs = sheet.seller_total
    assert theirs, "only a sheet in both moneys has a rebate"
    return Money(money.amount * sheet.total.amount // theirs.amount, sheet.currency)


def _nothing(sheet: FeeSheet, kind: str, taker: str) -> FeeLine:
    """A line that the quote left out because it was nothing."""
    return replace(sheet.lines[0], kind=kind, taker=taker, why="", minor=0, seller_minor=0, bps=0, source="")


def _minus(one: int | None, other: int) -> int | None:
    return None if one is None else one - other


def _pointed(sheet: FeeSheet, line: FeeLine) -> FeeLine:
    return replace(line, bps=line.minor * 10_000 // sheet.total.amount if sheet.total else 0)


def _with(kept: Sequence[FeeLine], new: Sequence[FeeLine], currency: str) -> FeeSheet:
    """The new lines after the others; a line of nothing says nothing."""
    rows = [*kept, *new]
    return FeeSheet([row for row in rows if row.minor or row.seller_minor or row.kind == "seller"], currency)
