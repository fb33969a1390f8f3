"""What it costs to sell from one country to another, measured; and what others publish."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from fx.money import Money

FEWEST = 3  # orders in a cell; below, nobody's own terms may be read from it


class CorridorCost(models.Model):
    """Of orders released in the last year: what was taken of what the buyer paid, in basis points.

    Written anew as a whole by `orders.corridors.measuring`. With fewer than three orders all figures are empty.
    """

    seller_country = models.CharField(max_length=2)
    buyer_country = models.CharField(max_length=2)
    rail = models.CharField(max_length=32)
    orders = models.PositiveIntegerField(null=True)
    median_bps = models.IntegerField(null=True)
    p90_bps = models.IntegerField(null=True)
    processor_bps = models.IntegerField(null=True)  # medians of the parts
    exchange_bps = models.IntegerField(null=True)
    platform_bps = models.IntegerField(null=True)
    # What netting saved, the median over orders in closed windows; empty below three of them. `netting_live`: all of
    # these windows booked it, else it is what netting would have saved.
    netting_bps = models.IntegerField(null=True)
    netting_live = models.BooleanField(null=True)
    measured_at = models.DateTimeField()

    class Meta:
        verbose_name = _("cost of a corridor")
        verbose_name_plural = _("costs of corridors")
        ordering: ClassVar[list[str]] = ["seller_country", "buyer_country", "median_bps", "rail"]
        constraints = [
            models.UniqueConstraint(fields=["seller_country", "buyer_country", "rail"], name="corridor_once_per_rail"),
            models.CheckConstraint(
                condition=Q(orders__gte=FEWEST, median_bps__isnull=False, p90_bps__isnull=False)
                | Q(orders=None, median_bps=None, p90_bps=None, processor_bps=None, exchange_bps=None)
                & Q(platform_bps=None, netting_bps=None),
                name="corridor_nothing_of_a_few",
            ),
            models.CheckConstraint(
                condition=Q(netting_bps=None, netting_live=None)
                | Q(netting_bps__isnull=False, netting_live__isnull=False),
                name="corridor_netting_is_booked_or_not",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seller_country} {self.buyer_country} {self.rail}"


class PublishedCost(models.Model):
    """What a typical stack of card, exchange and bank publishes for one order of `order_minor`, as of `as_of`."""

    name = models.CharField(max_length=80)
    order_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    bps = models.PositiveIntegerField()
    made_of = models.TextField()
    as_of = models.DateField()
    source = models.TextField()
    confidence = models.CharField(
        max_length=8, choices=[("high", _("High")), ("medium", _("Medium")), ("low", _("Low"))]
    )

    class Meta:
        verbose_name = _("published cost")
        verbose_name_plural = _("published costs")
        ordering: ClassVar[list[str]] = ["order_minor", "bps"]
        constraints = [
            models.UniqueConstraint(fields=["name", "order_minor", "currency", "as_of"], name="published_cost_once"),
            models.CheckConstraint(condition=~Q(source=""), name="published_cost_has_a_source"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.order}"

    @property
    def order(self) -> Money:
        return Money(self.order_minor, self.currency)
