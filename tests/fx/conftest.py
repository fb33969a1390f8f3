from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.fx.feeds import FIAT, Feed, served


@pytest.fixture
def feed(settings: Settings) -> Iterator[Feed]:
    """Production's providers, whose far ends are a loopback server with good rates to begin with."""
    with served() as feed:
        settings.RATE_PROVIDERS = ["ecb", "kraken", "coinbase"]
        settings.RATE_URLS = feed.addresses()
        feed.ecb()
        feed.market(95_000)
        feed.history({"2026-11-26": FIAT, "2026-11-25": {**FIAT, "INR": "104.0840"}, "2026-11-24": FIAT})
        yield feed
