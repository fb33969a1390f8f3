"""Buyer and seller disagree."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.lib.clock import now
from marketplace.models import User
from orders.models.order import Order


class Dispute(models.Model):
    """Buyer and seller disagree; silence decides for the buyer."""

    class Outcome(models.TextChoices):
        OPEN = "", _("Open")
        BUYER = "buyer", _("Decided for the buyer")
        SELLER = "seller", _("Decided for the seller")
        SPLIT = "split", _("Settled in parts")

    class Kind(models.TextChoices):
        NOT_AS_DESCRIBED = "not_as_described", _("Not as described")
        DAMAGED = "damaged", _("Damaged")
        MISSING_PARTS = "missing_parts", _("Parts are missing")
        NEVER_ARRIVED = "never_arrived", _("Never arrived")
        COUNTERFEIT = "counterfeit", _("Counterfeit")
        OTHER = "other", _("Something else")

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="dispute")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.OTHER)
    reason = models.TextField(_("what is wrong"), max_length=2000)
    answer = models.TextField(_("the seller's answer"), max_length=2000, blank=True)
    opened_at = models.DateTimeField(default=now)
    answered_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)
