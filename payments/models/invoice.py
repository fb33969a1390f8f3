"""Invoices to sellers about the commission, with the tax that is inside it, and what they are decided by."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from payments.models.paper import Paper
from payments.models.payment import Refund


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
    CONSUMERS = "consumers", _("OPERATOR_EU_CONSUMERS is not set: whose tax do people without a number pay")
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


class Invoice(models.Model):
    """The commission on a seller's orders that were released before `until`, in one currency.

    Opened with its lines, it waits (`wait` says for what) until its tax can be said; then it gets its paper, and its
    tax leaves the platform's income. `net_minor` and `tax_minor` are parts of `gross_minor`, which is what was taken.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    seller = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invoices", verbose_name=_("seller"))
    currency = models.CharField(_("currency"), max_length=8)
    until = models.DateTimeField(_("orders released before"))
    opened_at = models.DateTimeField(default=now)
    looked_at = models.DateTimeField(null=True, blank=True)  # when its paper was last tried
    gross_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    wait = models.CharField(_("waits for"), max_length=10, choices=Wait, blank=True)
    treatment = models.CharField(_("taxed"), max_length=10, choices=Treatment, blank=True)
    country = models.CharField(_("tax of"), max_length=2, blank=True)
    paper = models.OneToOneField(
        Paper, null=True, blank=True, on_delete=models.PROTECT, related_name="invoice", verbose_name=_("number")
    )
    issued_at = models.DateTimeField(_("issued at"), null=True, blank=True)

    class Meta:
        verbose_name = _("invoice about the commission")
        verbose_name_plural = _("invoices about the commission")
        constraints = [
            models.CheckConstraint(condition=Q(gross_minor__gt=0), name="invoice_of_something"),
            models.CheckConstraint(
                condition=Q(paper=None, issued_at=None, tax_minor=0, net_minor=0, treatment="")
                | Q(paper__isnull=False, issued_at__isnull=False, wait="", gross_minor=F("net_minor") + F("tax_minor"))
                & ~Q(treatment=""),
                name="invoice_waits_or_is_issued",
            ),
            models.CheckConstraint(
                condition=Q(tax_minor=0) | Q(tax_minor__gt=0) & ~Q(country=""), name="invoice_tax_is_a_countrys"
            ),
        ]
        indexes = [
            # Read by orders.invoices.issuing: what waits for its paper.
            models.Index(fields=["looked_at"], condition=Q(paper=None), name="invoice_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.paper.number if self.paper else self.seller_id} {self.currency}"

    @property
    def gross(self) -> Money:
        return Money(self.gross_minor, self.currency)

    @property
    def net(self) -> Money:
        return Money(self.net_minor, self.currency)

    @property
    def tax(self) -> Money:
        return Money(self.tax_minor, self.currency)


class InvoiceLine(models.Model):
    """The commission on one order, `ref`, as its release took it, and the processor's fee that was passed on."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    ref = models.CharField(max_length=32, unique=True)
    released_at = models.DateTimeField()
    commission_minor = models.BigIntegerField()
    processing_minor = models.BigIntegerField()
    bps = models.PositiveIntegerField(null=True)  # the rate of the day, once it is issued; none: no tax
    tax_minor = models.BigIntegerField(default=0)  # its share of the invoice's tax

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(commission_minor__gt=0, processing_minor__gte=0, tax_minor__gte=0)
                & Q(tax_minor__lte=F("commission_minor")),
                name="invoice_line_in_bounds",
            )
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def commission(self) -> Money:
        return Money(self.commission_minor, self.invoice.currency)


class CreditNote(models.Model):
    """What was given up of an invoice's line with a refund, and its share of the tax."""

    line = models.ForeignKey(InvoiceLine, on_delete=models.PROTECT, related_name="credits")
    refund = models.OneToOneField(Refund, on_delete=models.PROTECT, related_name="credit_note")
    gross_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    paper = models.OneToOneField(Paper, on_delete=models.PROTECT, related_name="credit_note", verbose_name=_("number"))
    issued_at = models.DateTimeField(_("issued at"))

    class Meta:
        verbose_name = _("credit note")
        verbose_name_plural = _("credit notes")
        constraints = [
            models.CheckConstraint(
                condition=Q(gross_minor__gt=0, tax_minor__gte=0, tax_minor__lte=F("gross_minor")),
                name="credit_note_in_bounds",
            )
        ]

    def __str__(self) -> str:
        return self.paper.number

    @property
    def gross(self) -> Money:
        return Money(self.gross_minor, self.line.invoice.currency)

    @property
    def tax(self) -> Money:
        return Money(self.tax_minor, self.line.invoice.currency)
