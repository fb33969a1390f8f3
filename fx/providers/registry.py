"""Providers by the names in RATE_PROVIDERS: built-in ones, then entry points."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from fx.providers.base import RateProvider
from fx.providers.coinbase import CoinbaseRates
from fx.providers.demo import DemoRates
from fx.providers.ecb import EcbRates
from fx.providers.embedded import EmbeddedRates
from fx.providers.kraken import KrakenRates

GROUP = "marketplace.rate_providers"
BUILT_IN: dict[str, Callable[[], RateProvider]] = {
    provider.name: provider for provider in (EcbRates, EmbeddedRates, KrakenRates, CoinbaseRates, DemoRates)
}


def active() -> list[RateProvider]:
    """The providers that are switched on; where two have a currency, the earlier one counts."""
    return [load(name) for name in settings.RATE_PROVIDERS]


def load(name: str) -> RateProvider:
    """The provider `name`; ImproperlyConfigured when it is unknown, broken or not allowed here."""
    provider = (BUILT_IN.get(name) or _plug_in(name))()
    if provider.max_age is None and not settings.SANDBOX:
        raise ImproperlyConfigured(
            f"RATE_PROVIDERS has {name!r}, whose rates are made up for the demo. "
            "Take it out; ecb, kraken and coinbase give real ones."
        )
    return provider


def _plug_in(name: str) -> Callable[[], RateProvider]:
    for entry in entry_points(group=GROUP, name=name):
        try:
            found: Callable[[], RateProvider] = entry.load()
        except Exception as error:
            raise ImproperlyConfigured(f"The rate provider {name!r} ({entry.value}) does not load: {error}") from error
        return found
    raise ImproperlyConfigured(
        f"RATE_PROVIDERS has {name!r}, which is neither built in ({', '.join(BUILT_IN)}) nor an entry point of {GROUP}."
    )
