"""What `check` says about rates before anything runs on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

from fx.money import COINS
from fx.providers.registry import load
from fx.rates import HUB


@register()
def providers_load(**kwargs: Any) -> list[CheckMessage]:
    """Every name in RATE_PROVIDERS is a provider that is allowed here."""
    found: list[CheckMessage] = []
    for name in settings.RATE_PROVIDERS:
        try:
            load(name)
        except ImproperlyConfigured as error:
            found.append(Error(str(error), id="fx.E001"))
    return found


@register()
def feeds_are_encrypted(**kwargs: Any) -> list[CheckMessage]:
    """Outside the demo nobody between us and a provider can change its rates."""
    if settings.SANDBOX:
        return []
    return [
        Error(f"The address of {name}, {url}, must start with https://.", id="fx.E002")
        for name, url in settings.RATE_URLS.items()
        if not url.startswith("https://")
    ]


@register()
def keys_are_there(**kwargs: Any) -> list[CheckMessage]:
    """A provider that wants a key has one."""
    if "openexchangerates" not in settings.RATE_PROVIDERS or settings.OPENEXCHANGERATES_APP_ID:
        return []
    return [
        Error(
            "RATE_PROVIDERS has openexchangerates, which needs your App ID. "
            "Set OPENEXCHANGERATES_APP_ID, or take it out.",
            id="fx.E003",
        )
    ]


@register()
def rebates_stay_below_the_spread(**kwargs: Any) -> list[CheckMessage]:
    """In live no conversion earns a seller more than the spread took of it: else who buys from each other is paid."""
    if settings.NETTING_MODE != "live":
        return []
    most = min([100, *(100 * spread // cost for spread, cost in _spreads_and_costs() if cost)])
    if most >= settings.NETTING_SHARE_PERCENT:
        return []
    return [
        Error(
            f"With NETTING_SHARE_PERCENT={settings.NETTING_SHARE_PERCENT} rebates can be more than the spread: "
            "people who buy from each other would be paid for it.",
            hint=f"Set NETTING_SHARE_PERCENT to {most} at most, or a higher SPREAD_BPS or COIN_SPREAD_BPS.",
            id="fx.E004",
        )
    ]


def _spreads_and_costs() -> Iterator[tuple[int, int]]:
    """What is taken of a conversion, and what of it matching can save at most: an exchange on each side."""
    costs, usual = settings.NETTING_COSTS_BPS, settings.NETTING_COST_BPS
    dearest = sorted([usual, usual, *(bps for currency, bps in costs.items() if currency not in COINS | {HUB})])
    yield settings.SPREAD_BPS, sum(dearest[-2:])
    for coin in COINS:
        yield settings.COIN_SPREAD_BPS, costs.get(coin, usual)


@register(deploy=True)
def coins_have_two_sources(**kwargs: Any) -> list[CheckMessage]:
    """A coin is quoted only when two providers agree on it."""
    if len({"kraken", "coinbase"} & set(settings.RATE_PROVIDERS)) == 2:
        return []
    return [
        Warning(
            f"RATE_PROVIDERS has fewer than two markets for {', '.join(sorted(COINS))}. "
            "Coins are quoted only when two agree: add kraken and coinbase.",
            id="fx.W001",
        )
    ]
