"""The provider that settings.EXCHANGE_PROVIDER names, and those of earlier windows: ours, then entry points."""

from __future__ import annotations

from marketplace.lib import plugins
from payments.exchange.base import ExchangeProvider
from payments.exchange.manual import Manual

BUILT_IN: dict[str, type | str] = {Manual.slug: Manual}
KIND = plugins.Kind(
    noun="exchange provider",
    group="marketplace.exchange_providers",
    setting="EXCHANGE_PROVIDER",
    ours=BUILT_IN,
    named="slug",
    base=ExchangeProvider,
)


def load(slug: str) -> ExchangeProvider:
    """PluginError when there is none of this name, or it is broken: its trades wait."""
    made: ExchangeProvider = plugins.load(KIND, slug)()
    return made
