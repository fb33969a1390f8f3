"""Open Exchange Rates: about 170 currencies per dollar, each hour, with the operator's own App ID.

Its format: https://docs.openexchangerates.org/reference/latest-json
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal

from django.conf import settings

from fx.providers.base import BadRates, Reading, Reply
from fx.providers.document import parsed, table
from fx.providers.http import get
from fx.rates import HUB

BASE = "USD"  # the only one that every plan has
_EXACT, _STORED = Context(prec=60), Decimal(1).scaleb(-18)  # divided far beyond the decimals that are kept
_MOST = Decimal(10) ** 12


class OpenExchangeRates:
    name = "openexchangerates"
    label = "Open Exchange Rates"
    every = timedelta(hours=1)  # 720 visits a month; the smallest plan has 1,000
    max_age = timedelta(hours=6)

    def fetch(self) -> Reply:
        key = settings.OPENEXCHANGERATES_APP_ID
        if not key:
            raise BadRates("needs the setting OPENEXCHANGERATES_APP_ID")
        url = f"{settings.RATE_URLS['openexchangerates']}/latest.json"
        answer = parsed(get(url, headers={"Authorization": f"Token {key}"}).body)  # a header is in no log of addresses
        as_of = _moment(answer.get("timestamp"))
        return Reply([Reading(code, rate, as_of) for code, rate in _per_euro(table(answer, base=BASE)).items()])


def _per_euro(per_dollar: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Each rate divided by the euro's, to 18 decimals: as exactly as a rate is kept."""
    if HUB not in per_dollar:
        raise BadRates("has no rate of the euro, so none can be told per euro")
    if per_dollar.get(BASE, 1) != 1:
        raise BadRates(f"says that one dollar is {per_dollar[BASE]} dollars")
    rates = {**per_dollar, BASE: Decimal(1)}
    return {code: _divided(rate, rates[HUB], code) for code, rate in rates.items() if code != HUB}


def _divided(rate: Decimal, euro: Decimal, code: str) -> Decimal:
    found = _EXACT.quantize(_EXACT.divide(rate, euro), _STORED)
    if not 0 < found < _MOST:
        raise BadRates(f"{code}: {rate} per {euro} of the euro is out of all proportion")
    return found


def _moment(text: object) -> datetime:
    """Whole seconds since 1970, as text."""
    if not isinstance(text, str) or not (text.isascii() and text.isdigit() and len(text) <= 11):
        raise BadRates(f"timestamp: {str(text)[:40]!r} is not a time in seconds")
    return datetime.fromtimestamp(int(text), UTC)
