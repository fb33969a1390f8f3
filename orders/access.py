"""Who may see an order: its buyer, a guest with the checkout's token, its seller. Everyone else gets a 404."""

from __future__ import annotations

from django.http import Http404
from django.utils.translation import gettext as _

from marketplace.models import User
from orders.errors import OrderRefused
from orders.models import AddressChange, Checkout, Order, Return
from orders.returns import life as returns

WITH = ("shop__owner", "checkout__buyer", "checkout__quote")


def bought(number: str, user: User) -> Order:
    return _one(Order.objects.bought_by(user).filter(number=number).select_related(*WITH).first())


def by_token(token: str, number: str) -> Order:
    orders = Order.objects.filter(checkout__token=token, number=number)
    return _one(orders.select_related(*WITH).first() if token else None)


def sold(number: str, user: User) -> Order:
    return _one(Order.objects.sold_by(user).filter(number=number).select_related(*WITH).first())


def checkout_by_token(token: str) -> Checkout:
    found = (
        Checkout.objects.filter(token=token).select_related("quote", "buyer", "payment__quote").first()
        if token
        else None
    )
    if found is None:
        raise Http404
    return found


def live_return(order: Order) -> Return:
    back = returns.live(order)
    if back is None:
        raise OrderRefused(_("No return of this order is under way."))
    return back


def open_change(order: Order) -> AddressChange:
    change = order.address_changes.filter(answered_at=None).first()
    if change is None:
        raise OrderRefused(_("Nobody asks for another address any more."))
    return change


def _one(order: Order | None) -> Order:
    if order is None:
        raise Http404
    return order
