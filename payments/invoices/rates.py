"""Tax rates as dated rows: the one in force on a day, and new ones that end the row before them."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from marketplace.lib.clock import today
from marketplace.lib.places import is_country
from marketplace.models import User
from payments.datedrows import make_room
from payments.errors import FeeRefused
from payments.models import TaxRate


def rate_on(country: str, day: dt.date) -> int | None:
    """Basis points; none when nobody has recorded a rate for that day."""
    rows = TaxRate.objects.filter(Q(valid_until=None) | Q(valid_until__gt=day), country=country, valid_from__lte=day)
    return rows.values_list("bps", flat=True).first()


@transaction.atomic
def record_rate(*, by: User, country: str, bps: int, valid_from: dt.date, source: str) -> TaxRate:
    """From `valid_from`, today at the earliest, this rate holds until the next row begins.

    The first row of a country may begin in the past: nothing is rewritten by it. FeeRefused says what cannot be.
    """
    if not is_country(country):
        raise FeeRefused(_("“%s” is no country: write two letters such as DE.") % country)
    rows = list(TaxRate.objects.select_for_update().filter(country=country).order_by("valid_from", "pk"))
    if rows and valid_from < today():
        raise FeeRefused(_("A new rate starts today or later: what was in force stays as it was."))
    ends = make_room(rows, valid_from)
    terms = {"bps": bps, "valid_from": valid_from, "valid_until": ends, "source": source, "recorded_by": by}
    return TaxRate.objects.create(country=country, **terms)
