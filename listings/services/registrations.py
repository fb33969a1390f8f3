"""The operator's registrations: entered and ended by staff, never rewritten."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from listings.customs.rule import BLOC
from listings.errors import ListingError
from listings.models import ImportRule, Registration
from listings.registrations.numbers import WrongNumber, read_number
from marketplace.lib.clock import now
from marketplace.lib.places import is_country
from marketplace.models import User


def known_schemes() -> list[str]:
    """Those that an import rule names, by name."""
    named = ImportRule.objects.exclude(scheme__in=("", BLOC)).values_list("scheme", flat=True)
    return sorted(set(named))


def check(registration: Registration) -> str:
    """The number in its plain form; ListingError says what is wrong with the scheme, the number, the country or the
    days.
    """
    scheme, start, end = registration.scheme, registration.valid_from, registration.valid_until
    if scheme not in known_schemes():
        raise ListingError(_("No import rule names the scheme “%s”. Write the rule first.") % scheme)
    if not is_country(registration.country):
        raise ListingError(_("“%s” is no country. Write its two capital letters, like DE.") % registration.country)
    if end is not None and end < start:
        raise ListingError(_("The registration ends before it starts."))
    _free(scheme, start, end)
    return _plain(scheme, registration.number)


@transaction.atomic
def register(registration: Registration, *, by: User) -> Registration:
    """Collect the scheme's tax from that day on. ListingError as in `check`."""
    list(ImportRule.objects.select_for_update().filter(scheme=registration.scheme))  # one at a time for each scheme
    registration.number = check(registration)
    registration.by = by
    if registration.valid_until is not None:
        registration.ended_by, registration.ended_at = by, now()
    registration.save(force_insert=True)
    return registration


def _plain(scheme: str, number: str) -> str:
    try:
        return read_number(scheme, number)
    except WrongNumber as error:
        message = _("“%(number)s” cannot be a number of %(scheme)s. One looks like %(example)s; check each digit.")
        raise ListingError(message % {"number": number, "scheme": scheme, "example": error.example}) from error


def _free(scheme: str, start: dt.date, end: dt.date | None) -> None:
    others = Registration.objects.filter(scheme=scheme).filter(Q(valid_until=None) | Q(valid_until__gt=start))
    if end is not None:
        others = others.filter(valid_from__lt=end)
    for other in others:
        if other.valid_until != other.valid_from:
            message = _("“%s” is in force at the same time. End that one first, or start this one later.")
            raise ListingError(message % other)


@transaction.atomic
def end_registration(registration: Registration, *, valid_until: dt.date, by: User) -> Registration:
    """From that day on nothing is collected under it; its own first day takes back one that was never right."""
    row = Registration.objects.select_for_update().get(pk=registration.pk)
    if row.valid_until is not None:
        raise ListingError(_("“%(name)s” ends on %(day)s already.") % {"name": row, "day": row.valid_until})
    if valid_until < row.valid_from:
        raise ListingError(_("The registration ends before it starts."))
    row.valid_until, row.ended_by, row.ended_at = valid_until, by, now()
    row.save(update_fields=["valid_until", "ended_by", "ended_at"])
    return row
