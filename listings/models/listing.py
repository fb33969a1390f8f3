"""What is for sale: listings, their prices in other money, their pictures."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from listings import photos
from listings.models.shop import Shop
from listings.querysets import ListingQuerySet
from marketplace.lib.clock import now


class Listing(models.Model):
    """An offer. Its price and stock change; an order keeps its own snapshot."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        LIVE = "live", _("Live")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class NoWithdrawal(models.TextChoices):
        """Why a buyer cannot withdraw from it (Directive 2011/83/EU, article 16 c, d, e, i)."""

        NONE = "", _("None: it can be returned within 14 days")
        CUSTOM = "custom", _("Made to the buyer's wishes")
        PERISHABLE = "perishable", _("Spoils quickly")
        HYGIENE = "hygiene", _("Sealed for hygiene, once opened")
        MEDIA = "media", _("Sealed recording or software, once opened")

    EXCEPTED: ClassVar[frozenset[str]] = frozenset({NoWithdrawal.CUSTOM, NoWithdrawal.PERISHABLE})  # sealed or not

    # The whole life of a listing. What is not listed here cannot happen.
    NEXT: ClassVar[dict[str, set[str]]] = {
        Status.DRAFT: {Status.IN_REVIEW},
        Status.IN_REVIEW: {Status.LIVE, Status.DRAFT},
        Status.LIVE: {Status.WITHDRAWN, Status.IN_REVIEW},
        Status.WITHDRAWN: {Status.IN_REVIEW},
    }

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="listings")
    slug = models.SlugField(max_length=120, unique=True)
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), max_length=5000)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    review_note = models.TextField(blank=True)  # why a moderator sent it back
    price_minor = models.BigIntegerField(_("price"))
    currency = models.CharField(max_length=8)
    stock = models.PositiveIntegerField(_("stock"), default=0)
    hs_code = models.CharField(_("HS code"), max_length=10)
    origin = models.CharField(_("country of origin"), max_length=2)
    weight_g = models.PositiveIntegerField(_("weight in grams"))
    ships_to = ArrayField(models.CharField(max_length=2), blank=True, default=list)  # empty: wherever a rate goes
    no_withdrawal = models.CharField(
        _("exception from withdrawal"), max_length=10, choices=NoWithdrawal, blank=True, default=NoWithdrawal.NONE
    )
    created_at = models.DateTimeField(default=now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    live_at = models.DateTimeField(null=True, blank=True)
    search = SearchVectorField(null=True, editable=False)  # kept by a trigger, see migration 0002

    objects: ClassVar[ListingQuerySet] = ListingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        constraints = [
            models.CheckConstraint(condition=models.Q(price_minor__gt=0), name="listing_price_positive"),
            models.CheckConstraint(condition=models.Q(weight_g__gt=0), name="listing_weighs_something"),
        ]
        indexes = [
            GinIndex(fields=["search"], name="listing_search"),  # listings.search
            models.Index(fields=["status", "-live_at"], name="listing_newest"),  # home and browse
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    @property
    def is_on_sale(self) -> bool:
        """As `on_sale()` finds it; reads the shop and its owner."""
        shop = self.shop
        standing = shop.suspended_at is None and shop.owner.suspended_at is None and shop.owner.is_active
        return self.status == self.Status.LIVE and self.stock > 0 and standing

    @property
    def tone(self) -> str:
        """The colour of its state, for components/status.html."""
        return {"in_review": "brass", "live": "leaf"}.get(self.status, "quiet")


class FixedPrice(models.Model):
    """What a listing costs in another currency than its shop's, whatever the exchange rate: the seller's own choice."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="fixed_prices")
    currency = models.CharField(max_length=8)
    price_minor = models.BigIntegerField(_("price"))

    class Meta:
        verbose_name = _("fixed price")
        verbose_name_plural = _("fixed prices")
        ordering: ClassVar[list[str]] = ["currency"]
        constraints = [
            models.UniqueConstraint(fields=["listing", "currency"], name="fixed_price_once_per_currency"),
            models.CheckConstraint(condition=models.Q(price_minor__gt=0), name="fixed_price_positive"),
        ]

    def __str__(self) -> str:
        return str(self.price)

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)


class Photo(models.Model):
    """A picture of a listing, re-encoded to WebP in the widths of `listings.photos.WIDTHS`;
    nothing of the upload is kept.
    """

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="photos")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # names the files
    position = models.PositiveSmallIntegerField(default=0)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    alt = models.CharField(_("what it shows"), max_length=200, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "id"]

    def __str__(self) -> str:
        return self.alt or str(self.key)

    @property
    def src(self) -> str:
        """The address of the middle size, or of the largest there is."""
        return photos.url(self.key, min(photos.slots(self.width)[-1], 640))

    @property
    def large(self) -> str:
        return photos.url(self.key, photos.slots(self.width)[-1])

    @property
    def thumb(self) -> str:
        return photos.url(self.key, photos.WIDTHS[0])

    @property
    def srcset(self) -> str:
        return ", ".join(f"{photos.url(self.key, slot)} {min(slot, self.width)}w" for slot in photos.slots(self.width))
