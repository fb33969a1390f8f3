"""What of a window's saving became a seller's."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from fx.rates import HUB
from marketplace.models import User


class Rebate(models.Model):
    """The seller's part of what one captured order saved in a window: `booked_minor` in their money, `hub_minor` in the
    platform's euros. Both are what was paid less what was taken back; `most_minor` is the share. Each of its
    `journals` changed it.
    """

    conversion = models.OneToOneField("fx.Conversion", on_delete=models.PROTECT, related_name="rebate")
    window = models.ForeignKey("fx.Window", on_delete=models.PROTECT, related_name="rebates")
    ref = models.CharField(_("order"), max_length=64)
    seller = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=8)
    most_minor = models.BigIntegerField()
    booked_minor = models.BigIntegerField(default=0)
    hub_minor = models.BigIntegerField(default=0)
    journals = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("rebate")
        verbose_name_plural = _("rebates")
        # Read by the fee sheet of an order, and when money of one goes back.
        indexes = [models.Index(fields=["ref"], name="rebate_of_order")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(booked_minor__gte=0, booked_minor__lte=models.F("most_minor"), hub_minor__gte=0),
                name="rebate_at_most_its_share",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.booked}"

    @property
    def booked(self) -> Money:
        return Money(self.booked_minor, self.currency)

    @property
    def hub(self) -> Money:
        return Money(self.hub_minor, HUB)
