"""How many pieces there are: every change, and what is set aside for orders."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from listings.models.listing import Listing
from marketplace.lib.clock import now
from marketplace.models import User


class StockMove(models.Model):
    """Every change of a listing's stock; `stock` is their sum. `ref` is an order's number or empty."""

    class Reason(models.TextChoices):
        INITIAL = "initial", _("Initial stock")
        RESTOCK = "restock", _("Changed by the seller")
        RESERVED = "reserved", _("Reserved for an order")
        RETURNED = "returned", _("Reservation ended")
        GIVEN_BACK = "given_back", _("Refunded and back in stock")

    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="stock_moves")
    delta = models.IntegerField()
    reason = models.CharField(max_length=10, choices=Reason)
    ref = models.CharField(max_length=32, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["listing", "ref", "reason"],
                condition=~models.Q(ref=""),
                name="stock_moves_once_per_order",
            )
        ]


class Reservation(models.Model):
    """Stock taken out for an order that is not paid yet: claimed when it is, returned when it is not in time."""

    class State(models.TextChoices):
        HELD = "held", _("Held")
        CLAIMED = "claimed", _("Claimed")
        RETURNED = "returned", _("Returned")

    listing = models.ForeignKey(Listing, on_delete=models.PROTECT)
    ref = models.CharField(max_length=32)  # the order's number
    quantity = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.HELD)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["listing", "ref"], name="reservation_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="reservation_of_something"),
        ]
