"""Trades that a program carries out: asked once by key, outside of any transaction, and looked up before any repeat."""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils.translation import gettext as _

from fx.models import Window, WindowTrade
from fx.money import Money
from fx.rates import HUB
from marketplace.lib.clock import now
from marketplace.lib.failpoints import reach
from payments.cases import open_case
from payments.errors import PaymentError
from payments.exchange import registry
from payments.exchange.base import ExchangeProvider, Execution, Order
from payments.exchange.manual import Manual
from payments.models import Case, Fill
from payments.netting import rests, trades
from payments.processors.base import Refused, Unavailable, Unknown
from payments.treasury import known_fill, refuse_more_than_available

log = logging.getLogger(__name__)


def due_trades() -> list[int]:
    """Trades that a program has to carry out, the oldest window first."""
    rows = WindowTrade.objects.filter(window__state__in=(Window.State.CLOSED, Window.State.EXECUTING))
    rows = rows.exclude(provider=Manual.slug).order_by("pk")
    return [trade.pk for trade in rows if trade.rest]


def run_trade(pk: int) -> None:
    """Ask for what is left of the trade, or what became of what was asked. A provider that surely did nothing and
    never will leaves it to a person. PluginError when there is no such provider: it waits."""
    provider = registry.load(WindowTrade.objects.get(pk=pk).provider)
    if provider.by_hand:
        return
    order, asked_before = _claim(pk, provider)
    if order is None:
        return
    try:
        execution = _asked(provider, order, asked_before)
    except Refused as error:
        _leave_to_a_person(pk, order, str(error))
    except (Unavailable, Unknown) as error:
        _note(pk, order, str(error))
    else:
        reach("trade answered")
        _believe(pk, provider.slug, order, execution)


def _believe(pk: int, slug: str, order: Order, execution: Execution) -> None:
    """All of it, or nothing when it says more or something else than was asked: then a person looks."""
    try:
        _apply(pk, slug, order, execution)
    except PaymentError as error:
        _case(WindowTrade.objects.get(pk=pk), Case.Kind.AMOUNT, str(error))


def _asked(provider: ExchangeProvider, order: Order, asked_before: bool) -> Execution:
    found = provider.fetch(order) if asked_before else None
    return provider.exchange(order) if found is None else found


@transaction.atomic
def _claim(pk: int, provider: ExchangeProvider) -> tuple[Order | None, bool]:
    """The order for what is left, committed before anybody is asked; and whether somebody was, maybe."""
    trade = trades.locked(pk)
    asked_before = trade.asked_at is not None
    if not asked_before:
        if not trade.rest or _too_little(trade, provider):
            return None, False
        try:
            refuse_more_than_available(_sold(trade))
        except PaymentError as error:
            trade.problem = str(error)
            trade.save(update_fields=["problem"])
            return None, False
        trade.asked_at, trade.asked_minor = now(), trade.rest.amount
        trade.save(update_fields=["asked_at", "asked_minor"])
        trades.begin(trade.window)
    assert trade.asked_minor is not None, "asked for an amount"
    return Order(trade.key, trade.sells, Money(trade.asked_minor, trade.currency)), asked_before


def _too_little(trade: WindowTrade, provider: ExchangeProvider) -> bool:
    """The exchange takes no order that small: what is worth little is left, all else is a person's."""
    least = provider.least(trade.currency)
    if least is None or trade.rest >= least:
        return False
    if rests.is_little(trade):
        rests.leave(trade, by=None)
    else:
        _to_a_person(
            trade, _("%(provider)s exchanges no less than %(least)s.") % {"provider": provider.slug, "least": least}
        )
    return True


def _sold(trade: WindowTrade) -> Money:
    """What leaves for the rest; euros as the window estimates them."""
    if trade.sells:
        return trade.rest
    net = trade.window.nets.get(currency=trade.currency)
    return Money(-net.trade_minor, HUB).times(trade.rest.amount, trade.amount.amount)


@transaction.atomic
def _apply(pk: int, slug: str, order: Order, execution: Execution) -> None:
    trade = trades.locked(pk)
    if trade.key != order.key or trade.asked_at is None:
        _nothing_new(trade, slug, execution)
        return
    for traded in execution.fills:
        sold, bought = (traded.amount, traded.hub) if trade.sells else (traded.hub, traded.amount)
        reference = f"{slug}:{traded.ref}"
        if known_fill(reference, sold, bought, trade) is None:
            trades.refuse_misfit(trade, sold, bought)
            trades.book(trade, reference=reference, sold=sold, bought=bought, by=None)
    if execution.ended:
        _ended(trade, order)


def _nothing_new(trade: WindowTrade, slug: str, execution: Execution) -> None:
    """Somebody else was told the same; or a person took the trade over meanwhile, and has to know."""
    told = {f"{slug}:{traded.ref}" for traded in execution.fills}
    fresh = told - set(Fill.objects.filter(reference__in=told).values_list("reference", flat=True))
    if fresh:
        _case(trade, Case.Kind.AMOUNT, ", ".join(sorted(fresh)))


def _ended(trade: WindowTrade, order: Order) -> None:
    """What is left is asked anew, by a new key: the last order can bring nothing more."""
    if trade.rest == order.amount:
        _to_a_person(trade, _("The order ended and nothing was exchanged."))
        return
    trade.attempt += 1
    trade.asked_at = trade.asked_minor = None
    trade.save(update_fields=["attempt", "asked_at", "asked_minor"])


@transaction.atomic
def _leave_to_a_person(pk: int, order: Order, problem: str) -> None:
    trade = trades.locked(pk)
    if trade.key == order.key and trade.asked_at is not None:
        _to_a_person(trade, problem)


def _to_a_person(trade: WindowTrade, problem: str) -> None:
    _case(trade, Case.Kind.BY_HAND, problem)
    trades.by_hand_from_now(trade, problem)


@transaction.atomic
def _note(pk: int, order: Order, problem: str) -> None:
    WindowTrade.objects.filter(pk=pk, asked_at__isnull=False).update(problem=problem)
    log.warning("The trade %s waits: %s", order.key, problem)


def _case(trade: WindowTrade, kind: Case.Kind, says: str) -> None:
    open_case(kind, processor=trade.provider, ref=f"trade {trade.pk}", amount=str(trade.rest), says=says)
