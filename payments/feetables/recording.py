"""Recording new terms of a processor: the row before them ends, nothing that was in force is rewritten."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from fx.money import Money
from marketplace.lib.clock import today
from marketplace.lib.places import is_country
from marketplace.models import User
from payments.datedrows import make_room
from payments.errors import FeeRefused
from payments.models import FeeRow


@transaction.atomic
def record_fee(
    *,
    by: User,
    processor: str,
    part: str,
    area: str = "",
    bps: int = 0,
    amount: Money | None = None,
    valid_from: dt.date,
    valid_until: dt.date | None = None,
    source: str,
    confidence: str,
) -> FeeRow:
    """From `valid_from`, today at the earliest, these terms hold until `valid_until`, or until the next row begins."""
    _check(part, area, bps, amount, valid_from, valid_until)
    key = {"processor": processor, "part": part, "area": area, "currency": amount.currency if amount else ""}
    rows = list(FeeRow.objects.select_for_update().filter(**key).order_by("valid_from", "pk"))
    ends = min((day for day in (valid_until, make_room(rows, valid_from)) if day is not None), default=None)
    terms = {"bps": bps, "minor": amount.amount if amount else 0, "source": source, "confidence": confidence}
    return FeeRow.objects.create(**key, **terms, valid_from=valid_from, valid_until=ends, recorded_by=by)


def _check(
    part: str, area: str, bps: int, amount: Money | None, valid_from: dt.date, valid_until: dt.date | None
) -> None:
    """FeeRefused says what cannot be recorded."""
    if (part == FeeRow.Part.PERCENT) != (amount is None):
        raise FeeRefused(_("A percentage has basis points and no amount; the other parts have an amount."))
    if part != FeeRow.Part.PERCENT and (area or bps):
        raise FeeRefused(_("A fixed amount goes by its currency: leave the country and the basis points empty."))
    if area and area != "EEA" and not is_country(area):
        raise FeeRefused(_("“%s” is no country: write two letters such as DE, or EEA, or nothing.") % area)
    if amount is not None and amount.amount < 0:
        raise FeeRefused(_("A fee is not negative."))
    if valid_from < today():
        raise FeeRefused(_("Quotes were made under the terms of before: new ones begin today at the earliest."))
    if valid_until is not None and valid_until <= valid_from:
        raise FeeRefused(_("The terms end before they begin."))
