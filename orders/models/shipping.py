"""Parcels, and where they go."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.lib.clock import now
from orders.models.order import Order
from orders.tracking.carriers import page_of


class Shipment(models.Model):
    """A parcel of an order; the first one starts its way, further ones follow."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="parcels")
    carrier = models.CharField(_("carrier"), max_length=60)
    # Of the table in `orders/tracking/carriers.py`; empty for a carrier that is not in it, whose name is all we know.
    carrier_key = models.CharField(_("carrier, in our table"), max_length=40, blank=True, default="")
    tracking_number = models.CharField(_("tracking number"), max_length=40, blank=True)
    shipped_at = models.DateTimeField(default=now)
    expected_by = models.DateField()

    @property
    def tracking_page(self) -> str:
        """The carrier's own page about it; empty where none is known."""
        return page_of(self.carrier_key, self.tracking_number)


class AddressChange(models.Model):
    """The buyer asks for another address after paying; the seller says yes or no before shipping."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="address_changes")
    address = models.JSONField()
    asked_at = models.DateTimeField(default=now)
    answered_at = models.DateTimeField(null=True, blank=True)
    accepted = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=models.Q(answered_at=None), name="address_change_one_open"
            )
        ]
