"""Around a payout: when it is asked for by itself, and what speaks against it."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from payments.models.bank import Payout


class PayoutPlan(models.Model):
    """When a seller's money in a currency is asked for by itself: at `next_at`, once `threshold` is payable."""

    class Every(models.TextChoices):
        HAND = "hand", _("When I ask for it")
        WEEK = "week", _("Every Monday")
        MONTH = "month", _("On the first of each month")

    seller = models.ForeignKey(User, on_delete=models.PROTECT, related_name="payout_plans")
    currency = models.CharField(max_length=8)
    every = models.CharField(_("schedule"), max_length=5, choices=Every, default=Every.HAND)
    threshold_minor = models.BigIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True)  # why the last time asked for nothing

    class Meta:
        verbose_name = _("payout schedule")
        verbose_name_plural = _("payout schedules")
        constraints = [
            models.UniqueConstraint(fields=["seller", "currency"], name="payout_plan_once"),
            models.CheckConstraint(condition=models.Q(threshold_minor__gte=0), name="payout_plan_threshold"),
            models.CheckConstraint(
                condition=models.Q(every="hand", next_at=None) | ~models.Q(every="hand") & ~models.Q(next_at=None),
                name="payout_plan_has_its_time",
            ),
        ]
        # Read by the sweep that asks for payouts.
        indexes = [models.Index(fields=["next_at"], condition=~models.Q(next_at=None), name="payout_plan_due")]

    def __str__(self) -> str:
        return f"{self.seller} {self.currency}: {self.get_every_display()}"

    @property
    def threshold(self) -> Money:
        return Money(self.threshold_minor, self.currency)

    def following(self, at: dt.datetime) -> dt.datetime | None:
        """The first time of the schedule after `at`: at six in the morning, UTC."""
        day = at.replace(hour=6, minute=0, second=0, microsecond=0)
        match self.every:
            case self.Every.WEEK:
                return day + dt.timedelta(days=7 - day.weekday())
            case self.Every.MONTH:
                return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
        return None


class PayoutDoubt(models.Model):
    """What speaks against a payout until a person, who does not approve it then, says that it is right."""

    class Kind(models.TextChoices):
        DUPLICATE = "duplicate", _("Looks like a payout of the last days")
        SCREENING = "screening", _("The screening has something against it")
        SUSPENDED = "suspended", _("The account of the seller is suspended")
        SHARED = "shared", _("The destination is another seller's too")

    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="doubts")
    kind = models.CharField(max_length=10, choices=Kind)
    detail = models.TextField(blank=True)
    at = models.DateTimeField(default=now)
    cleared_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    cleared_at = models.DateTimeField(null=True, blank=True)
    why = models.TextField(blank=True)

    class Meta:
        verbose_name = _("doubt about a payout")
        verbose_name_plural = _("doubts about payouts")
        constraints = [
            models.UniqueConstraint(fields=["payout", "kind"], name="payout_doubt_once"),
            models.CheckConstraint(
                condition=models.Q(cleared_at=None, cleared_by=None, why="")
                | models.Q(cleared_at__isnull=False, cleared_by__isnull=False) & ~models.Q(why=""),
                name="payout_doubt_cleared_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return ": ".join(filter(None, [str(self.get_kind_display()), self.detail]))
