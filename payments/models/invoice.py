"""Invoices to sellers about the commission, with the tax that is inside it, and what they are decided by."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from marketplace.lib.clock import now
from marketplace.models import User


class Treatment(models.TextChoices):
    """Why an invoice has the tax that it has."""

    DOMESTIC = "domestic", _("Taxed where the operator and the seller are")
    REVERSE = "reverse", _("Reverse charge: the seller accounts for the tax")
    CONSUMER = "consumer", _("Taxed where the seller is (one-stop shop)")
    HOME = "home", _("Taxed where the operator is, under the threshold")
    OUTSIDE = "outside", _("Outside the scope of EU VAT: the seller is elsewhere")
    EXEMPT = "exempt", _("Small business: no tax is charged")


class Wait(models.TextChoices):
    """Why an invoice cannot be written yet."""

    OPERATOR = "operator", _("The operator's name, address and country are not all set")
    SELLER = "seller", _("The seller has not said who to make it out to")
    VAT_ID = "vat_id", _("The seller's VAT number is not valid")
    CONSUMERS = "consumers", _("OPERATOR_EU_CONSUMERS is not set: which country taxes a fee to people without a number")
    RATE = "rate", _("No tax rate of that country is recorded for these days")
    EXCHANGE = "exchange", _("The European Central Bank's rate for the tax is not there")
    LAW = "law", _("We do not know the law of this case: ask your adviser")


class TaxRate(models.Model):
    """A country's standard rate on services from `valid_from` on, up to but without `valid_until`.

    Nobody edits a row: a newer one ends it, so that an invoice's tax can be explained for ever.
    """

    country = models.CharField(_("country"), max_length=2)
    bps = models.PositiveIntegerField(_("basis points"))
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until before"), null=True, blank=True)
    source = models.TextField(_("source"))
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")  # None: shipped
    recorded_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("tax rate of a country")
        verbose_name_plural = _("tax rates of countries")
        ordering: ClassVar[list[str]] = ["country", "-valid_from", "-pk"]
        constraints = [
            ExclusionConstraint(
                name="tax_rate_one_at_a_time",
                expressions=[
                    ("country", RangeOperators.EQUAL),
                    (
                        Func(F("valid_from"), F("valid_until"), function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(condition=Q(bps__lte=10_000), name="tax_rate_at_most_all"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="tax_rate_ends_after_start"
            ),
            models.CheckConstraint(condition=~Q(source="") & ~Q(country=""), name="tax_rate_has_a_source"),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.valid_from}"

    def in_force(self, on: dt.date) -> bool:
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)


class TaxProfile(models.Model):
    """Who a seller is for an invoice: as they say it. Kept as long as the books are; each invoice has its own copy."""

    seller = models.OneToOneField(User, on_delete=models.PROTECT, related_name="tax_profile")
    name = models.CharField(_("name or company"), max_length=100)
    street = models.CharField(_("street and number"), max_length=120)
    postal_code = models.CharField(_("postal code"), max_length=16, blank=True)
    city = models.CharField(_("city"), max_length=60)
    country = models.CharField(_("country"), max_length=2)
    vat_id = models.CharField(_("VAT number"), max_length=20, blank=True)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("address for invoices")
        verbose_name_plural = _("addresses for invoices")

    def __str__(self) -> str:
        return f"{self.name}, {self.country}"
