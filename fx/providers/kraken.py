"""Kraken's public ticker. It names no time, so the reply's own Date counts."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from fx.providers.base import BadRates, Reading, Reply
from fx.providers.document import parsed
from fx.providers.http import get
from fx.providers.tickers import between, visit_pairs

ANSWERS = {"XBTEUR": "XXBTZEUR", "USDCEUR": "USDCEUR"}  # asked for, and named in the answer


class KrakenRates:
    name = "kraken"
    label = "Kraken"
    every = timedelta(0)
    max_age = timedelta(seconds=120)

    def fetch(self) -> Reply:
        return visit_pairs({"BTC": "XBTEUR", "USDC": "USDCEUR"}, _read)


def _read(currency: str, pair: str) -> Reading:
    page = get(f"{settings.RATE_URLS['kraken']}/0/public/Ticker?pair={pair}")
    answer = parsed(page.body)
    if answer.get("error") != []:
        raise BadRates(f"error {str(answer.get('error'))[:100]}")
    try:
        ticker = answer["result"][ANSWERS[pair]]
        bid, ask = ticker["b"][0], ticker["a"][0]
    except (KeyError, IndexError, TypeError):
        raise BadRates(f"has no bid and ask of {ANSWERS[pair]}") from None
    return between(bid, ask, currency=currency, as_of=page.sent_at)
