"""Who may see an order: its buyer, a guest with the checkout's token, its seller. Everyone else gets a 404."""

from __future__ import annotations

from django.http import Http404

from marketplace.models import User
from orders.models import Checkout, Order

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


def _one(order: Order | None) -> Order:
    if order is None:
        raise Http404
    return order
