"""Giving the buyer back what was paid for an order: all of it, some pieces, or an amount.

Before release the money leaves the hold. After it the seller owes what goes back, less the commission
that the platform gives up, and later sales pay it. While a dispute is open only its decision moves money.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from fx.money import Money
from listings.services import restock
from marketplace.models import User
from orders import letters, life
from orders.errors import OrderRefused
from orders.models import Order, OrderLine, RefundedItem
from payments.models import Payment, Refund
from payments.services import RefundRefused, request_refund

Status = Order.Status
OPEN = (Status.PAID, Status.SHIPPED, Status.DELIVERED, Status.COMPLETED, Status.SPLIT)


@transaction.atomic
def refund(number: str, *, by: User | None, why: str, never_shipped: bool = False) -> Order:
    """Give the buyer back all that is left of what was paid for this order, in the money that was paid.

    Not while a dispute is open: that is decided. `never_shipped` only while it is not.
    """
    order = Order.objects.locked(number)
    life.expect(order, *((Status.PAID,) if never_shipped else OPEN))
    all_of(order, by=by, why=why, reason="never_shipped" if never_shipped else "refund")
    return order


@transaction.atomic
def refund_amount(number: str, *, by: User, why: str, goods: Money, shipping: Money) -> Refund:
    """Give a part back, named in the shop's currency; tax and duty follow in proportion. All of it ends the order."""
    order = Order.objects.locked(number)
    life.expect(order, *OPEN)
    return part_of(order, {"goods": goods, "shipping": shipping}, by=by, reason="refund", why=why)


@transaction.atomic
def refund_items(
    number: str, *, by: User, why: str, items: Mapping[int, int], shipping: Money, restocked: bool
) -> Refund:
    """Give back pieces: `items` is the order line's id to how many, at the price that was paid, with some `shipping`.

    `restocked`: they are on sale again. OrderRefused when more pieces are named than were bought and not given back.
    """
    order = Order.objects.locked(number)
    life.expect(order, *OPEN)
    lines = _pieces(order, items)
    goods = Money(sum(line.unit_minor * count for line, count in lines), order.currency)
    given = part_of(order, {"goods": goods, "shipping": shipping}, by=by, reason="refund", why=why)
    for line, count in lines:
        RefundedItem.objects.create(line=line, refund=given, quantity=count, restocked=restocked)
        if restocked:
            restock(line.listing_id, quantity=count, ref=given.pk.hex, by=by)
    return given


def all_of(order: Order, *, by: User | None, why: str, reason: str) -> None:
    """All that is left goes back and a locked order ends as refunded."""
    life.check(order, Status.REFUNDED)
    _request(order, None, by=by, reason=reason)
    order.refunded_goods_minor, order.refunded_shipping_minor = order.goods_minor, order.shipping_minor
    life.move(order, Status.REFUNDED, by=by, why=why)


def part_of(order: Order, parts: Mapping[str, Money], *, by: User | None, reason: str, why: str = "") -> Refund:
    """A part of a locked order goes back. With the last of it the order ends as refunded."""
    given = _request(order, parts, by=by, reason=reason)
    order.refunded_goods_minor += parts["goods"].amount
    order.refunded_shipping_minor += parts["shipping"].amount
    if order.held:
        order.save(update_fields=["refunded_goods_minor", "refunded_shipping_minor"])
        letters.part_refunded(order, given)
    else:
        life.move(order, Status.REFUNDED, by=by, why=why)
    return given


def goods_first(order: Order, back: Money) -> dict[str, Money]:
    """`back` of what is left, of the goods before the shipping."""
    goods = min(back, Money(order.goods_minor - order.refunded_goods_minor, order.currency))
    return {"goods": goods, "shipping": back - goods}


def paid_by(order: Order) -> Payment:
    """The captured payment of the order's checkout."""
    return Payment.objects.get(ref=order.checkout.public_id, state=Payment.State.CAPTURED)


def _request(order: Order, parts: Mapping[str, Money] | None, *, by: User | None, reason: str) -> Refund:
    left = order.goods_minor - order.refunded_goods_minor
    goods = left if parts is None else parts["goods"].amount
    try:
        return request_refund(
            payment=paid_by(order),
            ref=order.number,
            reason=reason,
            by=by,
            parts=parts,
            commission=order.commission_on(goods),
        )
    except RefundRefused as error:
        raise OrderRefused(str(error)) from None


def _pieces(order: Order, items: Mapping[int, int]) -> list[tuple[OrderLine, int]]:
    lines = {line.pk: line for line in order.lines.annotate(gone=Sum("refunded__quantity"))}
    found: list[tuple[OrderLine, int]] = []
    for pk, count in sorted(items.items()):
        line = lines.get(pk)
        if line is None:
            raise OrderRefused(_("Order %(number)s has no such line.") % {"number": order.number})
        there = line.quantity - (line.gone or 0)
        if not 0 <= count <= there:
            raise OrderRefused(
                _("Of “%(title)s” %(there)d can be given back, not %(count)d.")
                % {"title": line.title, "there": there, "count": count}
            )
        found += [(line, count)] if count else []
    if not found:
        raise OrderRefused(_("Say how many pieces are given back."))
    return found
