"""The life of an order, told top to bottom.

Each verb locks the order, checks the move, moves the money, in one transaction.
"""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from listings.services import claim, put_back
from marketplace.lib.clock import now
from marketplace.models import User
from orders import letters, life, parcels
from orders.disputes.life import answer_dispute as answer_dispute
from orders.disputes.life import decide_dispute as decide_dispute
from orders.disputes.life import open_dispute as open_dispute
from orders.ending import complete
from orders.ending import release as release
from orders.errors import OrderRefused
from orders.models import Checkout, Order, Return
from orders.returns.giving_back import paid_by as paid_by
from orders.returns.giving_back import refund as refund
from orders.returns.giving_back import refund_amount as refund_amount
from orders.returns.giving_back import refund_items as refund_items
from payments.models import Payment, Refund
from payments.refunds.addresses import may_change
from payments.services import RefundRefused, close_payment
from payments.services import give_refund_address as send_coins_to

Status = Order.Status


@transaction.atomic
def mark_paid(number: str) -> Order:
    """The money is held: stock is the buyer's, the seller has to ship."""
    order = Order.objects.locked(number)
    claim(number)
    order.paid_at = now()
    order.held_until = order.paid_at + life.HELD_AT_MOST
    life.move(order, Status.PAID, by=None, due_at=life.ship_by(order))
    return order


@transaction.atomic
def cancel_unpaid(number: str, *, by: User | None = None, why: str = "") -> Order:
    """Nothing was paid in time: the goods go back on sale. Only after the processor confirmed that nothing can come."""
    order = Order.objects.locked(number)
    put_back(number)
    life.move(order, Status.CANCELED, by=by, why=why)
    return order


@transaction.atomic
def mark_shipped(number: str, *, by: User, carrier: str, tracking_number: str = "") -> Order:
    """The seller handed the parcel to the carrier."""
    order = Order.objects.locked(number)
    life.check(order, Status.SHIPPED)
    parcel = parcels.handed(order, carrier=carrier, tracking_number=tracking_number)
    order.shipped_at = now()
    order.address_changes.filter(answered_at=None).update(answered_at=now(), accepted=False)
    life.move(order, Status.SHIPPED, by=by, due_at=life.ask_at(parcel.expected_by))
    return order


@transaction.atomic
def ask_if_arrived(number: str) -> Order:
    """No proof of delivery in time: the buyer is asked, and silence will complete the order."""
    order = Order.objects.locked(number)
    if order.status != Status.SHIPPED or order.asked_at is not None:
        return order
    order.asked_at = now()
    silence = life.SILENCE_TRACKED if order.tracked else life.SILENCE_UNTRACKED
    order.due_at = life.within_hold(order, now() + silence)
    order.save(update_fields=["asked_at", "due_at"])
    letters.ask_if_arrived(order)
    return order


@transaction.atomic
def mark_delivered(number: str, *, by: User | None, why: str = "") -> Order:
    """The carrier delivered, or the buyer says so: from now the buyer may complain until the deadline."""
    order = Order.objects.locked(number)
    order.delivered_at = now()
    life.move(order, Status.DELIVERED, by=by, why=why, due_at=now() + life.TO_COMPLAIN)
    return order


@transaction.atomic
def confirm(number: str, *, by: User | None) -> Order:
    """The buyer has the goods and is content: the held money becomes the seller's."""
    order = Order.objects.locked(number)
    life.expect(order, Status.SHIPPED, Status.DELIVERED)
    if order.returns.filter(state__in=Return.LIVE).exists():
        raise OrderRefused(_("A return of this order is under way. End it first, or wait for it."))
    if order.status == Status.SHIPPED:
        order.delivered_at = now()
    return complete(order, by=by, why="")


@transaction.atomic
def complete_by_silence(number: str) -> Order:
    """Nobody complained in time."""
    order = Order.objects.locked(number)
    life.expect(order, Status.SHIPPED, Status.DELIVERED)
    return complete(order, by=None, why=_("Nobody complained in time."))


@transaction.atomic
def give_up(checkout: Checkout) -> None:
    """The buyer does not want to pay any more: ask the processor to close, the orders end when it confirms."""
    payment = Payment.objects.select_for_update().get(pk=checkout.payment_id)
    if payment.state not in Payment.OPEN - {Payment.State.SEEN, Payment.State.PARTIAL}:
        raise OrderRefused(_("This payment cannot be canceled any more."))
    close_payment(payment, why="canceled by the buyer")


@transaction.atomic
def give_refund_address(checkout: Checkout, *, destination: str) -> None:
    """Coins go back to an address that the buyer names; never to one that was guessed from the payment."""
    rows = Refund.objects.select_for_update().filter(payment_id=checkout.payment_id)
    refunds = [refund for refund in rows.order_by("created_at") if may_change(refund)]
    if not refunds:
        raise OrderRefused(_("No refund waits for an address."))
    try:
        for refund in refunds:
            send_coins_to(refund, destination=destination)
    except RefundRefused as error:
        raise OrderRefused(str(error)) from None
