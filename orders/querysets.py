"""Reads of orders: who may see which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from marketplace.lib.clock import now
from payments.models import Chargeback

if TYPE_CHECKING:
    from marketplace.models import User
    from orders.models import Order


def _contested() -> Q:
    asks = Chargeback.objects.filter(payment=OuterRef("checkout__payment"), settled_at=None)
    taken = Exists(asks.filter(kind=Chargeback.Kind.CHARGEBACK))
    return taken | Exists(asks) & (Q(held_until=None) | Q(held_until__gt=now()))


class OrderQuerySet(models.QuerySet["Order"]):
    def locked(self, number: str) -> Order:
        """The order, its row locked until the transaction ends."""
        return self.select_for_update(of=("self",)).select_related("shop__owner", "checkout").get(number=number)

    def bought_by(self, user: User) -> OrderQuerySet:
        return self.filter(checkout__buyer=user)

    def contested(self) -> OrderQuerySet:
        """Orders whose money the buyer's bank has, or asks for: an inquiry keeps no hold beyond its end."""
        return self.filter(_contested())

    def due(self) -> OrderQuerySet:
        """Orders whose deadline has passed; not those that a bank asks for."""
        return self.filter(~_contested(), due_at__lte=now())

    def sold_by(self, user: User) -> OrderQuerySet:
        """Orders of the user's shop that were paid once: a seller does not see baskets that were never paid."""
        return self.filter(shop__owner=user).exclude(paid_at=None)
