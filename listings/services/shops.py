"""Shops: opening, editing, rates, suspending."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from fx.money import COINS, EXPONENT, Money
from listings.customs.stops import blocked_countries
from listings.errors import ListingError
from listings.models import ShippingRate, Shop
from listings.services import notices
from marketplace import legal
from marketplace.lib.clock import now
from marketplace.lib.line import one_line
from marketplace.models import LegalText, User

SHOP_CURRENCIES = frozenset(EXPONENT) - COINS


Band = tuple[int, Money]  # a parcel of up to so many grams costs that, with one piece


@dataclass(frozen=True, slots=True)
class RateDraft:
    """A shipping rate to be: amounts in the shop's currency; no countries: everywhere else.

    `bands` are for parcels lighter than `max_weight_g`, the lightest first; `first` is for those above them.
    `free_over`: from goods for so much on the parcel costs the buyer nothing.
    """

    name: str
    first: Money
    next: Money
    countries: Sequence[str] = ()
    max_weight_g: int = 2000
    tracked: bool = True
    min_days: int = 5
    max_days: int = 15
    bands: Sequence[Band] = ()
    free_over: Money | None = None


@transaction.atomic
def open_shop(
    *,
    by: User,
    name: str,
    country: str,
    city: str,
    currency: str,
    about: str = "",
    handling_days: int = 2,
    mirrors_endings: bool = False,
) -> Shop:
    """Open the one shop of `by`, who thereby accepts the seller agreement in force."""
    if Shop.objects.filter(owner=by).exists():
        raise ListingError(_("You have a shop already. Edit that one."))
    _check_place(country, currency)
    shop = Shop.objects.create(
        owner=by,
        slug=_slug(name),
        name=_named(name),
        about=about,
        country=country,
        city=_named(city),
        currency=currency,
        handling_days=handling_days,
        mirrors_endings=mirrors_endings,
    )
    legal.accept(legal.current(LegalText.Kind.SELLER), user=by, email=by.email, ref="shop")
    return shop


def _check_place(country: str, currency: str) -> None:
    if country in blocked_countries():
        message = _("Shops in %(country)s cannot be opened: an embargo forbids the trade.")
        raise ListingError(message % {"country": country})
    if currency not in SHOP_CURRENCIES:
        message = _("%(currency)s is not a currency that prices can be in.")
        raise ListingError(message % {"currency": currency})


def _named(text: str) -> str:
    name = one_line(text)
    if not name:
        raise ListingError(_("Write the name in letters that can be seen."))
    return name


def _slug(name: str) -> str:
    """Readable where the name is Latin; free."""
    base = slugify(name)[:50] or "shop"
    taken = Shop.objects.filter(slug=base).exists()
    return f"{base}-{secrets.token_hex(3)}" if taken else base


@transaction.atomic
def edit_shop(
    shop: Shop,
    *,
    by: User,
    name: str,
    about: str,
    city: str,
    handling_days: int,
    mirrors_endings: bool | None = None,
) -> Shop:
    """Change what may change: country and currency stay, because orders and payouts were made in them."""
    assert shop.owner_id == by.pk, "only the owner edits a shop"
    shop.name, shop.about, shop.city, shop.handling_days = _named(name), about, _named(city), handling_days
    if mirrors_endings is not None:
        shop.mirrors_endings = mirrors_endings
    shop.save(update_fields=["name", "about", "city", "handling_days", "mirrors_endings"])
    return shop


@transaction.atomic
def set_shipping_rates(shop: Shop, *, by: User, rates: Sequence[RateDraft]) -> list[ShippingRate]:
    """Replace every rate of the shop; placed orders keep the one they were quoted."""
    assert shop.owner_id == by.pk, "only the owner sets rates"
    shop.shipping_rates.all().delete()
    return [_create_rate(shop, rate) for rate in rates]


def _create_rate(shop: Shop, rate: RateDraft) -> ShippingRate:
    _check_rate(rate, shop.currency)
    try:
        with transaction.atomic():
            return ShippingRate.objects.create(
                shop=shop,
                name=_named(rate.name),
                countries=sorted(set(rate.countries)),
                first_minor=rate.first.amount,
                next_minor=rate.next.amount,
                max_weight_g=rate.max_weight_g,
                bands=[[upto, price.amount] for upto, price in rate.bands],
                free_over_minor=rate.free_over.amount if rate.free_over is not None else None,
                tracked=rate.tracked,
                min_days=rate.min_days,
                max_days=rate.max_days,
            )
    except IntegrityError as error:
        message = _("The rate “%s” needs days in order and no negative price.")
        raise ListingError(message % rate.name) from error


def _check_rate(rate: RateDraft, currency: str) -> None:
    prices = [rate.first, rate.next, *(price for _upto, price in rate.bands)]
    if {price.currency for price in prices + ([rate.free_over] if rate.free_over else [])} != {currency}:
        raise ListingError(_("Rates are in the shop's currency, %s.") % currency)
    if any(price.amount < 0 for price in prices):
        raise ListingError(_("The rate “%s” needs days in order and no negative price.") % rate.name)
    steps = [0, *(upto for upto, _price in rate.bands), rate.max_weight_g]
    if steps != sorted(set(steps)):
        message = _("The rate “%(rate)s”: each weight is above the one before it, and the last below %(most)d g.")
        raise ListingError(message % {"rate": rate.name, "most": rate.max_weight_g})


@transaction.atomic
def set_reserve(shop: Shop, *, bps: int, days: int, by: User, reason: str) -> Shop:
    """Keep `bps` of what future sales bring for `days`, or nothing with 0 and 0. The seller is told why."""
    assert by.is_staff, "only staff set a reserve"
    if not (0 <= bps <= 10_000 and 0 <= days <= 365) or (bps == 0) != (days == 0):
        raise ListingError(_("A reserve is up to 100 percent for 1 to 365 days, or 0 for 0 days."))
    if not reason.strip():
        raise ListingError(_("Say why: the seller reads it."))
    shop = Shop.objects.select_for_update().select_related("owner").get(pk=shop.pk)
    shop.reserve_bps, shop.reserve_days = bps, days
    shop.save(update_fields=["reserve_bps", "reserve_days"])
    notices.reserve_set(shop, reason.strip())
    return shop


@transaction.atomic
def share_savings(shop: Shop, *, percent: int, by: User) -> Shop:
    """From the next quote on give buyers `percent` of what a cheaper way to pay saves the shop, as a discount."""
    assert shop.owner_id == by.pk, "only the owner gives discounts"
    if not 0 <= percent <= 100:
        raise ListingError(_("Share between 0 and 100 percent of what is saved."))
    shop.saving_share = percent
    shop.save(update_fields=["saving_share"])
    return shop


@transaction.atomic
def suspend_shop(shop: Shop, *, by: User) -> Shop:
    """Take everything of the shop off sale; running orders go on."""
    assert by.is_staff, "only staff suspend shops"
    Shop.objects.filter(pk=shop.pk, suspended_at=None).update(suspended_at=now())
    shop.refresh_from_db(fields=["suspended_at"])
    return shop


@transaction.atomic
def unsuspend_shop(shop: Shop, *, by: User) -> Shop:
    assert by.is_staff, "only staff unsuspend shops"
    shop.suspended_at = None
    shop.save(update_fields=["suspended_at"])
    return shop
