"""Papers that the law wants numbered without gaps: receipts, invoices. Kept as they were issued."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.models.payment import Payment, Refund


class Series(models.Model):
    """The numbers of one kind of paper in one year; `last` is the newest. Only `payments.papers` moves it, by one.

    payments/sql/papers.sql refuses every other move, and a number at commit that no paper has.
    """

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("Receipt")
        INVOICE = "invoice", _("Invoice")
        CREDIT = "credit", _("Credit note")

    LETTERS: ClassVar[dict[str, str]] = {Kind.RECEIPT: "R", Kind.INVOICE: "I", Kind.CREDIT: "C"}

    kind = models.CharField(max_length=10, choices=Kind)
    year = models.PositiveSmallIntegerField()  # in UTC
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "year"], name="series_once")]

    def __str__(self) -> str:
        return f"{self.LETTERS[self.kind]}-{self.year}"

    def number(self, seq: int) -> str:
        """Such as `R-2026-000042`."""
        return f"{self}-{seq:06}"


class Paper(models.Model):
    """One paper. `ref`: the public id of what it is about (a checkout, invoice, refund); `version` counts corrections.

    Never changed and never deleted, by a trigger. `sha256` is the digest of `pdf`; `body` is what it says, as data.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="papers")
    seq = models.PositiveIntegerField()
    number = models.CharField(_("number"), max_length=24, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Series.Kind)
    ref = models.CharField(max_length=64)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrected_by", verbose_name=_("corrects")
    )
    body = models.JSONField()
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    issued_at = models.DateTimeField(_("issued at"))

    class Meta:
        verbose_name = _("paper")
        verbose_name_plural = _("papers")
        constraints = [
            models.UniqueConstraint(fields=["series", "seq"], name="paper_number_once"),
            models.UniqueConstraint(fields=["kind", "ref", "version"], name="paper_version_once"),
            models.CheckConstraint(
                condition=models.Q(version=1, corrects=None) | models.Q(version__gt=1, corrects__isnull=False),
                name="paper_corrects_the_one_before",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class PaperItem(models.Model):
    """What a paper was the first to say: a payment, or a refund of it. Each is said first by one paper."""

    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="items")
    payment = models.OneToOneField(Payment, null=True, on_delete=models.PROTECT, related_name="said_on")
    refund = models.OneToOneField(Refund, null=True, on_delete=models.PROTECT, related_name="said_on")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(payment=None, refund__isnull=False) | models.Q(payment__isnull=False, refund=None),
                name="paper_item_is_one_thing",
            )
        ]
