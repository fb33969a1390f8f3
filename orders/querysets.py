"""Reads of orders: who may see which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from marketplace.models import User
    from orders.models import Order


class OrderQuerySet(models.QuerySet["Order"]):
    def locked(self, number: str) -> Order:
        """The order, its row locked until the transaction ends."""
        return self.select_for_update(of=("self",)).select_related("shop__owner", "checkout").get(number=number)

    def bought_by(self, user: User) -> OrderQuerySet:
        return self.filter(checkout__buyer=user)

    def sold_by(self, user: User) -> OrderQuerySet:
        """Orders of the user's shop that were paid once: a seller does not see baskets that were never paid."""
        return self.filter(shop__owner=user).exclude(paid_at=None)
