"""What a buyer pays for at once."""

from __future__ import annotations

from django.db import models

from fx.models import Quote
from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from payments.models import Payment


class Checkout(models.Model):
    """What a buyer pays for at once: one quote, one payment, one order per shop.

    `token` is 128 random bits: with it a guest reaches the orders. `address` is a snapshot, see
    orders.checkout.addresses.
    """

    public_id = models.CharField(max_length=32, unique=True)
    token = models.CharField(max_length=32, unique=True)
    owner = models.CharField(max_length=64)
    buyer = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="checkouts")
    email = models.EmailField()
    language = models.CharField(max_length=8, default="en")
    address = models.JSONField()
    quote = models.OneToOneField(Quote, on_delete=models.PROTECT)
    currency = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="checkout")
    created_at = models.DateTimeField(default=now)

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
