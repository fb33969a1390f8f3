"""`check --deploy` names what is missing in the settings, and nothing on a site that lacks nothing."""

from __future__ import annotations

from typing import Any

import pytest

from payments.chain.evm.addresses import DEMO_XPUB
from tests.docs.conftest import headings, ours, section_of

SETTINGS: list[tuple[str, Any, str]] = [
    ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "marketplace.E002"),
    ("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend", "marketplace.E002"),
    ("DEFAULT_FROM_EMAIL", "Entrepôt <hello@example.com>", "marketplace.E003"),
    ("DEFAULT_FROM_EMAIL", "hello@shop.example.com", "marketplace.E003"),
    ("DEFAULT_FROM_EMAIL", "nobody", "marketplace.E003"),
    ("SECURE_PROXY_SSL_HEADER", None, "marketplace.W001"),
    ("METRICS_TOKEN", "", "marketplace.W002"),
    ("AUTO_APPROVE", True, "marketplace.W003"),
    ("FX_ALLOW_EMBEDDED", True, "marketplace.W004"),
]
PROCESSORS: list[tuple[str, str, Any, str]] = [
    ("stripe", "secret_key", "pk_live_1", "marketplace.E011"),
    ("stripe", "publishable_key", "pk_test_1", "marketplace.E012"),
    ("stripe", "publishable_key", "sk_live_1", "marketplace.E012"),
    ("stripe", "webhook_secret", "demo", "marketplace.E013"),
    ("stripe", "api_base", "http://127.0.0.1:9000", "marketplace.E014"),
    ("stripe", "settlement_currencies", ["EUR", "USD"], "marketplace.E020"),
    ("bitcoin", "network", "test", "marketplace.W013"),
    ("bitcoin", "source", "demo", "marketplace.E015"),
    ("bitcoin", "url", "", "marketplace.E016"),
    ("erc20", "chain_id", 11155111, "marketplace.W031"),
    ("erc20", "contract", "0xdAC17F958D2ee523a2206206994597C13D831ec7", "marketplace.E031"),
    ("erc20", "xpub", DEMO_XPUB, "marketplace.E032"),
    ("erc20", "source", "demo", "marketplace.E033"),
    ("erc20", "url", "", "marketplace.E034"),
    ("bank", "debtor_name", "-", "marketplace.E017"),
    ("bank", "bic", "-", "marketplace.E017"),
    ("bank", "bic", "SOLADEST6", "marketplace.E018"),
    ("bank", "accounts", {"EUR": "DE00512108001245126199"}, "marketplace.E019"),
]


def test_a_site_that_lacks_nothing_hears_nothing(ready: Any) -> None:
    assert ours() == {}


@pytest.mark.parametrize(("name", "value", "expected"), SETTINGS)
def test_each_setting_that_is_missing_or_risky_is_named(ready: Any, name: str, value: Any, expected: str) -> None:
    setattr(ready, name, value)
    [found] = ours()
    assert found.startswith(f"{expected} ")


@pytest.mark.parametrize(("slug", "key", "value", "expected"), PROCESSORS)
def test_each_fault_of_a_processor_is_named(ready: Any, slug: str, key: str, value: Any, expected: str) -> None:
    ready.PROCESSORS[slug][key] = value
    [found] = ours()
    assert found.startswith(f"{expected} ")


def test_test_keys_of_stripe_are_named(ready: Any) -> None:
    ready.PROCESSORS["stripe"] |= {"secret_key": "sk_test_1", "publishable_key": "pk_test_1"}
    [found] = ours()
    assert found.startswith("marketplace.W011 ")


@pytest.mark.parametrize(
    ("slug", "expected"),
    [("stripe", "marketplace.W010"), ("bitcoin", "marketplace.W012"), ("erc20", "marketplace.W030")],
)
def test_one_way_to_pay_that_is_off_is_said(ready: Any, slug: str, expected: str) -> None:
    del ready.PROCESSORS[slug]
    [found] = ours()
    assert found.startswith(f"{expected} ")


def test_without_any_way_to_pay_nobody_should_open(ready: Any) -> None:
    for slug in ("stripe", "bitcoin", "erc20"):
        del ready.PROCESSORS[slug]
    expected = {"marketplace.E010", "marketplace.W010", "marketplace.W012", "marketplace.W030"}
    assert {found.split()[0] for found in ours()} == expected


def test_the_demo_is_told_that_it_is_none(settings: Any) -> None:
    assert settings.SANDBOX
    [found] = ours(databases=["default"])
    assert found.startswith("marketplace.E001 ENTREPOT_ENV is test")


def test_every_hint_names_a_section_of_the_operators_page(ready: Any) -> None:
    for name, value, _expected in SETTINGS:
        setattr(ready, name, value)
    for slug, key, value, _expected in PROCESSORS:
        ready.PROCESSORS[slug][key] = value
    hints = ours()
    assert len(hints) > 15
    assert {section_of(hint) for hint in hints.values()} <= headings()
