"""Where the operator is registered to collect import tax: dated, and never rewritten."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.lib.clock import now
from marketplace.models import User


class Registration(models.Model):
    """A number under which the operator collects the tax of one scheme, from a day on.

    Two of one scheme are never in force at once. The only change is its end, once (migration 0009): money was collected
    under the number, so the row stays.
    """

    scheme = models.CharField(_("scheme"), max_length=10)
    number = models.CharField(_("number"), max_length=40)
    country = models.CharField(_("country that gave it"), max_length=2)
    valid_from = models.DateField(_("in force from"))
    valid_until = models.DateField(_("first day without it"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by"))
    at = models.DateTimeField(_("entered at"), default=now)
    ended_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("ended by")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        ordering: ClassVar[list[str]] = ["scheme", "-valid_from", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="registration_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.number}"

    def covers(self, on: dt.date) -> bool:
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)
