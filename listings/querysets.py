"""Reads of listings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from listings.models import Listing
    from marketplace.models import User


class ListingQuerySet(models.QuerySet["Listing"]):
    def on_sale(self) -> ListingQuerySet:
        """Live, in stock, of a shop and seller in good standing."""
        return self.filter(
            status="live",
            stock__gt=0,
            shop__suspended_at=None,
            shop__owner__suspended_at=None,
            shop__owner__is_active=True,
        )

    def of_seller(self, user: User) -> ListingQuerySet:
        return self.filter(shop__owner=user)

    def locked(self, pk: int) -> Listing:
        """The row as it is now, locked until the transaction ends."""
        return self.select_for_update(of=("self",)).select_related("shop__owner").get(pk=pk)
