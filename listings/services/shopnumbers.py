"""A seller's numbers: entered by the seller, checked by staff. Another number is unchecked again."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from listings.errors import ListingError
from listings.models import Shop, ShopNumber
from listings.registrations.numbers import WrongNumber
from listings.registrations.sellers import read_own
from marketplace.lib.clock import now
from marketplace.lib.places import is_country
from marketplace.models import User

MOST = 60  # numbers of one shop


@transaction.atomic
def set_number(shop: Shop, *, by: User, kind: str, country: str, number: str) -> ShopNumber:
    """Keep the one number of that kind in that country. ListingError says what is wrong with it."""
    _owned(shop, by)
    if kind not in ShopNumber.Kind.values or not is_country(country):
        raise ListingError(_("Choose the kind of number and its country."))
    plain = _plain(kind, country, number)
    Shop.objects.select_for_update().get(pk=shop.pk)
    row = shop.numbers.filter(kind=kind, country=country).first()
    if row is None:
        if shop.numbers.count() >= MOST:
            raise ListingError(_("A shop keeps up to %d numbers. Remove one that you no longer need.") % MOST)
        return ShopNumber.objects.create(shop=shop, kind=kind, country=country, number=plain)
    if row.number != plain:
        row.number, row.at, row.checked_at, row.checked_by = plain, now(), None, None
        row.save(update_fields=["number", "at", "checked_at", "checked_by"])
    return row


def _plain(kind: str, country: str, number: str) -> str:
    try:
        return read_own(kind, country, number)
    except WrongNumber as error:
        named = {"number": number, "kind": ShopNumber.Kind(kind).label}
        if not error.example:
            message = _("“%(number)s” cannot be a number of this kind (%(kind)s) there; a digit or letter is wrong.")
            raise ListingError(message % named) from error
        message = _("“%(number)s” cannot be a number of this kind (%(kind)s) there. One looks like %(example)s.")
        raise ListingError(message % (named | {"example": error.example})) from error


@transaction.atomic
def remove_number(row: ShopNumber, *, by: User) -> None:
    """Take it off the shop. Papers that are made keep what they printed."""
    _owned(row.shop, by)
    row.delete()


@transaction.atomic
def mark_numbers_checked(rows: Iterable[ShopNumber], *, by: User) -> int:
    """Staff compared these numbers, as they are shown, with a register. How many were not checked before."""
    count = 0
    for row in rows:
        same = ShopNumber.objects.filter(pk=row.pk, number=row.number, checked_at=None)
        count += same.update(checked_at=now(), checked_by=by)
    return count


def _owned(shop: Shop, by: User) -> None:
    if shop.owner_id != by.pk:
        raise ListingError(_("This is not your shop."))
