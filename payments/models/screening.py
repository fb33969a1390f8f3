"""What a provider of screening answered about a payee."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.lib.clock import now
from payments.models.bank import Payout
from payments.models.payment import Refund


class Screening(models.Model):
    """One answer of one provider about one payout or refund. What a person made of a hit is in its doubt or case."""

    provider = models.CharField(max_length=32)
    payout = models.ForeignKey(Payout, null=True, blank=True, on_delete=models.PROTECT, related_name="screenings")
    refund = models.ForeignKey(Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="screenings")
    hit = models.BooleanField()
    reason = models.TextField(blank=True)
    at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("screening")
        verbose_name_plural = _("screenings")
        constraints = [
            models.UniqueConstraint(fields=["provider", "payout"], name="screening_once_per_payout"),
            models.UniqueConstraint(fields=["provider", "refund"], name="screening_once_per_refund"),
            models.CheckConstraint(
                condition=models.Q(payout=None, refund__isnull=False) | models.Q(payout__isnull=False, refund=None),
                name="screening_of_one_thing",
            ),
            models.CheckConstraint(
                condition=models.Q(hit=False, reason="") | models.Q(hit=True) & ~models.Q(reason=""),
                name="screening_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider}: {self.reason or '-'}"
