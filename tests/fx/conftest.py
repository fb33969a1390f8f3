from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.fx.feeds import Feed, served


@pytest.fixture
def feed(settings: Settings) -> Iterator[Feed]:
    """Production's providers, whose far ends are a loopback server with good rates to begin with."""
    with served() as feed:
        settings.RATE_PROVIDERS = ["ecb", "kraken", "coinbase"]
        settings.RATE_URLS = feed.addresses()
        feed.ecb()
        feed.market(95_000)
        yield feed
