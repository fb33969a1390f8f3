"""What the audit found, night by night."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from marketplace.lib.clock import now
from marketplace.models import User

FREEZES = "S1"


class AuditRunQuerySet(models.QuerySet["AuditRun"]):
    def ended(self) -> Self:
        """The newest first."""
        return self.exclude(ended_at=None).order_by("-ended_at", "-pk")

    def waiting(self) -> Self:
        """Asked for and not ended: not begun, under way, or its process was killed. The oldest first."""
        return self.filter(ended_at=None).order_by("asked_at", "pk")


class AuditRun(models.Model):
    """One look at all invariants. `by` is none for the night's; `error` says why the last try did not end."""

    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=now)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    checked = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    objects = AuditRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit")
        verbose_name_plural = _("audits")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | models.Q(started_at__isnull=False, error=""),
                name="audit_run_ended_or_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M} UTC"

    @property
    def freezing(self) -> list[AuditFinding]:
        """What stops payouts: money or stock is wrong, or nobody knows whether it is."""
        return [finding for finding in self.findings.all() if finding.severity == FREEZES]

    @property
    def result(self) -> str:
        """In words, for people."""
        if self.ended_at is None:
            return say("has not ended: %(why)s") % {"why": self.error} if self.error else say("has not ended")
        found = [finding.words for finding in self.findings.all()]
        return ", ".join(found) if found else say("clean")


class AuditFinding(models.Model):
    """An invariant that is broken, `count` times, or that could not be checked, with the `error`."""

    run = models.ForeignKey(AuditRun, on_delete=models.CASCADE, related_name="findings")
    invariant = models.CharField(max_length=8)
    severity = models.CharField(max_length=2)
    statement = models.CharField(max_length=200)
    count = models.PositiveIntegerField()
    samples = models.JSONField(default=list, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ("severity", "invariant")
        constraints = [
            models.UniqueConstraint(fields=["run", "invariant"], name="audit_finding_once"),
            models.CheckConstraint(
                condition=models.Q(count__gt=0, error="") | models.Q(count=0) & ~models.Q(error=""),
                name="audit_finding_says_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invariant} {self.statement}"

    @property
    def words(self) -> str:
        """Short, for people: `A05 3 times`."""
        if self.error:
            return say("%(invariant)s could not be checked") % {"invariant": self.invariant}
        return f"{self.invariant} × {self.count}"
