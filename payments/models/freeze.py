"""The switch that stops all payouts, with who set it and why."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.lib.clock import now
from marketplace.models import User


class Freeze(models.Model):
    """From `at` until `lifted_at` no payout leaves. One at most is in force."""

    reason = models.TextField()
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")  # None: the audit
    at = models.DateTimeField(default=now)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lifted_why = models.TextField(blank=True)
    lifted_despite = models.TextField(blank=True)  # what the newest audit said when a person lifted it all the same

    class Meta:
        verbose_name = _("freeze of payouts")
        verbose_name_plural = _("freezes of payouts")
        constraints = [
            models.UniqueConstraint(
                fields=["lifted_at"],
                condition=models.Q(lifted_at=None),
                nulls_distinct=False,
                name="freeze_one_in_force",
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_at=None, lifted_by=None, lifted_why="")
                | models.Q(lifted_at__gte=models.F("at"), lifted_by__isnull=False) & ~models.Q(lifted_why=""),
                name="freeze_lifted_by_a_person",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="freeze_reason"),
        ]

    def __str__(self) -> str:
        return self.reason
