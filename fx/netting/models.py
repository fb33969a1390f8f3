"""A closed window and what it found. Its members are the conversions that name it; those of no window wait."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from marketplace.lib.clock import now


class Window(models.Model):
    """Conversions that were matched together, at the mids of one set of rates. It never changes.

    Conversions of coins have windows of their own (`coins`). In `shadow` nothing was booked: it is a report.
    """

    class Mode(models.TextChoices):
        SHADOW = "shadow", _("Shadow: a report, nothing is booked")

    class Reason(models.TextChoices):
        TIME = "time", _("Its time was over")
        LIMIT = "limit", _("A currency was over its limit")
        PERSON = "person", _("Closed by hand")

    coins = models.BooleanField()
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.SHADOW)
    reason = models.CharField(max_length=10, choices=Reason)
    rate_set = models.ForeignKey("fx.RateSet", on_delete=models.PROTECT)
    closed_at = models.DateTimeField(default=now)
    members = models.PositiveIntegerField()
    share_percent = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("netting window")
        verbose_name_plural = _("netting windows")


class WindowNet(models.Model):
    """One currency of a window: `residual` is what has to be sold outside, or bought when it is negative.

    `saving_minor` is in euro cents: what trades of the matched part would have cost, both ways, at `cost_bps`.
    `trade_minor` is what the trade of the residual would bring in euro cents, or cost when it is negative.
    """

    window = models.ForeignKey(Window, on_delete=models.CASCADE, related_name="nets")
    currency = models.CharField(max_length=8)
    inflow_minor = models.BigIntegerField()
    outflow_minor = models.BigIntegerField()
    matched_minor = models.BigIntegerField()
    residual_minor = models.BigIntegerField()
    mid = models.DecimalField(max_digits=36, decimal_places=18)
    cost_bps = models.PositiveSmallIntegerField()
    saving_minor = models.BigIntegerField()
    trade_minor = models.BigIntegerField()

    class Meta:
        verbose_name = _("currency of a window")
        verbose_name_plural = _("currencies of a window")
        constraints = [models.UniqueConstraint(fields=["window", "currency"], name="window_currency_once")]

    @property
    def inflow(self) -> Money:
        return Money(self.inflow_minor, self.currency)

    @property
    def outflow(self) -> Money:
        return Money(self.outflow_minor, self.currency)

    @property
    def matched(self) -> Money:
        return Money(self.matched_minor, self.currency)

    @property
    def residual(self) -> Money:
        return Money(self.residual_minor, self.currency)


class WindowShare(models.Model):
    """What one member saved, in euro cents; `rebate_minor` is the seller's part of it in the money they are paid in.

    Only what came in by a capture has a rebate. In shadow it is what a rebate would be, not a promise. Written by the
    one statement that reads its conversion, so no foreign keys are looked up again for each of a million rows.
    """

    conversion = models.OneToOneField(
        "fx.Conversion", on_delete=models.DO_NOTHING, related_name="share", db_constraint=False
    )
    window = models.ForeignKey(Window, on_delete=models.DO_NOTHING, related_name="shares", db_constraint=False)
    saving_minor = models.BigIntegerField()
    rebate_minor = models.BigIntegerField()
