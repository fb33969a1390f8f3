"""Another address after payment: the buyer asks, the seller says yes or no, before the parcel leaves."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.lib.clock import now
from marketplace.models import User
from orders import letters, life
from orders.errors import OrderRefused
from orders.models import AddressChange, Order


@transaction.atomic
def ask(number: str, *, by: User | None, address: dict[str, str]) -> AddressChange:
    """`address` is checked by its country's rules already. Duty and tax hang on the country: it stays the same."""
    order = Order.objects.locked(number)
    life.expect(order, Order.Status.PAID)
    if address["country_code"] != order.address["country_code"]:
        raise OrderRefused(
            _("Shipping, duty and tax were agreed for another country. Cancel this order and order again.")
        )
    order.address_changes.filter(answered_at=None).update(answered_at=now(), accepted=False)
    change = AddressChange.objects.create(order=order, address=address)
    letters.address_change(change, "address_change_asked")
    return change


@transaction.atomic
def answer(change: AddressChange, *, by: User, accept: bool) -> AddressChange:
    """The seller's word. Silence changes nothing: then it goes where it was ordered to."""
    order = Order.objects.locked(Order.objects.get(pk=change.order_id).number)
    change = AddressChange.objects.select_for_update(of=("self",)).get(pk=change.pk)
    change.order = order
    life.expect(order, Order.Status.PAID)
    if change.answered_at is not None:
        raise OrderRefused(_("This was answered already, or the buyer asked for another address since."))
    change.answered_at, change.accepted = now(), accept
    change.save(update_fields=["answered_at", "accepted"])
    if accept:
        order.new_address = change.address
        order.save(update_fields=["new_address"])
    letters.address_change(change, "address_change_answered")
    return change
