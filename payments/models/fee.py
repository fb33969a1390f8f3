"""What a processor asks for, as its price list says it: dated rows with a source, never two at a time."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User

EVERYWHERE = ""


class FeeRow(models.Model):
    """One part of a processor's price from `valid_from` on, up to but without `valid_until`.

    `percent`: `bps` of the payment, by the buyer's country: `area` is ISO 3166 alpha-2, EEA, or empty for all others.
    `fixed` and `network` (what a chain or bank takes on the way): `minor` units per payment in `currency`.
    Nobody edits a row: a newer one ends it, so that a quote's fee can be explained for ever.
    """

    class Part(models.TextChoices):
        PERCENT = "percent", _("Percentage")
        FIXED = "fixed", _("Fixed part")
        NETWORK = "network", _("Network fee")

    class Confidence(models.TextChoices):
        HIGH = "high", _("High")
        MEDIUM = "medium", _("Medium")
        LOW = "low", _("Low")
        UNVERIFIED = "none", _("Unverified")

    processor = models.CharField(_("processor"), max_length=32)
    part = models.CharField(_("part"), max_length=8, choices=Part)
    area = models.CharField(_("country"), max_length=3, blank=True)
    currency = models.CharField(_("currency"), max_length=8, blank=True)
    bps = models.PositiveIntegerField(_("basis points"), default=0)
    minor = models.BigIntegerField(_("amount"), default=0)
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until before"), null=True, blank=True)
    source = models.TextField(_("source"))
    confidence = models.CharField(_("confidence"), max_length=8, choices=Confidence)
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")  # None: shipped
    recorded_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("fee of a processor")
        verbose_name_plural = _("fees of processors")
        ordering: ClassVar[list[str]] = ["processor", "part", "area", "currency", "-valid_from", "-pk"]
        constraints = [
            ExclusionConstraint(
                name="fee_row_one_at_a_time",
                expressions=[
                    ("processor", RangeOperators.EQUAL),
                    ("part", RangeOperators.EQUAL),
                    ("area", RangeOperators.EQUAL),
                    ("currency", RangeOperators.EQUAL),
                    (
                        Func(F("valid_from"), F("valid_until"), function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(
                condition=Q(part="percent", currency="", minor=0, bps__lte=10_000)
                | Q(part__in=("fixed", "network"), area="", bps=0, minor__gte=0) & ~Q(currency=""),
                name="fee_row_of_one_kind",
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="fee_row_ends_after_its_start"
            ),
            models.CheckConstraint(condition=~Q(source="") & ~Q(processor=""), name="fee_row_has_a_source"),
        ]

    def __str__(self) -> str:
        return f"{self.processor} {self.part} {self.area or self.currency} {self.valid_from}"

    @property
    def amount(self) -> Money | None:
        return Money(self.minor, self.currency) if self.currency else None

    @property
    def verified(self) -> bool:
        return self.confidence != self.Confidence.UNVERIFIED

    def in_force(self, on: dt.date) -> bool:
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)
