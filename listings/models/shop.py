"""The seller's public face, and what sending from there costs."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from listings.querysets import ShopQuerySet
from marketplace.lib.clock import now
from marketplace.models import User


class Shop(models.Model):
    """A seller's public face. Prices are in `currency`, which is also the payout currency."""

    owner = models.OneToOneField(User, on_delete=models.PROTECT, related_name="shop")
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("shop name"), max_length=60)
    about = models.TextField(_("about"), max_length=2000, blank=True)
    country = models.CharField(_("country"), max_length=2)
    city = models.CharField(_("city"), max_length=60)
    currency = models.CharField(_("currency"), max_length=8)
    handling_days = models.PositiveSmallIntegerField(_("days to hand over to the carrier"), default=2)
    opened_at = models.DateTimeField(default=now)
    suspended_at = models.DateTimeField(null=True, blank=True)
    mirrors_endings = models.BooleanField(_("prices in other currencies end like the shop's own"), default=False)
    # What orders keep back of each sale's payment, and for how long; none unless an operator says so.
    reserve_bps = models.PositiveSmallIntegerField(_("rolling reserve, basis points"), default=0)
    reserve_days = models.PositiveSmallIntegerField(_("rolling reserve, days"), default=0)
    # A part of the saving, never an amount: so it cannot be more than a cheaper way to pay saves (decision 0048).
    saving_share = models.PositiveSmallIntegerField(_("share of what a cheaper way to pay saves, percent"), default=0)

    objects: ClassVar[ShopQuerySet] = ShopQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("shop")
        verbose_name_plural = _("shops")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reserve_bps__lte=10_000, reserve_days__lte=365), name="shop_reserve_in_bounds"
            ),
            models.CheckConstraint(condition=models.Q(saving_share__lte=100), name="shop_shares_at_most_all"),
        ]

    def __str__(self) -> str:
        return self.name


class ShippingRate(models.Model):
    """What a parcel costs to `countries` (ISO codes; empty: everywhere else), in the shop's currency.

    `bands`: pairs of grams and minor units, lightest first: what the first piece costs in a parcel of up to so much.
    Above the last of them, and where there are none, it costs `first_minor`; above `max_weight_g` nothing is sent.
    """

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="shipping_rates")
    name = models.CharField(_("service"), max_length=60)
    countries = ArrayField(models.CharField(max_length=2), blank=True, default=list, verbose_name=_("countries"))
    first_minor = models.BigIntegerField(_("first item"))
    next_minor = models.BigIntegerField(_("each further item"), default=0)
    bands = models.JSONField(_("lighter parcels"), blank=True, default=list)
    free_over_minor = models.BigIntegerField(_("free from"), null=True, blank=True)  # goods of the parcel
    max_weight_g = models.PositiveIntegerField(_("up to grams"), default=2000)
    tracked = models.BooleanField(_("tracked"), default=True)
    min_days = models.PositiveSmallIntegerField(_("from days"))
    max_days = models.PositiveSmallIntegerField(_("to days"))

    class Meta:
        verbose_name = _("shipping rate")
        verbose_name_plural = _("shipping rates")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first_minor__gte=0, next_minor__gte=0),
                name="shipping_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(free_over_minor=None) | models.Q(free_over_minor__gt=0),
                name="shipping_free_over_some",
            ),
            models.CheckConstraint(
                condition=models.Q(min_days__lte=models.F("max_days")), name="shipping_days_ordered"
            ),
        ]

    def __str__(self) -> str:
        return self.name
