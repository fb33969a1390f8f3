"""Rates, quotes, conversions. A rate is units of a currency per euro; an amount is an integer."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from fx.netting.models import Window, WindowNet, WindowShare, WindowTrade
from marketplace.lib.clock import now

__all__ = [
    "Conversion",
    "DailyRate",
    "PiecePrice",
    "Quote",
    "QuoteLine",
    "Rate",
    "RateFetch",
    "RateSet",
    "Window",
    "WindowNet",
    "WindowShare",
    "WindowTrade",
]


class RateFetch(models.Model):
    """One visit to a provider, good or bad: the page of rates and the operator read it.

    `ok` with an `error`: some of its rates could be used, others not. `fails` counts the failures in a row up to
    this one; before `again_at` it is not asked again, unless by a person.
    """

    provider = models.CharField(max_length=32)
    at = models.DateTimeField(default=now)
    ok = models.BooleanField()
    error = models.TextField(blank=True)
    fails = models.PositiveIntegerField(default=0)
    again_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("visit to a rate provider")
        verbose_name_plural = _("visits to rate providers")
        # Read by the rates page: the latest visit to each provider.
        indexes = [models.Index(fields=["provider", "-at"], name="ratefetch_latest")]


class RateSet(models.Model):
    """One vector of mid-market rates against the euro; quotes use the latest active one.

    A held set has only the rates that moved too far; it waits for a person. Approved, it takes the
    others from the set that was active until then. An active set never changes.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        HELD = "held", _("Held for review")
        REJECTED = "rejected", _("Rejected")

    created_at = models.DateTimeField(default=now)
    effective_at = models.DateTimeField(default=now)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    reason = models.TextField(blank=True)
    reviewed_by = models.ForeignKey("marketplace.User", null=True, blank=True, on_delete=models.PROTECT)
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("set of rates")
        verbose_name_plural = _("sets of rates")
        # Read by fx.services.current_rates: the latest active set.
        indexes = [models.Index(fields=["state", "-effective_at"], name="rateset_latest")]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} UTC"


class Rate(models.Model):
    """Mid-market units of `currency` per euro, where it came from and how old it is.

    Without `good_until` it is a stand-in of the demo that does not age and counts nowhere else.
    `disputed`: the sources differ too much now; the value is the last one that they agreed on.
    """

    rate_set = models.ForeignKey(RateSet, on_delete=models.CASCADE, related_name="rates")
    currency = models.CharField(max_length=8)
    per_eur = models.DecimalField(max_digits=36, decimal_places=18)
    source = models.CharField(max_length=64)
    as_of = models.DateTimeField()
    good_until = models.DateTimeField(null=True, blank=True)
    disputed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rate_set", "currency"], name="rate_once_per_set"),
            models.CheckConstraint(condition=models.Q(per_eur__gt=0), name="rate_positive"),
        ]

    @property
    def is_fresh(self) -> bool:
        if self.good_until is None:
            return settings.SANDBOX
        return now() < self.good_until

    @property
    def is_open(self) -> bool:
        return self.is_fresh and not self.disputed


class DailyRate(models.Model):
    """The ECB's reference rate of one day, per euro: for charts and comparisons. Nothing is priced with it."""

    currency = models.CharField(max_length=8)
    day = models.DateField()
    per_eur = models.DecimalField(max_digits=36, decimal_places=18)

    class Meta:
        verbose_name = _("reference rate of a day")
        verbose_name_plural = _("reference rates by day")
        constraints = [
            # Read by the page of a currency, too: its days in order.
            models.UniqueConstraint(fields=["currency", "day"], name="dailyrate_once"),
            models.CheckConstraint(condition=models.Q(per_eur__gt=0), name="dailyrate_positive"),
        ]


class Quote(models.Model):
    """Amounts locked until `expires_at`: only a quote of this server is paid, once, by its owner.

    `amount` is what the buyer agrees to in the order's currency; `pay` the same in the money that
    is sent (they differ only for coins). `owner` is `user:<id>` or `visitor:<key of the session>`.
    `basket` is the fingerprint of what was priced: another basket needs another quote. Without a
    `rate_set` no rate existed, and nothing was converted. `markups`: see fx.services.markup.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.CharField(max_length=64)
    basket = models.CharField(max_length=64)
    rate_set = models.ForeignKey(RateSet, null=True, blank=True, on_delete=models.PROTECT)
    spread_bps = models.PositiveSmallIntegerField()
    coin_spread_bps = models.PositiveSmallIntegerField(default=0)
    currency = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    pay_currency = models.CharField(max_length=8)
    pay_minor = models.BigIntegerField()
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    markups = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0, pay_minor__gt=0), name="quote_positive"),
            models.CheckConstraint(
                condition=models.Q(used_at=None) | models.Q(used_at__lte=models.F("expires_at")),
                name="quote_used_in_time",
            ),
        ]
        # Read by the sweep that forgets them.
        indexes = [models.Index(fields=["expires_at"], condition=models.Q(used_at=None), name="quote_unused")]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def pay(self) -> Money:
        return Money(self.pay_minor, self.pay_currency)

    @property
    def is_live(self) -> bool:
        return self.used_at is None and now() < self.expires_at


class QuoteLine(models.Model):
    """One component of one order in a quote: what the buyer is charged and what it becomes.

    `ref` is the order's number to be; `target` the seller's money for goods and shipping, the
    scheme's for duty and tax. The lines' `minor` sum to the quote's amount, their `pay_minor` to
    its pay, to the unit.
    """

    class Component(models.TextChoices):
        GOODS = "goods", _("Goods")
        SHIPPING = "shipping", _("Shipping")
        DUTY = "duty", _("Duty")
        TAX = "tax", _("Tax")

    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="lines")
    ref = models.CharField(max_length=32)
    component = models.CharField(max_length=10, choices=Component)
    target_currency = models.CharField(max_length=8)
    target_minor = models.BigIntegerField()
    minor = models.BigIntegerField()
    pay_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["quote", "ref", "component"], name="quote_line_once"),
            models.CheckConstraint(
                condition=models.Q(target_minor__gte=0, minor__gte=0, pay_minor__gte=0),
                name="quote_line_not_negative",
            ),
        ]

    @property
    def target(self) -> Money:
        return Money(self.target_minor, self.target_currency)


class PiecePrice(models.Model):
    """A price per piece that is set in the buyer's money, and what the seller gets of it: mid less the spread.

    `minor` is what the buyer pays for a piece, `target_minor` what it becomes, rounded down; both times `quantity`
    are part of their line. `how`: fixed by the seller, or lifted to end like the seller's own price.
    """

    line = models.ForeignKey(QuoteLine, on_delete=models.CASCADE, related_name="pieces")
    how = models.CharField(max_length=10)
    minor = models.BigIntegerField()
    target_minor = models.BigIntegerField()
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(minor__gt=0, target_minor__gte=0, quantity__gt=0), name="piece_price_positive"
            ),
        ]


class Conversion(models.Model):
    """Money that crossed `fx:*` in the books: `sell` came in, `buy` is owed.

    One row per journal, order and pair. `counted`: the platform holds both currencies, so a netting window collects
    it; all rows of a journal count, or none. Without a `window` it waits for the next.
    """

    journal_key = models.CharField(max_length=200)
    ref = models.CharField(max_length=64)
    quote = models.ForeignKey(Quote, null=True, blank=True, on_delete=models.PROTECT)
    sell_currency = models.CharField(max_length=8)
    sell_minor = models.BigIntegerField()
    buy_currency = models.CharField(max_length=8)
    buy_minor = models.BigIntegerField()
    seller = models.ForeignKey("marketplace.User", null=True, blank=True, on_delete=models.PROTECT)
    counted = models.BooleanField(default=False)
    window = models.ForeignKey(Window, null=True, blank=True, on_delete=models.PROTECT, related_name="conversions")
    created_at = models.DateTimeField(default=now)

    class Meta:
        # Read when a window closes, and to see whether one is due.
        indexes = [
            models.Index(fields=["id"], condition=models.Q(counted=True, window=None), name="conversion_open"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(counted=True) | models.Q(window=None), name="conversion_counts"),
            models.UniqueConstraint(
                fields=["journal_key", "sell_currency", "buy_currency", "ref"],
                name="conversion_once_per_journal",
            ),
            models.CheckConstraint(
                condition=~models.Q(sell_currency=models.F("buy_currency")),
                name="conversion_two_currencies",
            ),
        ]

    @property
    def sell(self) -> Money:
        return Money(self.sell_minor, self.sell_currency)

    @property
    def buy(self) -> Money:
        return Money(self.buy_minor, self.buy_currency)
