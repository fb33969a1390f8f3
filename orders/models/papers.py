"""What customs papers need beside the order: what is in a parcel, what was printed, and what an SDR is worth."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.lib.clock import now
from marketplace.models import User
from orders.models.order import Order


class SdrValue(models.Model):
    """What a special drawing right is worth from a day on, until a later row. Rows are added, never edited."""

    class Confidence(models.TextChoices):
        HIGH = "high", _("high: read at the IMF or the post")
        MEDIUM = "medium", _("medium: one good source")
        LOW = "low", _("low: rounded, or second hand")

    valid_from = models.DateField(_("valid from"), unique=True)
    currency = models.CharField(_("currency"), max_length=8)
    per_sdr = models.DecimalField(_("one SDR in it"), max_digits=14, decimal_places=6)
    source = models.CharField(_("source"), max_length=200)
    confidence = models.CharField(_("confidence"), max_length=6, choices=Confidence)
    recorded_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(_("recorded at"), default=now)

    class Meta:
        verbose_name = _("value of the SDR")
        verbose_name_plural = _("values of the SDR")
        ordering: ClassVar[list[str]] = ["-valid_from"]
        constraints = [models.CheckConstraint(condition=models.Q(per_sdr__gt=0), name="sdr_worth_something")]

    def __str__(self) -> str:
        return f"{self.per_sdr} {self.currency}, {self.valid_from}"


class PackedParcel(models.Model):
    """What the seller says about the nth parcel of an order: which pieces, how heavy, what the post took.

    `pieces` maps a line's id to `{"quantity": pieces in it, "net_g": net weight of one, or null}`. Without a row the
    first parcel has everything that is left of the order.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="packed")
    number = models.PositiveSmallIntegerField()
    pieces = models.JSONField(default=dict)
    gross_g = models.PositiveIntegerField(null=True, blank=True)
    postage_minor = models.BigIntegerField(null=True, blank=True)  # in the order's currency
    phone = models.CharField(max_length=30, blank=True)  # the sender's
    eori = models.CharField(max_length=17, blank=True)
    comments = models.CharField(max_length=200, blank=True)
    licences = models.CharField(max_length=100, blank=True)
    certificates = models.CharField(max_length=100, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="packed_parcel_once"),
            models.CheckConstraint(
                condition=models.Q(number__gte=1) & (models.Q(postage_minor=None) | models.Q(postage_minor__gte=0)),
                name="packed_parcel_counts",
            ),
        ]


class PrintedPaper(models.Model):
    """That a paper was printed: its bytes' and its facts' SHA-256. The facts themselves stay where they are, once."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="printed")
    parcel = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8)
    version = models.PositiveSmallIntegerField()
    facts = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(User, on_delete=models.PROTECT)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "parcel", "kind", "version"], name="printed_paper_once")
        ]
