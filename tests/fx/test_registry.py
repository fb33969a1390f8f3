from __future__ import annotations

from datetime import timedelta
from importlib.metadata import EntryPoint

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from fx import checks
from fx.providers import registry
from fx.providers.base import Reply
from fx.providers.demo import DemoRates
from marketplace.lib import plugins


def plug_in(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """As if an installed package had an entry point `another` to `value`."""
    point = EntryPoint("another", value, registry.KIND.group)
    monkeypatch.setattr(plugins, "installed", lambda group: (point,) if group == point.group else ())


class Another:
    """A package's own source, of the day."""

    name, label, every, max_age = "another", "Another bank", timedelta(hours=1), timedelta(hours=26)

    def fetch(self) -> Reply:
        return Reply([])


class Ageless(Another):
    max_age = None  # type: ignore[assignment]


class Silent:
    name, label = "another", "Says nothing"


def test_providers_come_in_the_order_of_the_setting(settings: Settings) -> None:
    settings.RATE_PROVIDERS = ["kraken", "ecb"]
    assert [provider.name for provider in registry.active()] == ["kraken", "ecb"]
    assert checks.providers_load() == []


def test_made_up_rates_load_in_the_sandbox_only(settings: Settings) -> None:
    assert isinstance(registry.load("demo"), DemoRates)
    settings.SANDBOX = False
    settings.RATE_PROVIDERS = ["ecb", "demo"]
    with pytest.raises(ImproperlyConfigured, match="made up for the demo"):
        registry.active()
    assert [error.id for error in checks.providers_load()] == ["fx.E001"]


def test_an_unknown_provider_is_an_error_that_names_the_known_ones(settings: Settings) -> None:
    settings.RATE_PROVIDERS = ["ecbb"]
    [error] = checks.providers_load()
    assert (
        "'ecbb', which is neither built in (ecb, frankfurter, openexchangerates, embedded, kraken, coinbase, demo)"
        in error.msg
    )


def test_a_package_adds_a_provider_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, "tests.fx.test_registry:Another")
    assert registry.load("another").label == "Another bank"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("fx.providers.nothing:Rates", "'another' .* does not load: ModuleNotFoundError: No module named"),
        ("fx.providers.ecb:EcbRates", "installed as the rate provider 'another', but its name is 'ecb'"),
        ("tests.fx.test_registry:Silent", "Silent of 'another' lacks every, fetch, max_age"),
    ],
)
def test_a_plug_in_that_cannot_be_used_is_a_clear_error(monkeypatch: pytest.MonkeyPatch, value: str, why: str) -> None:
    plug_in(monkeypatch, value)
    with pytest.raises(ImproperlyConfigured, match=why):
        registry.load("another")


def test_a_plug_in_with_rates_that_never_age_is_refused_outside_the_sandbox(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    plug_in(monkeypatch, "tests.fx.test_registry:Ageless")
    settings.SANDBOX = False
    with pytest.raises(ImproperlyConfigured, match="made up for the demo"):
        registry.load("another")


def test_production_reads_rates_over_https_only_and_coins_from_two_markets(settings: Settings) -> None:
    settings.SANDBOX = False
    assert checks.feeds_are_encrypted() == []
    settings.RATE_URLS = {**settings.RATE_URLS, "kraken": "http://api.kraken.com"}
    assert [error.id for error in checks.feeds_are_encrypted()] == ["fx.E002"]
    settings.RATE_PROVIDERS = ["ecb", "kraken"]
    assert [warning.id for warning in checks.coins_have_two_sources()] == ["fx.W001"]
    settings.RATE_PROVIDERS = ["ecb", "kraken", "coinbase"]
    assert checks.coins_have_two_sources() == []


def test_open_exchange_rates_are_not_switched_on_without_an_app_id(settings: Settings) -> None:
    settings.RATE_PROVIDERS, settings.OPENEXCHANGERATES_APP_ID = ["openexchangerates"], ""
    [error] = checks.keys_are_there()
    assert error.id == "fx.E003"
    assert "Set OPENEXCHANGERATES_APP_ID" in error.msg
    settings.OPENEXCHANGERATES_APP_ID = "0123456789abcdef0123456789abcdef"
    assert checks.keys_are_there() == []
