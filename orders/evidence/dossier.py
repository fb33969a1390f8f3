"""All that is known about a payment that a bank asks for, read once; nothing here decides or writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from listings.customs.landed_cost import LandedCost
from marketplace.models import Acceptance, User
from orders.checkout import addresses
from orders.checkout.feesheet import FeeSheet
from orders.disputes import messages
from orders.models import Checkout, Dispute, Message, Order, OrderEvent, OrderLine, Return, Shipment
from payments.models import Chargeback, Payment, Refund

Status = Order.Status


@dataclass(frozen=True, slots=True)
class Sold:
    """One order of the payment, with what was shown, sent, said and given back."""

    order: Order
    lines: Sequence[OrderLine]
    landed: LandedCost
    fees: FeeSheet
    parcels: Sequence[Shipment]
    events: Sequence[OrderEvent]
    said: Sequence[Message]
    dispute: Dispute | None
    returns: Sequence[Return]
    refunds: Sequence[Refund]

    @property
    def arrived(self) -> OrderEvent | None:
        """The step in which somebody said that it arrived; silence is not one."""
        steps = [event for event in self.events if event.to_status in {Status.DELIVERED, Status.COMPLETED}]
        return next((event for event in steps if not event.why or event.by is not None), None)

    @property
    def address(self) -> list[str]:
        return addresses.lines(self.order.address)


@dataclass(frozen=True, slots=True)
class Dossier:
    chargeback: Chargeback
    payment: Payment
    checkout: Checkout
    accepted: Sequence[Acceptance]
    sold: Sequence[Sold]

    @property
    def buyer_name(self) -> str:
        return str(self.checkout.address.get("name") or "")


def gather(chargeback: Chargeback) -> Dossier | None:
    """None for a payment that never became orders: then there is nothing to show."""
    payment = chargeback.payment
    checkout = Checkout.objects.select_related("quote", "buyer").filter(payment=payment).first()
    orders = checkout.orders.exclude(paid_at=None).select_related("shop__owner").order_by("number") if checkout else []
    sold = [_sold(order) for order in orders]
    if checkout is None or not sold:
        return None
    accepted = Acceptance.objects.filter(ref=checkout.public_id).select_related("text").order_by("text__kind")
    return Dossier(chargeback, payment, checkout, list(accepted), sold)


def _sold(order: Order) -> Sold:
    return Sold(
        order=order,
        lines=list(order.lines.order_by("pk")),
        landed=LandedCost.from_json(order.landed),
        fees=FeeSheet.from_json(order.fee_sheet, order.buyer_currency),
        parcels=list(order.parcels.order_by("pk")),
        events=list(order.events.select_related("by").order_by("seq")),
        said=messages.of_order(order),
        dispute=Dispute.objects.filter(order=order).first(),
        returns=list(order.returns.order_by("pk")),
        refunds=list(Refund.objects.filter(ref=order.number).order_by("created_at")),
    )


def who(event: OrderEvent, order: Order) -> str:
    """Who made a step, as a bank can read it. A guest acts by the secret link of the order, without an account."""
    by: User | None = event.by
    if by is not None and by.pk == order.seller.pk:
        return "the seller"
    if by is not None and by.pk == order.checkout.buyer_id:
        return f"the buyer (logged in as {order.checkout.email})"
    if by is not None:
        return "the marketplace's staff"
    if event.to_status in {Status.DELIVERED, Status.COMPLETED} and not event.why:
        return f"the buyer (by the secret link sent to {order.checkout.email})"
    return "the marketplace"
