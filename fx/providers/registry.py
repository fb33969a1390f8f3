"""Providers by the names in RATE_PROVIDERS: built-in ones, then entry points."""

from __future__ import annotations

from django.conf import settings

from fx.providers.base import RateProvider
from fx.providers.coinbase import CoinbaseRates
from fx.providers.demo import DemoRates
from fx.providers.ecb import EcbRates
from fx.providers.embedded import EmbeddedRates
from fx.providers.frankfurter import FrankfurterRates
from fx.providers.kraken import KrakenRates
from fx.providers.openexchangerates import OpenExchangeRates
from marketplace.lib import plugins

BUILT_IN: dict[str, type | str] = {
    provider.name: provider
    for provider in (
        EcbRates,
        FrankfurterRates,
        OpenExchangeRates,
        EmbeddedRates,
        KrakenRates,
        CoinbaseRates,
        DemoRates,
    )
}
KIND = plugins.Kind(
    noun="rate provider",
    group="marketplace.rate_providers",
    setting="RATE_PROVIDERS",
    ours=BUILT_IN,
    named="name",
    needs=("label", "every", "max_age", "fetch"),
)


def active() -> list[RateProvider]:
    """The providers that are switched on; where two have a currency, the earlier one counts."""
    return [load(name) for name in settings.RATE_PROVIDERS]


def load(name: str) -> RateProvider:
    """The provider `name`; PluginError when it is unknown, broken or not allowed here."""
    provider: RateProvider = plugins.load(KIND, name)()
    if provider.max_age is None and not settings.SANDBOX:
        raise plugins.PluginError(
            f"RATE_PROVIDERS has {name!r}, whose rates are made up for the demo. "
            "Take it out; ecb, frankfurter, openexchangerates, kraken and coinbase give real ones."
        )
    return provider
