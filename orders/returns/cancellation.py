"""Before the parcel leaves, either side may end a paid order; one that comes back ends it too."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from orders import life
from orders.errors import OrderRefused
from orders.models import Order, Return
from orders.returns import giving_back
from orders.services import release

Status = Order.Status


@transaction.atomic
def cancel_sale(number: str, *, by: User, why: str, restocked: bool) -> Order:
    """The seller cannot or will not send it: the buyer gets everything, the seller owes the fee that is kept."""
    order = Order.objects.locked(number)
    life.expect(order, Status.PAID)
    if not why.strip():
        raise OrderRefused(_("Say why, so that the buyer understands."))
    giving_back.end_with_refund(order, by=by, why=why, reason="seller_canceled", restocked=restocked)
    return order


@transaction.atomic
def cancel_purchase(number: str, *, by: User | None) -> Order:
    """The buyer changes their mind before it is shipped. For goods made to their wishes they ask the seller."""
    order = Order.objects.locked(number)
    custom = order.lines.filter(no_withdrawal="custom").first()
    if custom is not None:
        raise OrderRefused(
            _("“%(title)s” is made to your wishes. Ask the seller, who can cancel it, or withdraw from other pieces.")
            % {"title": custom.title}
        )
    return end_before_shipping(order, by=by, why=_("The buyer canceled before it was shipped."))


def end_before_shipping(order: Order, *, by: User | None, why: str) -> Order:
    """By the buyer's will: a locked order ends, and the platform bears the fee that is kept."""
    life.expect(order, Status.PAID)
    giving_back.end_with_refund(order, by=by, why=why, reason="buyer_canceled", restocked=True)
    return order


@transaction.atomic
def returned_to_sender(number: str, *, by: User, why: str, keep_shipping: bool, restocked: bool) -> Order:
    """The parcel came back undelivered. `keep_shipping`: by the buyer's doing, so the postage stays the seller's.

    Not of a buyer who withdrew: the way there is given back with all of the goods, however they come back.
    """
    order = Order.objects.locked(number)
    life.expect(order, Status.SHIPPED)
    if not why.strip():
        raise OrderRefused(_("Say why it came back: the buyer reads it."))
    if keep_shipping and order.returns.filter(state__in=Return.LIVE, kind=Return.Kind.WITHDRAWAL).exists():
        raise OrderRefused(
            _("The buyer withdrew from this order, so the postage goes back as well: it is not yours to keep.")
        )
    postage = order.shipping_minor - order.refunded_shipping_minor
    if not keep_shipping or postage == 0:
        giving_back.end_with_refund(order, by=by, why=why, reason="returned_to_sender", restocked=restocked)
        return order
    goods = Money(order.goods_minor - order.refunded_goods_minor, order.currency)
    parts = {"goods": goods, "shipping": Money(0, order.currency)}
    given = giving_back.part_of(order, parts, by=by, reason="returned_to_sender")
    giving_back.note_rest(order, given, restocked=restocked, by=by)
    order.completed_at = now()
    life.end_return(order)
    life.move(order, Status.SPLIT, by=by, why=why)
    release(order)
    return order
