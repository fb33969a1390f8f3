"""What a receipt says, as data that is kept with it. No names or addresses of people: those are erased one day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fx.money import Money
from orders.checkout.actualfees import sheet_of
from orders.models import Checkout, Order
from payments.models import Payment, Refund
from payments.processors import registry


def body(checkout: Checkout, payment: Payment, refunds: Sequence[Refund]) -> dict[str, Any]:
    """Amounts are minor units and a currency: `price` in the order's, the rest in the one paid."""
    assert payment.captured_at is not None
    back = Money(sum(refund.amount_minor for refund in refunds), payment.currency)
    orders = checkout.orders.select_related("shop", "checkout__payment__quote").prefetch_related("lines")
    return {
        "checkout": checkout.public_id,
        "paid_at": payment.captured_at.isoformat(),
        "through": registry.label_of(payment.processor),
        "price": kept(checkout.amount),
        "paid": kept(payment.amount),
        "refunded": kept(back),
        "stays": kept(payment.amount - back),
        "orders": [_order(order) for order in orders.order_by("number")],
        "refunds": [_refund(refund) for refund in refunds],
    }


def kept(money: Money) -> dict[str, Any]:
    return {"minor": money.amount, "currency": money.currency}


def read(data: dict[str, Any]) -> Money:
    """An amount of a kept body."""
    return Money(data["minor"], data["currency"])


def discount_of(order: dict[str, Any]) -> Money | None:
    """What the seller gave for the way to pay, of a kept order; papers from before there were discounts say nothing."""
    given = read(order["discount"]) if "discount" in order else None
    return given or None


def _order(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "seller": {"shop": order.shop.name, "city": order.shop.city, "country": order.shop.country},
        "lines": [
            {"title": line.title, "quantity": line.quantity, "unit": kept(line.unit)}
            for line in sorted(order.lines.all(), key=lambda line: line.pk)
        ],
        "goods": kept(Money(order.goods_minor, order.currency)),
        "discount": kept(order.discount),
        "shipping_name": order.shipping_name,
        "shipping": kept(Money(order.shipping_minor, order.currency)),
        "total": kept(order.buyer_total),
        "fees": [
            {"taker": fee.taker, "why": fee.why, "amount": kept(fee.amount), "certainty": fee.certainty}
            for fee in sheet_of(order).lines
        ],
    }


def _refund(refund: Refund) -> dict[str, Any]:
    """`owed` is what the buyer was told, where that is another amount than its share of what was paid."""
    return {
        "order": refund.ref,
        "at": (refund.succeeded_at or refund.created_at).isoformat(),
        "amount": kept(refund.amount),
        "owed": kept(refund.owed),
        "sent": kept(refund.sends),
        "by_bank": refund.chargeback_id is not None,
    }
