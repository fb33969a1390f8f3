"""What the operator takes out of the platform's own income."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User


class Drawing(models.Model):
    """An amount of earned money on its way to the operator: proposed by one person, approved by another, then sent.

    From its approval it is out of the income and kept back at the bank; `bank_reference` says that it left.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        APPROVED = "approved", _("Approved")
        TAKEN = "taken", _("Taken out")
        CANCELED = "canceled", _("Canceled")

    NEXT: ClassVar[dict[str, set[str]]] = {
        State.PROPOSED: {State.APPROVED, State.CANCELED},
        State.APPROVED: {State.TAKEN, State.CANCELED},
        State.TAKEN: set(),
        State.CANCELED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    currency = models.CharField(_("currency"), max_length=8)
    amount_minor = models.BigIntegerField()
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PROPOSED)
    why = models.CharField(_("why"), max_length=200)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    proposed_at = models.DateTimeField(_("proposed at"), default=now)
    approved_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    ended_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("ended by")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    bank_reference = models.CharField(_("the bank's reference"), max_length=128, blank=True)

    class Meta:
        verbose_name = _("withdrawal of own income")
        verbose_name_plural = _("withdrawals of own income")
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="drawing_positive"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by")), name="drawing_by_two"
            ),
            models.CheckConstraint(
                condition=~Q(state="taken") | ~Q(bank_reference="") & ~Q(ended_by=F("approved_by")),
                name="drawing_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("proposed", "canceled")) | Q(approved_by__isnull=False),
                name="drawing_approved",
            ),
            models.UniqueConstraint(
                fields=["bank_reference"], condition=~Q(bank_reference=""), name="drawing_reference_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.state}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
