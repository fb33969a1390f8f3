"""Parcels, and where they go."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.lib.clock import now
from orders.models.order import Order


class Shipment(models.Model):
    """A parcel of an order; the first one starts its way, further ones follow."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="parcels")
    carrier = models.CharField(_("carrier"), max_length=60)
    tracking_number = models.CharField(_("tracking number"), max_length=40, blank=True)
    shipped_at = models.DateTimeField(default=now)
    expected_by = models.DateField()


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
