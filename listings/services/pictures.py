"""Photos of a listing: added, removed, put in order."""

from __future__ import annotations

import uuid
from typing import IO

from django.db import transaction
from django.utils.translation import gettext as _

from listings import photos
from listings.errors import ListingError
from listings.models import Listing, Photo
from listings.services.offers import own, reviewed_again
from marketplace.models import User


def add_photo(listing: Listing, *, by: User, upload: IO[bytes], alt: str = "") -> Photo:
    """Encode `upload` and put it last. PhotoRefused says why not.

    Call it outside a transaction: decoding takes a moment, and files are taken back when its own
    transaction fails.
    """
    _room(listing)
    picture, key = photos.encode(upload), uuid.uuid4()
    photos.store(key, picture)
    try:
        return _add(listing, by, key, picture, alt)
    except BaseException:
        photos.discard(key)
        raise


@transaction.atomic
def _add(listing: Listing, by: User, key: uuid.UUID, picture: photos.Picture, alt: str) -> Photo:
    listing = own(listing, by)
    photo = Photo.objects.create(
        listing=listing,
        key=key,
        position=_room(listing),
        width=picture.width,
        height=picture.height,
        alt=alt,
    )
    reviewed_again(listing)
    return photo


def _room(listing: Listing) -> int:
    """The position of one more photo; ListingError when the listing has all it may."""
    last = listing.photos.order_by("-position").first()
    if listing.photos.count() >= photos.PHOTOS_MAX:
        raise ListingError(_("A listing has at most %d photos. Remove one.") % photos.PHOTOS_MAX)
    return last.position + 1 if last else 0


@transaction.atomic
def remove_photo(photo: Photo, *, by: User) -> None:
    """Take a photo away, its files when the transaction is done. A listing on sale keeps one."""
    listing = own(photo.listing, by)
    offered = listing.status in {Listing.Status.LIVE, Listing.Status.IN_REVIEW}
    if offered and listing.photos.count() == 1:
        raise ListingError(_("A listing on sale needs a photo. Add another one first."))
    photo.delete()
    transaction.on_commit(lambda: photos.discard(photo.key))
    reviewed_again(listing)


@transaction.atomic
def put_first(photo: Photo, *, by: User) -> None:
    """Make `photo` the one that cards show; the others keep their order."""
    listing = own(photo.listing, by)
    others = listing.photos.exclude(pk=photo.pk)
    for position, one in enumerate([photo, *others]):
        Photo.objects.filter(pk=one.pk).update(position=position)
    reviewed_again(listing)


@transaction.atomic
def describe_photo(photo: Photo, *, by: User, alt: str) -> Photo:
    """Say what a photo shows, for those who cannot see it."""
    own(photo.listing, by)
    photo.alt = alt
    photo.save(update_fields=["alt"])
    return photo
