"""Baskets, and what a quote was given for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from fx.models import Quote
from listings.models import Listing
from marketplace.lib.clock import now


class Cart(models.Model):
    """A basket, across shops and currencies. `owner` is `user:<id>` or `visitor:<key>`, as in quotes."""

    owner = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=now)


class CartLine(models.Model):
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE)
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "listing"], name="cart_line_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="cart_line_of_something"),
        ]


class QuotedBasket(models.Model):
    """What a quote was given for: the parcels with lines, shipping, landed cost and fee sheet, as they were shown.

    Placing takes the money from the quote and everything else from here, so the order is what the buyer saw.
    `renews`: the quote that ended while the buyer decided, in whose place it was given.
    """

    quote = models.OneToOneField(Quote, on_delete=models.CASCADE, related_name="basket_snapshot")
    renews = models.ForeignKey(Quote, null=True, blank=True, on_delete=models.SET_NULL, related_name="renewals")
    processor = models.CharField(max_length=32)
    parcels = models.JSONField()
