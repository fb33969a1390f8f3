"""The life of an order, told top to bottom.

Each verb locks the order, checks the move, moves the money, in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext as _

from fx.money import Money
from listings.services import claim, put_back
from marketplace.lib.clock import now
from marketplace.lib.line import one_line
from marketplace.models import User
from orders import giving_back, letters, life
from orders.chargebacks import check_free
from orders.errors import OrderRefused
from orders.giving_back import paid_by as paid_by
from orders.giving_back import refund as refund
from orders.giving_back import refund_amount as refund_amount
from orders.giving_back import refund_items as refund_items
from orders.models import Checkout, Dispute, Order, Return, Shipment
from payments import holds
from payments.models import Payment, Refund
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
    if order.tracked and not tracking_number:
        raise OrderRefused(
            _("“%(rate)s” is a tracked service. Give the tracking number.") % {"rate": order.shipping_name}
        )
    expected = life.expected_by(order)
    Shipment.objects.create(
        order=order,
        carrier=one_line(carrier),
        tracking_number=tracking_number,
        shipped_at=now(),
        expected_by=expected,
    )
    order.shipped_at = now()
    order.address_changes.filter(answered_at=None).update(answered_at=now(), accepted=False)
    life.move(order, Status.SHIPPED, by=by, due_at=life.ask_at(expected))
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
    return _complete(order, by=by, why="")


@transaction.atomic
def complete_by_silence(number: str) -> Order:
    """Nobody complained in time."""
    order = Order.objects.locked(number)
    life.expect(order, Status.SHIPPED, Status.DELIVERED)
    return _complete(order, by=None, why=_("Nobody complained in time."))


def _complete(order: Order, *, by: User | None, why: str) -> Order:
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


@transaction.atomic
def open_dispute(number: str, *, by: User | None, reason: str) -> Order:
    """The buyer says what is wrong; the seller has five days to answer."""
    order = Order.objects.locked(number)
    if not reason.strip():
        raise OrderRefused(_("Say what is wrong, so that the seller can answer."))
    if order.returns.filter(state__in=Return.LIVE).exists():
        raise OrderRefused(_("A return of this order is under way. End it first, or wait for it."))
    life.move(order, Status.DISPUTED, by=by, due_at=now() + life.SELLER_ANSWERS)
    Dispute.objects.create(order=order, reason=reason.strip()[:2000], opened_at=now())
    return order


@transaction.atomic
def answer_dispute(number: str, *, by: User, answer: str) -> Order:
    """The seller's side, said once; then a moderator has seven days."""
    order = Order.objects.locked(number)
    assert by == order.seller, "only the seller answers"
    dispute = _undecided(order)
    if dispute.answered_at is not None:
        raise OrderRefused(_("You have answered already. The moderator decides now."))
    if not answer.strip():
        raise OrderRefused(_("Write your side, so that the moderator can decide."))
    dispute.answer, dispute.answered_at = answer.strip()[:2000], now()
    dispute.save(update_fields=["answer", "answered_at"])
    order.due_at = life.within_hold(order, now() + life.ADMIN_DECIDES)
    order.save(update_fields=["due_at"])
    return order


@transaction.atomic
def decide_dispute(number: str, *, outcome: str, by: User | None, reason: str, back: Money | None = None) -> Order:
    """`outcome` is buyer (all goes back), seller (all is released) or split: `back` of what is held goes back.

    Silence decides for the buyer.
    """
    order = Order.objects.locked(number)
    dispute = _undecided(order)
    if outcome not in DECISIONS:
        raise OrderRefused(_("“%(outcome)s” is no decision. Choose buyer, seller or split.") % {"outcome": outcome})
    dispute.outcome, dispute.decided_by, dispute.decided_at = outcome, by, now()
    dispute.decision_reason = reason
    dispute.save()
    DECISIONS[outcome](order, by, reason, back)
    return order


def _for_buyer(order: Order, by: User | None, why: str, back: Money | None) -> None:
    giving_back.all_of(order, by=by, why=why, reason="dispute")


def _for_seller(order: Order, by: User | None, why: str, back: Money | None) -> None:
    _complete(order, by=by, why=why)


def _split(order: Order, by: User | None, why: str, back: Money | None) -> None:
    """A part goes back, the goods' first, and the rest is released."""
    if back is None or not 0 < back.amount < order.held.amount:
        raise OrderRefused(
            _("Say how much goes back: more than nothing and less than %(held)s.") % {"held": order.held}
        )
    giving_back.part_of(order, giving_back.goods_first(order, back), by=by, reason="dispute")
    order.completed_at = now()
    life.move(order, Status.SPLIT, by=by, why=why)
    release(order)


DECISIONS: dict[str, Callable[[Order, User | None, str, Money | None], None]] = {
    Dispute.Outcome.BUYER: _for_buyer,
    Dispute.Outcome.SELLER: _for_seller,
    Dispute.Outcome.SPLIT: _split,
}


def _undecided(order: Order) -> Dispute:
    """The open dispute of a locked order, locked; OrderRefused when there is none."""
    dispute = Dispute.objects.select_for_update().filter(order=order, decided_at=None).first()
    if dispute is None or order.status != Status.DISPUTED:
        raise OrderRefused(_("Order %(number)s has no open dispute.") % {"number": order.number})
    return dispute


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
    refunds = Refund.objects.select_for_update().filter(
        payment_id=checkout.payment_id, state=Refund.State.NEEDS_ADDRESS
    )
    if not refunds:
        raise OrderRefused(_("No refund waits for an address."))
    try:
        for refund in refunds:
            send_coins_to(refund, destination=destination)
    except RefundRefused as error:
        raise OrderRefused(str(error)) from None
