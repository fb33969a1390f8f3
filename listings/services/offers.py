"""A listing's life: written, submitted, reviewed, live, withdrawn. `Listing.NEXT` has every legal move."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from fx.money import Money
from listings.customs.stops import stopped
from listings.errors import ListingError
from listings.models import Listing, Shop
from listings.services.bounds import price_bounds
from listings.services.fixedprices import set_fixed_prices
from listings.services.notices import tell_approved, tell_rejected
from listings.services.stock import set_stock
from marketplace.lib.clock import now
from marketplace.lib.line import one_line
from marketplace.models import User

Status = Listing.Status
# What a moderator looked at: changing one of these on a live listing sends it back to review.
REVIEWED = {"title", "description", "price_minor", "hs_code", "origin", "no_withdrawal", "fixed_prices"}
WEIGHT_MAX_G = 30_000


@transaction.atomic
def create_listing(
    shop: Shop,
    *,
    by: User,
    title: str,
    description: str,
    price: Money,
    hs_code: str,
    origin: str,
    weight_g: int,
    stock: int = 0,
    ships_to: Sequence[str] = (),
    no_withdrawal: str = "",
    fixed_prices: Sequence[Money] = (),
) -> Listing:
    """A draft of the shop's owner, priced in the shop's currency; `fixed_prices` are in others."""
    assert shop.owner_id == by.pk, "only the owner lists in a shop"
    _check(shop, price, weight_g)
    title = _title(title)
    listing = Listing.objects.create(
        shop=shop,
        slug=f"{slugify(title)[:100] or 'listing'}-{secrets.token_hex(4)}",
        title=title,
        description=description,
        price_minor=price.amount,
        currency=price.currency,
        hs_code=hs_code,
        origin=origin,
        weight_g=weight_g,
        ships_to=sorted(set(ships_to)),
        no_withdrawal=no_withdrawal,
    )
    set_fixed_prices(listing, fixed_prices)
    return set_stock(listing, stock=stock, by=by)


def _check(shop: Shop, price: Money, weight_g: int) -> None:
    if price.currency != shop.currency:
        raise ListingError(_("Prices are in the shop's currency, %s.") % shop.currency)
    low, high = price_bounds(price.currency)
    if not low <= price <= high:
        message = _("A price of %(price)s is not from %(low)s to %(high)s.")
        raise ListingError(message % {"price": price, "low": low, "high": high})
    if not 1 <= weight_g <= WEIGHT_MAX_G:
        message = _("A weight of %(weight)d g is not from 1 to %(most)d g.")
        raise ListingError(message % {"weight": weight_g, "most": WEIGHT_MAX_G})


def _title(text: str) -> str:
    title = one_line(text)
    if not title:
        raise ListingError(_("Say in a few words what it is."))
    return title


@transaction.atomic
def edit_listing(
    listing: Listing,
    *,
    by: User,
    title: str,
    description: str,
    price: Money,
    hs_code: str,
    origin: str,
    weight_g: int,
    ships_to: Sequence[str] = (),
    no_withdrawal: str = "",
    fixed_prices: Sequence[Money] | None = None,
) -> Listing:
    """Change a listing; without `fixed_prices` they stay.

    A live one whose reviewed parts changed waits for review again, unless auto-approved.
    """
    listing = own(listing, by)
    _check(listing.shop, price, weight_g)
    changes: dict[str, Any] = {
        "title": _title(title),
        "description": description,
        "price_minor": price.amount,
        "hs_code": hs_code,
        "origin": origin,
        "weight_g": weight_g,
        "ships_to": sorted(set(ships_to)),
        "no_withdrawal": no_withdrawal,
    }
    changed = {name for name, value in changes.items() if getattr(listing, name) != value}
    for name in changed:
        setattr(listing, name, changes[name])
    listing.save(update_fields=changed)
    if fixed_prices is not None and set_fixed_prices(listing, fixed_prices):
        changed.add("fixed_prices")
    return reviewed_again(listing) if changed & REVIEWED else listing


def reviewed_again(listing: Listing) -> Listing:
    """After a change that a moderator has to see: a live listing goes back into the queue."""
    if listing.status == Status.LIVE and not auto_approved(listing.shop):
        return move(listing, Status.IN_REVIEW, submitted_at=now())
    return listing


@transaction.atomic
def submit_listing(listing: Listing, *, by: User) -> Listing:
    """Ask for review; live at once where the operator's auto-approve rule holds. ListingError names what is missing."""
    listing = own(listing, by)
    _ready(listing)
    move(listing, Status.IN_REVIEW, submitted_at=now(), review_note="")
    return _live(listing) if auto_approved(listing.shop) else listing


def _ready(listing: Listing) -> None:
    if not listing.photos.exists():
        raise ListingError(_("Add a photo first: nobody buys what they cannot see."))
    if not listing.shop.shipping_rates.exists():
        raise ListingError(_("Say first what sending costs: your shop has no shipping rates."))
    if listing.shop.suspended_at is not None:
        raise ListingError(_("Your shop is suspended. Write to us to open it again."))
    stop = stopped(listing.hs_code, listing.title, listing.shop.country, listing.shop.country)
    if stop is not None:
        raise ListingError(stop.told)


def auto_approved(shop: Shop) -> bool:
    """The operator's rule: a shop with a listing that a moderator let live once needs no further review."""
    return settings.AUTO_APPROVE and shop.listings.exclude(live_at=None).exists()


@transaction.atomic
def approve_listing(listing: Listing, *, by: User) -> Listing:
    """Let a listing that waits go live, and tell the seller."""
    listing = _reviewing(listing, by)
    submitted = listing.submitted_at
    _live(listing)
    tell_approved(listing, submitted)
    return listing


@transaction.atomic
def reject_listing(listing: Listing, *, by: User, reason: str) -> Listing:
    """Send a listing that waits back to its seller as a draft, with the reason in a letter."""
    if not reason.strip():
        raise ListingError(_("Give a reason: the seller is told it."))
    listing = _reviewing(listing, by)
    submitted = listing.submitted_at
    move(listing, Status.DRAFT, review_note=reason.strip())
    tell_rejected(listing, submitted)
    return listing


def _reviewing(listing: Listing, by: User) -> Listing:
    assert by.is_staff, "only staff review listings"
    fresh = Listing.objects.locked(listing.pk)
    if fresh.shop.owner_id == by.pk:
        raise ListingError(_("Nobody reviews their own listing. Ask another moderator."))
    return fresh


@transaction.atomic
def withdraw_listing(listing: Listing, *, by: User) -> Listing:
    """Take a listing off sale, or out of the review queue. Placed orders go on."""
    listing = own(listing, by)
    return move(listing, Status.DRAFT if listing.status == Status.IN_REVIEW else Status.WITHDRAWN)


def move(listing: Listing, to: str, **fields: Any) -> Listing:
    """The one way a status changes; ListingError when `Listing.NEXT` has no such move. The row must be locked."""
    if to not in Listing.NEXT[listing.status]:
        message = _("“%(title)s” is %(now)s and cannot become %(next)s.")
        named = {"title": listing.title, "now": listing.get_status_display(), "next": Status(to).label}
        raise ListingError(message % named)
    for name, value in {"status": to, **fields}.items():
        setattr(listing, name, value)
    listing.save(update_fields=["status", *fields])
    return listing


def _live(listing: Listing) -> Listing:
    return move(listing, Status.LIVE, live_at=now(), review_note="")


def own(listing: Listing, by: User) -> Listing:
    """The row of a listing of the user's, locked."""
    fresh = Listing.objects.locked(listing.pk)
    assert fresh.shop.owner_id == by.pk, "only the owner changes a listing"
    return fresh
