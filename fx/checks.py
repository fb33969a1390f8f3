"""What `check` says about rates before anything runs on them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

from fx.money import COINS
from fx.providers.registry import load


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
