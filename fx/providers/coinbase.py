"""Coinbase Exchange's product ticker. Its time is that of the last trade."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from fx.providers.base import Reading, Reply, moment
from fx.providers.document import parsed
from fx.providers.http import get
from fx.providers.tickers import between, visit_pairs


class CoinbaseRates:
    name = "coinbase"
    label = "Coinbase Exchange"
    every = timedelta(0)
    max_age = timedelta(seconds=120)

    def fetch(self) -> Reply:
        return visit_pairs({"BTC": "BTC-EUR", "USDC": "USDC-EUR"}, _read)


def _read(currency: str, pair: str) -> Reading:
    answer = parsed(get(f"{settings.RATE_URLS['coinbase']}/products/{pair}/ticker").body)
    as_of = moment(answer.get("time"), "time")
    return between(answer.get("bid"), answer.get("ask"), currency=currency, as_of=as_of)
