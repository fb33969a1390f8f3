"""What the border asks: customs classes and dated import rules."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.lib.clock import now
from marketplace.models import User


class HSCode(models.Model):
    """Customs class of goods in plain words; `code` has six digits or more."""

    code = models.CharField(max_length=10, primary_key=True)
    name = models.CharField(max_length=200)
    edition = models.CharField(max_length=10, default="HS 2022")

    class Meta:
        verbose_name = _("HS code")
        verbose_name_plural = _("HS codes")

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class ImportRule(models.Model):
    """What one country (or the scheme `EU`) asks at import, from a date on: columns as in
    `listings/data/import_rules.csv`.

    Amounts are minor units of `currency`. Rows of one country never overlap in time (migration
    0002).
    """

    class Confidence(models.TextChoices):
        HIGH = "high", _("High")
        MEDIUM = "medium", _("Medium")
        LOW = "low", _("Low")

    country = models.CharField(max_length=2)
    name = models.CharField(max_length=60)
    tax_name = models.CharField(max_length=40, blank=True)
    standard_vat_rate = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    vat_threshold_minor = models.BigIntegerField(null=True, blank=True)
    duty_threshold_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=8)
    scheme = models.CharField(max_length=10, blank=True)
    scheme_name = models.CharField(max_length=60, blank=True)
    scheme_ceiling_minor = models.BigIntegerField(null=True, blank=True)
    low_value_duty = models.CharField(max_length=200, blank=True)
    threshold_basis = models.CharField(max_length=60, blank=True)
    vat_base = models.CharField(max_length=60, blank=True)
    marketplace_liable = models.CharField(max_length=60, blank=True)
    import_fee = models.TextField(blank=True)
    relief_needs_scheme = models.BooleanField(default=False)
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True)
    source = models.TextField()
    source_date = models.CharField(max_length=40, blank=True)
    confidence = models.CharField(max_length=10, choices=Confidence)
    note = models.TextField(blank=True)
    checked_on = models.DateField(null=True, blank=True)
    checked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    seed_digest = models.CharField(max_length=64, blank=True, editable=False)  # as loaded, see customs.seed

    class Meta:
        verbose_name = _("import rule")
        verbose_name_plural = _("import rules")
        ordering: ClassVar[list[str]] = ["country", "-effective_from"]

    def __str__(self) -> str:
        return f"{self.name} from {self.effective_from}"


class RuleChange(models.Model):
    """What happened to an import rule, and by whom: a person in the admin, or a file. Append-only (migration 0008).

    `before` and `after` have the columns that changed, as they are written in the file; empty where there was no rule.
    `rule_id` stays when the rule goes.
    """

    class Action(models.TextChoices):
        ADDED = "added", _("Added")
        EDITED = "edited", _("Changed")
        CHECKED = "checked", _("Compared with its source")
        REMOVED = "removed", _("Removed")

    rule_id = models.BigIntegerField(db_index=True)
    country = models.CharField(_("country"), max_length=2)
    name = models.CharField(_("name"), max_length=60)
    effective_from = models.DateField(_("in force from"))
    action = models.CharField(_("action"), max_length=10, choices=Action)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, verbose_name=_("by"))
    file = models.CharField(_("file"), max_length=200, blank=True)
    at = models.DateTimeField(_("at"), default=now)

    class Meta:
        verbose_name = _("change of an import rule")
        verbose_name_plural = _("changes of import rules")
        ordering: ClassVar[list[str]] = ["-pk"]
        indexes = [models.Index(fields=["country", "-id"], name="rule_change_of_country")]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.name} from {self.effective_from}"
