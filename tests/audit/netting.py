"""Live netting windows of the clean world: one is executing, one is settled and has paid rebates and taken one back."""

from __future__ import annotations

from django.test import override_settings

from fx.models import Window, WindowTrade
from fx.money import Money
from orders import services, work
from orders.models import Order
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Rebate
from payments.netting.trades import fill_trade
from payments.netting.windows import close_window
from payments.treasury import record_settlement
from tests.doubles import StripeDouble
from tests.orders.world import World, paid_order


def begins(world: World, double: StripeDouble) -> None:
    """An order that the first window has and the second gives back: there it meets those of others."""
    order = paid_order(world, double)
    _close()
    services.refund(order.number, by=world.alice, why="by agreement")
    work.drain_operations()


def ends(world: World) -> None:
    settled = balance(codes.clearing("stripe", "EUR"))
    record_settlement(processor="stripe", reference="po_2", amount=settled, by=world.moderator)
    window = _close()
    for trade in window.trades.all():
        _fill(world, trade, parts=2)
    _fill(world, WindowTrade.objects.exclude(window=window).get(), parts=0)
    assert [one.state for one in Window.objects.order_by("pk")] == ["executing", "settled"]
    assert work.pay_rebates()
    rebate = Rebate.objects.filter(booked_minor__gt=0, ref__in=_whole()).order_by("-pk")[0]
    part = {"goods": Money(50_000, rebate.currency), "shipping": Money(0, rebate.currency)}
    services.refund_amount(rebate.ref, by=world.alice, why="a stain", **part)
    work.drain_operations()


def _whole() -> list[str]:
    return list(Order.objects.filter(status="completed", refunded_goods_minor=0).values_list("number", flat=True))


def _fill(world: World, trade: WindowTrade, *, parts: int) -> None:
    """In two parts; or only a little of it."""
    amounts = trade.amount.split(2, 1)[:parts] if parts else [trade.amount.times(1, 10)]
    for number, amount in enumerate(amounts):
        assert not trade.sells, "sellers are owed more of it than came in"
        hub = Money(
            max(amount.amount // 200, 1), "EUR"
        )  # too good: most euros of this world are with banks that ask for them
        fill_trade(trade, reference=f"trade {trade.pk} {number}", sold=hub, bought=amount, by=world.moderator)


def _close() -> Window:
    with override_settings(NETTING_MODE="live"):
        window = close_window(coins=False, reason=Window.Reason.PERSON)
    assert window is not None
    return window
