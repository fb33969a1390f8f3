"""Giving the buyer back what was paid for an order: all of it, some pieces, or an amount.

Before release the money leaves the hold. After it the seller owes what goes back, less the commission
that the platform gives up, and later sales pay it. While a dispute is open only its decision moves money.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from fx.money import Money
from listings.services import restock
from marketplace.models import User
from orders import letters, life
from orders.errors import OrderRefused
from orders.models import Order, OrderLine, RefundedItem
from orders.returns import coinletters
from payments.models import Payment, Refund
from payments.refunds.refundable import left, owed_for, take
from payments.services import RefundRefused, request_refund

Status = Order.Status
OPEN = (Status.PAID, Status.SHIPPED, Status.DELIVERED, Status.COMPLETED, Status.SPLIT)


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody wants to give back: everything left, or pieces (line id to how many), or an amount of the goods."""

    everything: bool = False
    items: Mapping[int, int] = field(default_factory=dict)
    goods: Money | None = None
    shipping: Money | None = None
    restocked: bool = False


@transaction.atomic
def refund(number: str, *, by: User | None, why: str, never_shipped: bool = False, restocked: bool = False) -> Order:
    """Give the buyer back all that is left of what was paid for this order, by the terms of its payment.

    Not while a dispute is open: that is decided. `never_shipped` only while it is not; `restocked`: what was
    not given back before is on sale again.
    """
    order = Order.objects.locked(number)
    life.expect(order, *((Status.PAID,) if never_shipped else OPEN))
    reason = "never_shipped" if never_shipped else "refund"
    end_with_refund(order, by=by, why=why, reason=reason, restocked=restocked)
    return order


def refund_part(number: str, part: Part, *, by: User, why: str) -> Order:
    """What a person chose on a page or by the API."""
    if part.everything:
        return refund(number, by=by, why=why, restocked=part.restocked)
    order = Order.objects.get(number=number)
    nothing = Money(0, order.currency)
    goods, shipping = part.goods or nothing, part.shipping or nothing
    if part.items and goods:
        raise OrderRefused(_("Choose pieces or an amount, not both."))
    if part.items:
        refund_items(number, by=by, why=why, items=part.items, shipping=shipping, restocked=part.restocked)
    else:
        refund_amount(number, by=by, why=why, goods=goods, shipping=shipping)
    order.refresh_from_db()
    return order


def preview(order: Order, part: Part) -> Money:
    """What the buyer would be owed by the payment's terms; refuses what `refund_part` would refuse."""
    nothing = Money(0, order.currency)
    goods = part.goods or nothing
    if part.items:
        goods = paid_for(order, pieces(order, part.items))
    parts = None if part.everything else {"goods": goods, "shipping": part.shipping or nothing}
    return in_paid_money(order, parts)


def in_paid_money(order: Order, parts: Mapping[str, Money] | None) -> Money:
    """What a refund of `parts` (none: all that is left) would bring the buyer; OrderRefused when it could not be."""
    payment = paid_by(order)
    try:
        return owed_for(take(left(payment, order.number), parts), payment)
    except RefundRefused as error:
        raise OrderRefused(str(error)) from None


def preview_back(order: Order, back: Money | None) -> Money:
    """What the buyer would get, in the money that was paid, for `back` of what is held, the goods' first; none: all."""
    if back is None:
        return preview(order, Part(everything=True))
    parts = goods_first(order, back)
    return preview(order, Part(goods=parts["goods"], shipping=parts["shipping"]))


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
    return take_back(order, items, shipping=shipping, restocked=restocked, by=by, why=why)


def take_back(
    order: Order,
    items: Mapping[int, int],
    *,
    shipping: Money,
    restocked: bool,
    by: User | None,
    why: str = "",
    goods: Money | None = None,
) -> Refund:
    """Pieces of a locked order, at the price that was paid, or for less: `goods`, where they came back worn."""
    lines = pieces(order, items)
    parts = {"goods": price_of(order, lines, goods), "shipping": shipping}
    given = part_of(order, parts, by=by, reason="refund", why=why)
    _note(lines, given, restocked=restocked, by=by)
    return given


def price_of(order: Order, lines: Sequence[tuple[OrderLine, int]], goods: Money | None = None) -> Money:
    """What was paid for these pieces, or `goods`, as far as amounts did not go back before."""
    paid = paid_for(order, lines)
    left = Money(order.goods_minor - order.refunded_goods_minor, order.currency)
    return min(paid if goods is None else goods, left)


def paid_for(order: Order, lines: Sequence[tuple[OrderLine, int]]) -> Money:
    """What was paid for these pieces that are next to go back: less their part of a discount, parts summing exactly."""
    listed = sum(line.unit_minor * count for line, count in lines)
    if not order.discount_minor:
        return Money(listed, order.currency)
    there = sum(line.unit_minor * count for line, count in pieces_left(order))
    before = order.goods_minor + order.discount_minor - there
    return Money(order.paid_of(before + listed) - order.paid_of(before), order.currency)


def end_with_refund(order: Order, *, by: User | None, why: str, reason: str, restocked: bool) -> Refund:
    """All that is left of a locked order goes back, and its pieces on sale again where `restocked`."""
    given = all_of(order, by=by, why=why, reason=reason)
    note_rest(order, given, restocked=restocked, by=by)
    return given


def note_rest(order: Order, given: Refund, *, restocked: bool, by: User | None) -> None:
    """The pieces that were not given back before belong to this refund."""
    _note(_rest(order), given, restocked=restocked, by=by)


def all_of(order: Order, *, by: User | None, why: str, reason: str) -> Refund:
    """All that is left goes back and a locked order ends as refunded."""
    life.check(order, Status.REFUNDED)
    given = _request(order, None, by=by, reason=reason)
    order.refunded_goods_minor, order.refunded_shipping_minor = order.goods_minor, order.shipping_minor
    life.move(order, Status.REFUNDED, by=by, why=why)
    return given


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


def paid_by_each(orders: Sequence[Order]) -> dict[str, Payment]:
    """The same of each, by the order's number. Payment.DoesNotExist where one was never paid."""
    refs = {order.checkout.public_id for order in orders}
    captured = Payment.objects.filter(ref__in=refs, state=Payment.State.CAPTURED).defer("client")
    found = {payment.ref: payment for payment in captured}
    if missing := refs - set(found):
        raise Payment.DoesNotExist(f"Nothing was captured for {', '.join(sorted(missing))}.")
    return {order.number: found[order.checkout.public_id] for order in orders}


def _request(order: Order, parts: Mapping[str, Money] | None, *, by: User | None, reason: str) -> Refund:
    left = order.goods_minor - order.refunded_goods_minor
    goods = left if parts is None else parts["goods"].amount
    try:
        given = request_refund(
            payment=paid_by(order),
            ref=order.number,
            reason=reason,
            by=by,
            parts=parts,
            commission=order.commission_on(goods),
        )
    except RefundRefused as error:
        raise OrderRefused(str(error)) from None
    if given.state == Refund.State.NEEDS_ADDRESS:
        coinletters.ask(order.checkout, given, day=0)
    return given


def _note(lines: Sequence[tuple[OrderLine, int]], given: Refund, *, restocked: bool, by: User | None) -> None:
    for line, count in lines:
        RefundedItem.objects.create(line=line, refund=given, quantity=count, restocked=restocked)
        if restocked:
            restock(line.listing_id, quantity=count, ref=given.pk.hex, by=by)


def pieces_left(order: Order) -> list[tuple[OrderLine, int]]:
    """Each line with the number of pieces that were not given back yet."""
    lines = order.lines.annotate(gone=Sum("refunded__quantity")).order_by("pk")
    return [(line, line.quantity - (line.gone or 0)) for line in lines]


def _rest(order: Order) -> list[tuple[OrderLine, int]]:
    return [(line, there) for line, there in pieces_left(order) if there]


def pieces(order: Order, items: Mapping[int, int]) -> list[tuple[OrderLine, int]]:
    there = {line.pk: (line, count) for line, count in pieces_left(order)}
    found: list[tuple[OrderLine, int]] = []
    for pk, count in sorted(items.items()):
        if pk not in there:
            raise OrderRefused(_("Order %(number)s has no such line.") % {"number": order.number})
        line, most = there[pk]
        if not 0 <= count <= most:
            raise OrderRefused(
                _("Of “%(title)s” %(there)d can be given back, not %(count)d.")
                % {"title": line.title, "there": most, "count": count}
            )
        found += [(line, count)] if count else []
    if not found:
        raise OrderRefused(_("Say how many pieces are given back."))
    return found
