"""Stock: every change is a `StockMove`, and a listing's stock is always their sum.

Buyers compete by one conditional UPDATE, never by look-then-leap. A reservation is keyed by
(listing, ref), so a second try changes nothing.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from listings.errors import ListingError, ReservationEnded, SoldOut
from listings.models import Listing, Reservation, StockMove
from marketplace.models import User

STOCK_MAX = 100_000


@transaction.atomic
def reserve(listing_id: int, *, quantity: int, ref: str, expires_at: dt.datetime) -> Reservation:
    """Take `quantity` pieces out of stock for the order `ref`; SoldOut when they are not there.

    Lock several listings in the order of their ids, so that two baskets cannot wait for each other.
    """
    assert quantity > 0, quantity
    earlier = Reservation.objects.filter(listing_id=listing_id, ref=ref).first()
    if earlier is not None:
        return _same(earlier, quantity)
    if not Listing.objects.on_sale().filter(pk=listing_id).exists():
        raise SoldOut(_why_not(listing_id, quantity))  # also when the shop or its seller is suspended
    # One table in the WHERE: PostgreSQL checks it again on the newest row after waiting for a
    # competitor.
    taken = Listing.objects.filter(pk=listing_id, status=Listing.Status.LIVE, stock__gte=quantity).update(
        stock=F("stock") - quantity
    )
    if not taken:
        raise SoldOut(_why_not(listing_id, quantity))
    StockMove.objects.create(listing_id=listing_id, delta=-quantity, reason=StockMove.Reason.RESERVED, ref=ref)
    return Reservation.objects.create(listing_id=listing_id, ref=ref, quantity=quantity, expires_at=expires_at)


def _same(earlier: Reservation, quantity: int) -> Reservation:
    if earlier.state == Reservation.State.RETURNED or earlier.quantity != quantity:
        message = _("Order %(ref)s reserved %(count)d piece(s) before, now %(state)s. Start again.")
        named = {"ref": earlier.ref, "count": earlier.quantity, "state": earlier.get_state_display()}
        raise ReservationEnded(message % named)
    return earlier


def _why_not(listing_id: int, quantity: int) -> str:
    listing = Listing.objects.select_related("shop__owner").get(pk=listing_id)
    named = {"title": listing.title, "left": listing.stock, "wanted": quantity}
    if listing.is_on_sale and listing.stock:
        message = _("Only %(left)d of “%(title)s” left; you want %(wanted)d. Choose fewer.")
        return message % named
    if listing.status == Listing.Status.LIVE and not listing.stock:
        return _("“%(title)s” is sold out. Remove it to go on.") % named
    return _("“%(title)s” is not for sale any more. Remove it to go on.") % named


@transaction.atomic
def claim(ref: str) -> list[Reservation]:
    """The order `ref` is paid: its pieces are gone for good. ReservationEnded when some went back before."""
    reservations = list(Reservation.objects.select_for_update().filter(ref=ref).order_by("pk"))
    if any(one.state == Reservation.State.RETURNED for one in reservations):
        raise ReservationEnded(_("The pieces of order %(ref)s are in stock again.") % {"ref": ref})
    Reservation.objects.filter(ref=ref, state=Reservation.State.HELD).update(state=Reservation.State.CLAIMED)
    return reservations


@transaction.atomic
def put_back(ref: str) -> list[Reservation]:
    """The order `ref` was not paid in time: its pieces are in stock again; those returned now.
    What is claimed stays gone.
    """
    held = list(
        Reservation.objects.select_for_update().filter(ref=ref, state=Reservation.State.HELD).order_by("listing_id")
    )
    for one in held:
        one.state = Reservation.State.RETURNED
        one.save(update_fields=["state"])
        Listing.objects.filter(pk=one.listing_id).update(stock=F("stock") + one.quantity)
        StockMove.objects.create(
            listing_id=one.listing_id,
            delta=one.quantity,
            reason=StockMove.Reason.RETURNED,
            ref=ref,
        )
    return held


@transaction.atomic
def restock(listing_id: int, *, quantity: int, ref: str, by: User | None) -> None:
    """Pieces that were refunded are for sale again, once per refund `ref`."""
    assert quantity > 0, quantity
    _move, fresh = StockMove.objects.get_or_create(
        listing_id=listing_id, reason=StockMove.Reason.GIVEN_BACK, ref=ref, defaults={"delta": quantity, "by": by}
    )
    if fresh:
        Listing.objects.filter(pk=listing_id).update(stock=F("stock") + quantity)


@transaction.atomic
def set_stock(listing: Listing, *, stock: int, by: User) -> Listing:
    """The seller counted `stock` pieces for sale; what is reserved is not among them."""
    if not 0 <= stock <= STOCK_MAX:
        message = _("A stock of %(stock)d is not from 0 to %(most)d.")
        raise ListingError(message % {"stock": stock, "most": STOCK_MAX})
    fresh = Listing.objects.select_for_update().get(pk=listing.pk)
    delta = stock - fresh.stock
    if delta:
        reason = StockMove.Reason.RESTOCK if fresh.stock_moves.exists() else StockMove.Reason.INITIAL
        StockMove.objects.create(listing=fresh, delta=delta, reason=reason, by=by)
        Listing.objects.filter(pk=fresh.pk).update(stock=stock)
    listing.stock = stock
    return listing
