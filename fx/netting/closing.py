"""Close a window: who is in, what is left of each currency, who saved how much. One UPDATE and one INSERT over the
conversions, whatever their number; in between a handful of currencies, by exact integers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from fx.errors import RateMissing
from fx.models import Window, WindowNet, WindowTrade
from fx.money import COINS, Money, exponent_of
from fx.rates import HUB, ONE, Rates

EXACT = Context(prec=60)
KIND = "counted and window_id is null and (sell_currency = any(%(coins)s) or buy_currency = any(%(coins)s)) = %(coin)s"
JOIN = f"update fx_conversion set window_id = %(window)s where {KIND}"  # noqa: S608
OLDEST = f"select min(created_at) from fx_conversion where {KIND}"  # noqa: S608
SUMS = """
select currency, sum(i)::bigint, sum(o)::bigint from (
 select sell_currency currency, sum(sell_minor) i, 0 o from fx_conversion where {members} group by 1
 union all select buy_currency, 0, sum(buy_minor) from fx_conversion where {members} group by 1) u
group by 1 order by 1"""
# What came and went back for the same order inside the window: a refund beside its capture, a fee beside its order.
# Nothing of it would have been exchanged outside, so it saves nothing; whoever orders and refunds makes no rebates.
# `case` keeps the list of those orders a hash: the members have just joined the window, the planner thinks that there
# are none, and as a join it would read them once for each of a million.
RETURNED = """
with back as materialized (
 select ref from fx_conversion where window_id = %(window)s and journal_key not like 'capture:%%'),
member as materialized (
 select ref, sell_currency, sell_minor, buy_currency, buy_minor from fx_conversion
 where window_id = %(window)s and case when ref in (select ref from back) then true end)
select currency, sum(least(i, o))::bigint from (
 select ref, currency, sum(i) i, sum(o) o from (
  select ref, sell_currency currency, sell_minor i, 0 o from member
  union all select ref, buy_currency, 0, buy_minor from member) u
 group by 1, 2) r group by 1"""
# Half of a currency's saving belongs to each side; inside a side a share is as large as its amount, by cumulative
# rounding: the shares sum to the half, each is floor or ceil of its ideal.
SHARES = """
insert into fx_windowshare (conversion_id, window_id, saving_minor, rebate_minor)
with net as materialized (
 select n.currency, inflow_minor come, outflow_minor gone, saving_minor / 2 half,
  power(10::numeric, d.digits) * n.mid units
 from fx_windownet n join unnest(%(codes)s::text[], %(digits)s::int[]) d(code, digits) on d.code = n.currency
 where n.window_id = %(window)s),
member as (
 select id, sell_currency, sell_minor, buy_currency, buy_minor,
  case when seller_id is not null and journal_key like 'capture:%%' then buy_currency end paid
 from fx_conversion where window_id = %(window)s),
leg as (
 select id, paid, sell_currency currency, 'i' side, sell_minor amount from member
 union all select id, paid, buy_currency, 'o', buy_minor from member),
share as (
 select l.id, l.paid, coalesce(
  div(sum(l.amount) over w * n.half, nullif(case side when 'i' then n.come else n.gone end, 0))
  - div((sum(l.amount) over w - l.amount) * n.half, nullif(case side when 'i' then n.come else n.gone end, 0)), 0) s
 from leg l join net n on n.currency = l.currency
 window w as (partition by l.currency, l.side order by l.id))
select s.id, %(window)s, s.saving, coalesce(div(s.saving * %(percent)s * n.units, 10000)::bigint, 0)
from (select id, paid, sum(s)::bigint saving from share group by 1, 2) s left join net n on n.currency = s.paid"""


@transaction.atomic
def collect(*, coins: bool, rates: Rates, reason: Window.Reason) -> Window | None:
    """Everything that counts and is in no window, in one. None when nothing is.

    RateMissing when a currency has no trustworthy rate. The caller keeps others out and holds it against the books.
    """
    if not rates.id:
        missing = [money.currency for money in waiting(coins=coins) if money.currency != HUB]
        if not missing:
            return None
        raise RateMissing(missing[0])
    window = Window.objects.create(
        coins=coins,
        mode=settings.NETTING_MODE,
        reason=reason,
        rate_set_id=rates.id,
        members=0,
        share_percent=settings.NETTING_SHARE_PERCENT,
    )
    with connection.cursor() as cursor:
        cursor.execute(JOIN, _kind(coins) | {"window": window.pk})
        window.members = cursor.rowcount
    if not window.members:
        window.delete()
        return None
    window.save(update_fields=["members"])
    sums = _sums("window_id = %(window)s", {"window": window.pk})
    returned = _returned(window)
    nets = WindowNet.objects.bulk_create(_net(window, rates, *row, returned.get(row[0], 0)) for row in sums)
    _share(window, [currency for currency, _in, _out in sums])
    if window.is_live:
        WindowTrade.objects.bulk_create(_trade_of(net) for net in nets if net.currency != HUB and net.residual_minor)
    return window


def oldest(*, coins: bool) -> dt.datetime | None:
    """Since when something waits for a window."""
    with connection.cursor() as cursor:
        cursor.execute(OLDEST, _kind(coins))
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def waiting(*, coins: bool) -> list[Money]:
    """Net of each currency that waits for a window: positive has come in, negative is owed."""
    return [Money(come - gone, currency) for currency, come, gone in _sums(KIND, _kind(coins))]


def _kind(coins: bool) -> dict[str, Any]:
    return {"coins": sorted(COINS), "coin": coins}


def _sums(members: str, params: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(SUMS.format(members=members), params)
        return [(currency, int(come), int(gone)) for currency, come, gone in cursor.fetchall()]


def _returned(window: Window) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(RETURNED, {"window": window.pk})
        return {currency: int(minor) for currency, minor in cursor.fetchall()}


def _trade_of(net: WindowNet) -> WindowTrade:
    return WindowTrade(
        window=net.window,
        currency=net.currency,
        amount_minor=net.residual_minor,
        provider=settings.EXCHANGE_PROVIDER,
    )


def _net(window: Window, rates: Rates, currency: str, come: int, gone: int, returned: int) -> WindowNet:
    if currency not in rates:
        raise RateMissing(currency)
    mid = Fraction(1) if currency == HUB else rates.per_eur[currency]
    cost = 0 if currency == HUB else settings.NETTING_COSTS_BPS.get(currency, settings.NETTING_COST_BPS)
    return WindowNet(
        window=window,
        currency=currency,
        inflow_minor=come,
        outflow_minor=gone,
        matched_minor=min(come, gone),
        returned_minor=returned,
        residual_minor=come - gone,
        mid=EXACT.divide(Decimal(mid.numerator), Decimal(mid.denominator)),
        cost_bps=cost,
        saving_minor=2 * int(cents(min(come, gone) - returned, currency, mid) * cost // ONE),
        trade_minor=0 if currency == HUB else _trade(cents(come - gone, currency, mid), cost),
    )


def cents(minor: int, currency: str, mid: Fraction) -> Fraction:
    """What `minor` units of a currency, of which there are `mid` for a euro, are worth in euro cents; not rounded."""
    return Fraction(minor * 10 ** exponent_of(HUB), 10 ** exponent_of(currency)) / mid


def _trade(cents: Fraction, cost: int) -> int:
    """Sold it brings its value less the cost, rounded down; bought it takes its value and the cost, rounded up."""
    return int(cents * (ONE - cost) // ONE) if cents >= 0 else int(cents * (ONE + cost) // ONE)


def _share(window: Window, currencies: list[str]) -> None:
    params: dict[str, Any] = {
        "window": window.pk,
        "percent": window.share_percent,
        "codes": currencies,
        "digits": [exponent_of(currency) for currency in currencies],
    }
    with connection.cursor() as cursor:
        cursor.execute(SHARES, params)
