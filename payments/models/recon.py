"""What processors' own records say, kept line by line, and where they and our books disagree."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User


class StatementLine(models.Model):
    """One line of a processor's own record, kept once. Signs as in its balance; `fee` was taken off `amount`."""

    processor = models.CharField(max_length=32)
    line = models.CharField(max_length=128)  # the processor's id of the line
    ref = models.CharField(max_length=128)  # what it is about: a payment, refund, settlement
    kind = models.CharField(max_length=16)
    bound = models.CharField(max_length=64, blank=True)  # our payment's id, as the processor kept it
    category = models.CharField(max_length=40, blank=True)  # the processor's own word
    currency = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField(default=0)
    # What the amount was before the processor itself exchanged it, and its rate.
    origin_currency = models.CharField(max_length=8, blank=True)
    origin_minor = models.BigIntegerField(null=True, blank=True)
    rate = models.CharField(max_length=32, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("statement line")
        verbose_name_plural = _("statement lines")
        constraints = [
            models.UniqueConstraint(fields=["processor", "line"], name="statement_line_once"),
            models.CheckConstraint(
                condition=models.Q(origin_currency="", origin_minor=None)
                | ~models.Q(origin_currency="")
                & ~models.Q(origin_currency=models.F("currency"))
                & models.Q(origin_minor__isnull=False),
                name="statement_line_origin",
            ),
        ]
        indexes = [
            models.Index(fields=["processor", "ref"], name="statement_line_ref"),  # the comparison
            models.Index(fields=["processor", "-at"], name="statement_line_at"),  # from where to read on
        ]

    def __str__(self) -> str:
        return f"{self.processor} {self.line}"

    @property
    def net(self) -> Money:
        return Money(self.amount_minor - self.fee_minor, self.currency)

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)

    @property
    def origin(self) -> Money | None:
        return None if self.origin_minor is None else Money(self.origin_minor, self.origin_currency)

    @property
    def journal_key(self) -> str:
        """Of what is booked from the line itself, if anything is."""
        return f"line:{self.pk}"


class ReconRun(models.Model):
    """One comparison: how many references there were, how many agreed, and the share of money that is explained."""

    processor = models.CharField(max_length=32)
    at = models.DateTimeField(default=now)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)  # none: the schedule
    counted = models.PositiveIntegerField()
    healed = models.PositiveIntegerField()
    open_items = models.PositiveIntegerField()
    explained_bps = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")

    def __str__(self) -> str:
        return f"{self.processor} {self.at:%Y-%m-%d %H:%M}"


class ReconSum(models.Model):
    """Of one run and currency: the processor's records, our clearing account, and the differences between them."""

    run = models.ForeignKey(ReconRun, on_delete=models.CASCADE, related_name="sums")
    currency = models.CharField(max_length=8)
    theirs_minor = models.BigIntegerField()
    ours_minor = models.BigIntegerField()
    differing_minor = models.BigIntegerField()  # theirs less ours, over references that differ
    young_minor = models.BigIntegerField()  # the same over what is too young to be in both
    # What the processor says that it holds, apart from its lines; none where it does not say.
    reported_minor = models.BigIntegerField(null=True, blank=True)
    # Without signs, over references: what either side has, and what differs without a person's reason.
    moved_minor = models.BigIntegerField(default=0)
    unexplained_minor = models.BigIntegerField(default=0)

    @property
    def explained_bps(self) -> int:
        """The share of the money that is explained, rounded down."""
        if not self.moved_minor:
            return 10_000
        return max(0, (self.moved_minor - self.unexplained_minor) * 10_000 // self.moved_minor)


class ReconItem(models.Model):
    """A reference whose money differs, until it agrees by itself or a person closes it with a reason."""

    class Kind(models.TextChoices):
        MISSING_HERE = "missing_here", _("Missing here")
        MISSING_THERE = "missing_there", _("Missing there")
        DIFFERS = "differs", _("Differs")

    processor = models.CharField(max_length=32)
    ref = models.CharField(max_length=128)
    kind = models.CharField(max_length=16, choices=Kind)
    currency = models.CharField(max_length=8)
    ours_minor = models.BigIntegerField()
    theirs_minor = models.BigIntegerField()
    opened_at = models.DateTimeField(default=now)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)  # none: it agreed by itself
    note = models.TextField(blank=True)
    journal_key = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("difference")
        verbose_name_plural = _("differences")
        constraints = [
            models.UniqueConstraint(
                fields=["processor", "ref", "currency"], condition=models.Q(closed_at=None), name="recon_item_one_open"
            ),
            models.CheckConstraint(condition=~models.Q(ours_minor=models.F("theirs_minor")), name="recon_item_differs"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.processor} {self.ref}"

    @property
    def ours(self) -> Money:
        return Money(self.ours_minor, self.currency)

    @property
    def theirs(self) -> Money:
        return Money(self.theirs_minor, self.currency)

    @property
    def difference(self) -> Money:
        return self.theirs - self.ours
