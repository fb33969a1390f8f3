"""What is for sale and what the border asks: shops, listings, photos, stock, rates, import rules, HS codes."""

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
from listings.querysets import ListingQuerySet, ShopQuerySet
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
    """What a parcel costs to `countries` (ISO codes; empty: everywhere else), in the shop's currency."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="shipping_rates")
    name = models.CharField(_("service"), max_length=60)
    countries = ArrayField(models.CharField(max_length=2), blank=True, default=list, verbose_name=_("countries"))
    first_minor = models.BigIntegerField(_("first item"))
    next_minor = models.BigIntegerField(_("each further item"), default=0)
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
                condition=models.Q(min_days__lte=models.F("max_days")), name="shipping_days_ordered"
            ),
        ]

    def __str__(self) -> str:
        return self.name


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


class StockMove(models.Model):
    """Every change of a listing's stock; `stock` is their sum. `ref` is an order's number or empty."""

    class Reason(models.TextChoices):
        INITIAL = "initial", _("Initial stock")
        RESTOCK = "restock", _("Changed by the seller")
        RESERVED = "reserved", _("Reserved for an order")
        RETURNED = "returned", _("Reservation ended")
        GIVEN_BACK = "given_back", _("Refunded and back in stock")

    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="stock_moves")
    delta = models.IntegerField()
    reason = models.CharField(max_length=10, choices=Reason)
    ref = models.CharField(max_length=32, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["listing", "ref", "reason"],
                condition=~models.Q(ref=""),
                name="stock_moves_once_per_order",
            )
        ]


class Reservation(models.Model):
    """Stock taken out for an order that is not paid yet: claimed when it is, returned when it is not in time."""

    class State(models.TextChoices):
        HELD = "held", _("Held")
        CLAIMED = "claimed", _("Claimed")
        RETURNED = "returned", _("Returned")

    listing = models.ForeignKey(Listing, on_delete=models.PROTECT)
    ref = models.CharField(max_length=32)  # the order's number
    quantity = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.HELD)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["listing", "ref"], name="reservation_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="reservation_of_something"),
        ]


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
