"""Parcels of an order: the first one starts its way, further ones may follow."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.lib.clock import now
from marketplace.models import User
from orders import letters, life
from orders.errors import OrderRefused
from orders.models import Order, Shipment
from orders.tracking import s10
from orders.tracking.carriers import carrier_of

MOST = 20


def handed(order: Order, *, carrier: str, tracking_number: str) -> Shipment:
    """The parcel that a carrier has, of a locked order. OrderRefused without a number that the service promises, or
    with one that has a typing error: the buyer, the bank and the customs office will go by it."""
    if order.tracked and not tracking_number:
        raise OrderRefused(
            _("“%(rate)s” is a tracked service. Give the tracking number.") % {"rate": order.shipping_name}
        )
    if wrong := s10.fault(tracking_number):
        raise OrderRefused(wrong)
    by = carrier_of(carrier)
    if not by.name:
        raise OrderRefused(_("Write the name of the carrier in letters that can be seen."))
    return Shipment.objects.create(
        order=order,
        carrier=by.name,
        carrier_key=by.key,
        tracking_number=tracking_number,
        shipped_at=now(),
        expected_by=life.expected_by(order),
    )


@transaction.atomic
def add(number: str, *, by: User, carrier: str, tracking_number: str = "") -> Shipment:
    """Another parcel of an order that is on its way, or of which something arrived already.

    Its expected day moves the order's deadline, within the hold, and the buyer's fourteen days begin with it.
    """
    order = Order.objects.locked(number)
    life.expect(order, Order.Status.SHIPPED, Order.Status.DELIVERED)
    if order.parcels.count() >= MOST:
        raise OrderRefused(_("An order has at most %(most)d parcels.") % {"most": MOST})
    if tracking_number and order.parcels.filter(tracking_number=tracking_number).exists():
        raise OrderRefused(
            _("%(number)s is the number of a parcel that you named before.") % {"number": tracking_number}
        )
    parcel = handed(order, carrier=carrier, tracking_number=tracking_number)
    if order.asked_at is None:
        later = life.ask_at(parcel.expected_by)
        order.due_at = life.within_hold(order, max(later, order.due_at or later))
        order.save(update_fields=["due_at"])
    letters.another_parcel(parcel)
    return parcel
