"""The operator of the tests registers for schemes."""

from __future__ import annotations

import datetime as dt

from listings.models import Registration
from listings.registrations.numbers import FORMATS
from listings.services import register
from marketplace.models import User

LONG_AGO = dt.date(2021, 7, 1)


def registered(*schemes: str, by: User | None = None, since: dt.date = LONG_AGO) -> list[Registration]:
    """Rows in force since long ago, with a number that can be right."""
    person = by or User.objects.get_or_create(email="registrar@bazaar.shop")[0]
    return [
        register(Registration(scheme=scheme, number=FORMATS[scheme].example, country="DE", valid_from=since), by=person)
        for scheme in schemes
    ]
