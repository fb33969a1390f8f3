"""A closed window and what it found. Its members are the conversions that name it; those of no window wait."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from fx.rates import HUB
from marketplace.lib.clock import now


class Window(models.Model):
    """Conversions that were matched together, at the mids of one set of rates. Who is in it never changes.

    Conversions of coins have windows of their own (`coins`). In `shadow` it is a report, nothing is booked, and it
    stays `closed`. In `live` its trades are carried out; when they are, `result_minor` euro cents are income.
    """

    class Mode(models.TextChoices):
        SHADOW = "shadow", _("Shadow: a report, nothing is booked")
        LIVE = "live", _("Live: trades and rebates are booked")

    class State(models.TextChoices):
        CLOSED = "closed", _("Closed")
        EXECUTING = "executing", _("Executing")
        SETTLED = "settled", _("Settled")

    NEXT: ClassVar[dict[str, set[str]]] = {
        State.CLOSED: {State.EXECUTING, State.SETTLED},  # at once, when nothing has to be exchanged
        State.EXECUTING: {State.SETTLED},
        State.SETTLED: set(),
    }

    class Reason(models.TextChoices):
        TIME = "time", _("Its time was over")
        LIMIT = "limit", _("A currency was over its limit")
        PERSON = "person", _("Closed by hand")

    coins = models.BooleanField()
    mode = models.CharField(_("mode"), max_length=10, choices=Mode, default=Mode.SHADOW)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CLOSED)
    reason = models.CharField(max_length=10, choices=Reason)
    rate_set = models.ForeignKey("fx.RateSet", on_delete=models.PROTECT)
    closed_at = models.DateTimeField(default=now)
    # None: the clock, or a limit.
    closed_by = models.ForeignKey("marketplace.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    members = models.PositiveIntegerField()
    share_percent = models.PositiveSmallIntegerField()
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    result_minor = models.BigIntegerField(null=True, blank=True)  # a loss is negative
    # Since then no rebate of an order that was completed before waits: the sweep looks here no more.
    rebated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("netting window")
        verbose_name_plural = _("netting windows")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="settled", mode="live", settled_at__isnull=False, result_minor__isnull=False)
                | models.Q(~models.Q(state="settled"), settled_at=None, result_minor=None),
                name="window_settled_with_a_result",
            ),
            models.CheckConstraint(condition=models.Q(mode="live") | models.Q(state="closed"), name="window_in_shadow"),
            models.CheckConstraint(
                condition=models.Q(mode="live") | models.Q(rebated_at=None), name="window_rebates_are_live"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_live(self) -> bool:
        return self.mode == self.Mode.LIVE

    def move_to(self, state: State) -> None:
        """The next state of its life; ValueError for one that does not follow."""
        if state not in self.NEXT[self.state]:
            raise ValueError(f"Window {self.pk} is {self.state}; it cannot become {state}.")
        self.state = state


class WindowNet(models.Model):
    """One currency of a window: `residual` is what has to be sold outside, or bought when it is negative.

    `saving_minor` is in euro cents: what trades of the matched part would have cost, both ways, at `cost_bps`. Nothing
    is saved by `returned_minor`: within the window, that much came and went back for the same orders.
    `trade_minor` is what the trade of the residual would bring in euro cents, or cost when it is negative.
    """

    window = models.ForeignKey(Window, on_delete=models.CASCADE, related_name="nets")
    currency = models.CharField(max_length=8)
    inflow_minor = models.BigIntegerField()
    outflow_minor = models.BigIntegerField()
    matched_minor = models.BigIntegerField()
    returned_minor = models.BigIntegerField(default=0)
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


class WindowTrade(models.Model):
    """The exchange of one residual against euros: sold when `amount_minor` is positive, bought when it is negative.

    `filled_minor` of it is done, for `hub_minor` euro cents; a fill may be a part. `left_minor` is a last rest that is
    too little to exchange and was left to the platform. `provider` carries it out. Where
    that is a program, `asked_at` says since when it has the order `key` over `asked_minor`: until its answer is known
    it is only looked up, and nobody else fills.
    """

    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="trades")
    currency = models.CharField(_("currency"), max_length=8)
    amount_minor = models.BigIntegerField()
    filled_minor = models.BigIntegerField(default=0)
    hub_minor = models.BigIntegerField(default=0)
    left_minor = models.BigIntegerField(default=0)
    # None: a program, whose exchange takes no orders that small.
    left_by = models.ForeignKey("marketplace.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    provider = models.CharField(_("provider"), max_length=32)
    attempt = models.PositiveIntegerField(default=1)
    asked_minor = models.BigIntegerField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(_("problem"), blank=True)

    class Meta:
        verbose_name = _("trade of a window")
        verbose_name_plural = _("trades of a window")
        constraints = [
            models.UniqueConstraint(fields=["window", "currency"], name="window_trade_once"),
            models.CheckConstraint(condition=~models.Q(amount_minor=0), name="window_trade_of_something"),
            models.CheckConstraint(condition=~models.Q(currency=HUB), name="window_trade_against_the_hub"),
            models.CheckConstraint(
                condition=models.Q(filled_minor__gte=0, hub_minor__gte=0)
                & models.Q(amount_minor__gte=models.F("filled_minor"))
                | models.Q(filled_minor__gte=0, hub_minor__gte=0, amount_minor__lte=-models.F("filled_minor")),
                name="window_trade_not_over_filled",
            ),
            models.CheckConstraint(condition=models.Q(left_minor__gte=0), name="window_trade_left_not_negative"),
            models.CheckConstraint(
                condition=models.Q(asked_at=None, asked_minor=None)
                | models.Q(asked_at__isnull=False, asked_minor__gt=0),
                name="window_trade_asked_for_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.window} {self.amount}"

    @property
    def sells(self) -> bool:
        return self.amount_minor > 0

    @property
    def amount(self) -> Money:
        """What has to be exchanged, positive either way."""
        return Money(abs(self.amount_minor), self.currency)

    @property
    def filled(self) -> Money:
        return Money(self.filled_minor, self.currency)

    @property
    def left(self) -> Money:
        return Money(self.left_minor, self.currency)

    @property
    def rest(self) -> Money:
        return self.amount - self.filled - self.left

    @property
    def hub(self) -> Money:
        """The euros that came in for what was sold, or were paid for what was bought."""
        return Money(self.hub_minor, HUB)

    @property
    def key(self) -> str:
        """Our key of the order at its provider. A new one only after the last has surely ended."""
        return f"trade:{self.pk}:{self.attempt}"


class WindowShare(models.Model):
    """What one member saved, in euro cents; `rebate_minor` is the seller's part of it in the money they are paid in.

    Only what came in by a capture has a rebate. In shadow it is what a rebate would be, not a promise; in live it is
    the most that is paid, once the order is completed (payments/netting/rebates.py). Written by the
    one statement that reads its conversion, so no foreign keys are looked up again for each of a million rows.
    """

    conversion = models.OneToOneField(
        "fx.Conversion", on_delete=models.DO_NOTHING, related_name="share", db_constraint=False
    )
    window = models.ForeignKey(Window, on_delete=models.DO_NOTHING, related_name="shares", db_constraint=False)
    saving_minor = models.BigIntegerField()
    rebate_minor = models.BigIntegerField()
