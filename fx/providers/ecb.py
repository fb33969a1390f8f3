"""The European Central Bank's daily reference rates: about 30 currencies, on working days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.conf import settings

from fx.money import EXPONENT
from fx.providers.base import BadRates, Reading, Reply, positive
from fx.providers.document import day as day_of
from fx.providers.http import get
from marketplace.lib.clock import now, today

_CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
PUBLISHED = time(15, tzinfo=UTC)  # about 16:00 in Frankfurt


class EcbRates:
    name = "ecb"
    label = "European Central Bank"
    every = timedelta(hours=1)
    max_age = timedelta(hours=120)  # Easter closes it from Thursday to Tuesday

    def fetch(self) -> Reply:
        day = _only(days_in(get(settings.RATE_URLS["ecb"]).body))
        as_of = published(day_of(day.attrib["time"]))
        return Reply([Reading(currency, rate, as_of) for currency, rate in rates_of(day).items()])


def published(day: date) -> datetime:
    """When the rates of `day` became known; on the day itself never later than now."""
    if day > today():
        raise BadRates(f"its day {day} is yet to come")
    return min(now(), datetime.combine(day, PUBLISHED))


def days_in(body: bytes) -> list[Element]:
    """The days of rates in one of the ECB's files."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise BadRates(f"is not the XML it should be: {str(error)[:100]}") from None
    return [cube for cube in root.iter(_CUBE) if "time" in cube.attrib]


def rates_of(day: Element) -> dict[str, Decimal]:
    """Every currency that this product knows; one that cannot be right spoils the whole day."""
    found: dict[str, Decimal] = {}
    for cube in day.iter(_CUBE):
        currency = cube.get("currency")
        if currency is None:
            continue
        if currency in found:
            raise BadRates(f"has {currency} twice")
        found[currency] = positive(cube.get("rate"), currency)
    if not found:
        raise BadRates("has no rates")
    return {currency: rate for currency, rate in found.items() if currency in EXPONENT}


def _only(days: list[Element]) -> Element:
    if len(days) != 1:
        raise BadRates(f"has {len(days)} days of rates instead of one")
    return days[0]
