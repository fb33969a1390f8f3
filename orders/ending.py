"""An order that ends well: the held money becomes the seller's."""

from __future__ import annotations

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from orders import life
from orders.disputes.chargebacks import check_free
from orders.models import Order
from orders.returns.giving_back import paid_by
from payments import holds

Status = Order.Status


def complete(order: Order, *, by: User | None, why: str) -> Order:
    """A locked order is over and its seller is paid."""
    order.completed_at = now()
    life.move(order, Status.COMPLETED, by=by, why=why)
    release(order)
    return order


def release(order: Order) -> None:
    """What is held for a locked order becomes the seller's. Refused while the buyer's bank asks for it."""
    check_free(order)
    shop = order.shop
    holds.release(
        ref=order.number,
        payment=paid_by(order),
        seller=order.seller,
        held=order.held,
        commission=order.commission,
        processing=Money(order.processing_minor, order.currency),
        keep_back=holds.KeepBack(shop.reserve_bps, shop.reserve_days) if shop.reserve_bps else None,
    )
