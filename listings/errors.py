"""Refusals of this app: each message is a sentence for people that names the thing and the way out."""

from __future__ import annotations


class ListingError(ValueError):
    """A change that cannot be made now; nothing was changed."""


class SoldOut(ListingError):
    """Fewer pieces are left than were asked for, or the listing is not on sale any more."""


class NotDeliverable(ListingError):
    """No rate of the shop, or a law, lets this parcel go to that country."""


class ReservationEnded(ListingError):
    """The pieces of an order went back into stock before it was paid."""
