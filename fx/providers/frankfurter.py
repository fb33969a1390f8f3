"""Frankfurter, version 1: the ECB's reference rates as JSON, without a key; anybody can host it.

Its format: https://frankfurter.dev/v1/
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.conf import settings

from fx.providers.base import BadRates, Reading, Reply, positive
from fx.providers.document import day, parsed, table
from fx.providers.ecb import EcbRates, published
from fx.providers.http import get
from fx.rates import HUB


class FrankfurterRates:
    name = "frankfurter"
    label = "Frankfurter"
    every = timedelta(hours=1)
    max_age = EcbRates.max_age  # they are the same rates

    def fetch(self) -> Reply:
        answer = parsed(get(f"{settings.RATE_URLS['frankfurter']}/v1/latest?base={HUB}").body)
        if "amount" in answer and positive(answer["amount"], "amount") != Decimal(1):
            raise BadRates(f"has rates of {answer['amount'][:12]} euros instead of one")
        as_of = published(day(answer.get("date")))
        return Reply([Reading(code, rate, as_of) for code, rate in table(answer, base=HUB).items()])
