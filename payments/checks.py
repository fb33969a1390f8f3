"""System checks: what is wrong with a processor is said when the project starts, by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

from fx.money import Money, MoneyError
from marketplace.lib import plugins
from payments.exchange import registry as exchanges
from payments.processors import registry
from payments.proof.heads import key
from payments.screening import registry as screeners
from payments.screening.base import Payee, ScreeningUnavailable


@register()
def processors(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every processor that settings name can be made; others that are installed are at least loadable."""
    found: list[CheckMessage] = []
    for slug in settings.PROCESSORS:
        found += _named(slug)
    for name in plugins.names(registry.KIND):
        if name not in settings.PROCESSORS and name not in registry.BUILT_IN:
            found += _unused(name)
    return found


@register()
def proof_key(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """PROOF_KEY is a key, where it is set."""
    try:
        key()
    except ValueError as error:
        return [Error(f"PROOF_KEY is no key: {error}.", hint="Make one with: openssl rand -hex 32", id="payments.E020")]
    return []


@register()
def minimums(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every payout minimum, and every limit of sales balances, is an amount of its currency."""
    found: list[CheckMessage] = []
    for name in ("PAYOUT_MINIMUMS", "BALANCE_PER_PAYMENT", "BALANCE_PER_DAY"):
        for currency, amount in getattr(settings, name).items():
            try:
                Money.parse(amount, currency)
            except MoneyError as error:
                hint = f"Write it like {name}=EUR:5,JPY:500."
                found.append(Error(f"{name}: {error}", hint=hint, id="payments.E003"))
    return found


@register()
def screening(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every provider that SCREENING_PROVIDERS names exists; an unreadable list only stops payouts, so it warns."""
    found: list[CheckMessage] = []
    for slug in settings.SCREENING_PROVIDERS:
        try:
            provider = screeners.load(slug)
            if provider.offline:
                provider.screen(Payee((), (), ""))
        except ImproperlyConfigured as error:
            hint = f"Mend it, or remove {slug!r} from SCREENING_PROVIDERS."
            found.append(Error(str(error), hint=hint, id="payments.E004"))
        except ScreeningUnavailable as error:
            hint = "Until it answers no payout can be approved."
            found.append(Warning(str(error), hint=hint, id="payments.W004"))
    return found


@register()
def exchange(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The provider that EXCHANGE_PROVIDER names exists."""
    found: list[CheckMessage] = []
    try:
        exchanges.load(settings.EXCHANGE_PROVIDER)
    except ImproperlyConfigured as error:
        hint = "Mend it, or take EXCHANGE_PROVIDER out: then a person exchanges."
        found.append(Error(str(error), hint=hint, id="payments.E021"))
    return found


def _named(slug: str) -> list[CheckMessage]:
    try:
        registry.load(slug)
    except registry.NoProcessor as error:
        hint = f"Mend it, or remove {slug!r} from PLUGIN_PROCESSORS. See docs/processors.md."
        return [Error(str(error), hint=hint, id="payments.E001")]
    try:
        registry.get(slug)
    except registry.NoProcessor as error:
        hint = f"A plug-in's variables begin with PROCESSOR_{slug.upper()}_; docs/operate.md lists those of the others."
        return [Error(str(error), hint=hint, id="payments.E002")]
    return []


def _unused(slug: str) -> list[CheckMessage]:
    try:
        registry.load(slug)
    except registry.NoProcessor as error:
        return [Warning(f"{error} It is not switched on.", id="payments.W001")]
    return []
