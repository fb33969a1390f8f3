"""Goods that may not go, or only with care: rows that the operator keeps, and their history."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from listings.models.border import ImportRule
from marketplace.lib.clock import now
from marketplace.models import User


class RestrictedGoods(models.Model):
    """One restriction, first loaded from `listings/data/restricted_goods.csv` (migration 0012).

    `prefixes` of HS codes and `words` of titles are divided by semicolons. Never deleted: one that does not hold is
    switched off.
    """

    class Rule(models.TextChoices):
        BLOCK = "block", _("Refuse")
        BLOCK_POST = "block_post", _("Refuse across borders")
        PERMIT = "permit", _("Tell that a permit is needed")
        WARN = "warn", _("Warn")

    class Remedy(models.TextChoices):
        HOME = "home", _("Sell it at home")
        ELSEWHERE = "elsewhere", _("Send it to another country")
        NOTHING = "nothing", _("Nothing but another HS code")
        NAME = "name", _("Another title")
        PERMIT = "permit", _("A permit")
        ASK = "ask", _("Ask carrier and customs office")

    scope = models.CharField(_("country, EU or *"), max_length=2)
    prefixes = models.CharField(_("first digits of HS codes"), max_length=200, blank=True)
    words = models.CharField(_("words in titles"), max_length=200, blank=True)
    rule = models.CharField(_("rule"), max_length=10, choices=Rule)
    reason = models.CharField(_("reason"), max_length=200)
    remedy = models.CharField(_("what can be done"), max_length=10, choices=Remedy)
    confidence = models.CharField(_("confidence"), max_length=10, choices=ImportRule.Confidence)
    source = models.CharField(_("source"), max_length=200)
    active = models.BooleanField(_("in force"), default=True)

    class Meta:
        verbose_name = _("restriction of goods")
        verbose_name_plural = _("restrictions of goods")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(prefixes__regex=r"^([0-9]{2,10}(;[0-9]{2,10})*)?$"), name="restriction_prefixes_are_digits"
            ),
            models.CheckConstraint(condition=~Q(prefixes="", words=""), name="restriction_is_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.scope}: {self.reason}"


class RestrictionChange(models.Model):
    """Who changed a restriction, with the columns before and after (before is empty for a new one). Append-only
    (migration 0012).
    """

    restriction = models.ForeignKey(RestrictedGoods, on_delete=models.PROTECT, verbose_name=_("restriction of goods"))
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=now)

    class Meta:
        verbose_name = _("change of a restriction")
        verbose_name_plural = _("changes of restrictions")
        ordering: ClassVar[list[str]] = ["-pk"]

    def __str__(self) -> str:
        return f"{self.restriction_id}, {self.at:%Y-%m-%d}"
