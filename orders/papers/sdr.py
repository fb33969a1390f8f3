"""What an SDR is worth, as dated rows: a new day, a new row."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from fx.money import exponent_of
from marketplace.lib.clock import today
from marketplace.models import User
from orders.errors import OrderRefused
from orders.models import SdrValue


@transaction.atomic
def record_sdr(
    *, by: User, valid_from: dt.date, currency: str, per_sdr: Decimal, source: str, confidence: str
) -> SdrValue:
    """From `valid_from`, today at the earliest, until a later row. OrderRefused says what cannot be."""
    if valid_from < today():
        raise OrderRefused(_("A new value starts today or later: what was in force stays as it was."))
    if SdrValue.objects.filter(valid_from=valid_from).exists():
        raise OrderRefused(_("There is a value from %(day)s on already.") % {"day": valid_from})
    exponent_of(currency)
    said = {"currency": currency, "per_sdr": per_sdr, "source": source, "confidence": confidence}
    return SdrValue.objects.create(valid_from=valid_from, recorded_by=by, **said)
