"""Fixed, labelled numbers for the demo and the tests: no market ever stood exactly here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from fx.providers.base import Reading, Reply

AS_OF = datetime(2026, 10, 30, 15, tzinfo=UTC)
PER_EUR = {
    "BTC": "0.0000105",  # EUR 95,238.10
    "USDC": "1.1172",
    # Currencies that the ECB has no rate of, and the demo's own, should its file be unusable.
    "KWD": "0.3436",
    "INR": "106.084",
    "MXN": "21.1237",
    "USD": "1.1172",
    "GBP": "0.8338",
    "JPY": "175.68",
}


class DemoRates:
    """A stand-in: the registry refuses it outside the demo and the tests."""

    name = "demo"
    every = timedelta(days=1)
    max_age = None

    @property
    def label(self) -> str:
        return _("Fixed demo rate, not a market price")

    def fetch(self) -> Reply:
        return Reply([Reading(code, Decimal(rate), AS_OF) for code, rate in PER_EUR.items()])
