"""Orders that end well: the held money becomes the seller's. One, or many in one transaction by the same rules."""

from __future__ import annotations

from collections.abc import Sequence

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from orders import life
from orders.disputes.chargebacks import check_free
from orders.models import Order
from orders.returns.giving_back import paid_by_each
from payments import holds
from payments.models import Payment

Status = Order.Status


def complete(order: Order, *, by: User | None, why: str) -> Order:
    """A locked order is over and its seller is paid."""
    order.completed_at = now()
    life.move(order, Status.COMPLETED, by=by, why=why)
    release(order)
    return order


def complete_all(ends: Sequence[tuple[Order, str]]) -> None:
    """A deadline ends locked orders, each with its why, and their sellers are paid; all or none."""
    orders = [order for order, _why in ends]
    at = now()
    for order in orders:
        order.completed_at = at
    Order.objects.filter(pk__in=[order.pk for order in orders]).update(completed_at=at)
    life.move_all(ends, Status.COMPLETED)
    release(*orders)


def release(*orders: Order) -> None:
    """What is held for locked orders becomes the sellers'. Refused while the buyer's bank asks for it."""
    check_free(*orders)
    payments = paid_by_each(orders)
    holds.release_all([_release(order, payments[order.number]) for order in orders])


def _release(order: Order, payment: Payment) -> holds.Release:
    shop = order.shop
    return holds.Release(
        ref=order.number,
        payment=payment,
        seller=order.seller,
        held=order.held,
        commission=order.commission,
        processing=Money(order.processing_minor, order.currency),
        keep_back=holds.KeepBack(shop.reserve_bps, shop.reserve_days) if shop.reserve_bps else None,
    )
