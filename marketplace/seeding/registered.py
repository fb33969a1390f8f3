"""The demo is registered for IOSS, with a sample number: duty and tax to the European Union are paid at checkout."""

from __future__ import annotations

import datetime as dt

from listings.models import Registration
from listings.services import register
from marketplace.models import User

SAMPLE = "IM2760000009"


def register_demo(*, by: User) -> None:
    if Registration.objects.filter(scheme="IOSS").exists():
        return
    first = dt.date(2026, 7, 1)
    row = Registration(scheme="IOSS", number=SAMPLE, country="DE", valid_from=first, note="Sample of the demo")
    register(row, by=by)
