"""Which customs form a parcel needs: a CN22 up to 300 SDR and 2 kg, else a CN23; a CN23 when that is not sure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from fx.errors import RateMissing
from fx.money import Money, exponent_of
from fx.rates import Rates
from orders.models import SdrValue
from orders.papers.declaration import Declaration

LIMIT_SDR, LIMIT_G = 300, 2000  # the UPU's
# How far the real value may be from the row's, percent; and after how many days a row is no better than the lowest.
MARGIN = {"high": 2, "medium": 5, "low": 10}
FRESH_DAYS = 90


@dataclass(frozen=True, slots=True)
class Choice:
    """`form`: cn22, cn23, or empty when no border is crossed. `sdr`: the value in SDR, where it can be said."""

    form: str
    why: str
    sdr: Fraction | None = None


def sdr_on(day: dt.date) -> SdrValue | None:
    return SdrValue.objects.filter(valid_from__lte=day).order_by("-valid_from").first()


def choose(declared: Declaration, *, row: SdrValue | None, rates: Rates | None, on: dt.date) -> Choice:
    if not declared.crosses_a_border:
        return Choice("", _("No border is crossed: the parcel needs no customs form."))
    sdr = None if row is None else in_sdr(declared.value, row, rates)
    if declared.gross_g is None:
        return Choice("cn23", _("The weight is not known yet: a CN23 is right for every weight."), sdr)
    if declared.gross_g > LIMIT_G:
        return Choice("cn23", _("It weighs %(g)d g, more than 2 kg.") % {"g": declared.gross_g}, sdr)
    if row is None or sdr is None:
        return Choice("cn23", _("Its value in SDR cannot be said today: a CN23 is right for every value."))
    said = {"sdr": round(sdr), "limit": LIMIT_SDR, "margin": margin(row, on)}
    if sdr > LIMIT_SDR:
        return Choice("cn23", _("It is worth about %(sdr)d SDR, more than %(limit)d.") % said, sdr)
    if sdr * (100 + said["margin"]) > LIMIT_SDR * 100:
        words = _(
            "It is worth about %(sdr)d SDR; our value of the SDR may be %(margin)d %% off, so it may be over %(limit)d."
        )
        return Choice("cn23", words % said, sdr)
    return Choice("cn22", _("It is worth about %(sdr)d SDR, at most %(limit)d, and weighs at most 2 kg.") % said, sdr)


def margin(row: SdrValue, on: dt.date) -> int:
    """Percent."""
    old = (on - row.valid_from).days > FRESH_DAYS
    return MARGIN["low" if old else row.confidence]


def in_sdr(money: Money, row: SdrValue, rates: Rates | None) -> Fraction | None:
    """None without a rate."""
    if money.currency == row.currency:
        cross = Fraction(1)
    else:
        try:
            cross = rates.cross(money.currency, row.currency) if rates else None  # type: ignore[assignment]
        except RateMissing:
            cross = None
    if cross is None:
        return None
    return Fraction(money.amount, 10 ** exponent_of(money.currency)) * cross / Fraction(row.per_sdr)
