"""A shop's rolling reserve: a part of each release that waits before it is payable."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User


class Reserve(models.Model):
    """What was kept back of one released order, on `seller:<id>:<currency>:reserve`, until `until`."""

    ref = models.CharField(max_length=32, unique=True)  # the order's number
    seller = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reserves")
    currency = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    kept_at = models.DateTimeField(default=now)
    until = models.DateTimeField()
    freed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("reserve")
        verbose_name_plural = _("reserves")
        constraints = [models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="reserve_positive")]
        # Read by the sweep that frees what is due, and by the seller's money page.
        indexes = [models.Index(fields=["until"], condition=models.Q(freed_at=None), name="reserve_due")]

    def __str__(self) -> str:
        return f"{self.amount} of {self.ref}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
