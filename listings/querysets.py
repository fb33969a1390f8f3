"""Reads of shops and listings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from listings.models import Listing, Shop
    from marketplace.models import User


class ShopQuerySet(models.QuerySet["Shop"]):
    def in_good_standing(self) -> ShopQuerySet:
        """Neither the shop nor its seller is suspended."""
        return self.filter(suspended_at=None, owner__suspended_at=None, owner__is_active=True)

    def of(self, user: User) -> Shop | None:
        """The one shop of a user, if they have one."""
        return self.filter(owner=user).first()


class ListingQuerySet(models.QuerySet["Listing"]):
    def on_sale(self) -> ListingQuerySet:
        """Live, in stock, of a shop and seller in good standing."""
        return self.filter(_GOOD, status="live", stock__gt=0)

    def public(self) -> ListingQuerySet:
        """Live or withdrawn after it was live: what anybody may read."""
        return self.filter(_GOOD, status__in=["live", "withdrawn"]).exclude(live_at=None)

    def of_seller(self, user: User) -> ListingQuerySet:
        return self.filter(shop__owner=user)

    def locked(self, pk: int) -> Listing:
        """The row as it is now, locked until the transaction ends."""
        return self.select_for_update(of=("self",)).select_related("shop__owner").get(pk=pk)


_GOOD = Q(shop__suspended_at=None, shop__owner__suspended_at=None, shop__owner__is_active=True)
