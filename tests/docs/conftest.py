"""A site as an operator would have set it up, to be broken one thing at a time."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from django.core.checks import CheckMessage, registry

from marketplace.run.places import BASE

READY: dict[str, Any] = {
    "ENV": "production",
    "SANDBOX": False,
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "DEFAULT_FROM_EMAIL": "Bazaar <hello@bazaar.shop>",
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
    "METRICS_TOKEN": "a" * 32,
    "AUTO_APPROVE": False,
    "FX_ALLOW_EMBEDDED": False,
}
PROCESSORS: dict[str, dict[str, Any]] = {
    "stripe": {
        "secret_key": "sk_live_1",
        "publishable_key": "pk_live_1",
        "webhook_secret": "whsec_1",
        "api_base": "",
        "settlement_currencies": ["EUR"],
    },
    "bitcoin": {"xpub": "zpub", "network": "main", "source": "core", "url": "http://127.0.0.1:8332", "wallet": "w"},
    "erc20": {"xpub": "xpub", "chain_id": 1, "contract": "", "source": "node", "url": "http://127.0.0.1:8545"},
    "bank": {"debtor_name": "Bazaar", "bic": "SOLADEST600", "accounts": {"EUR": "DE75512108001245126199"}},
}


@pytest.fixture
def ready(settings: Any) -> Any:
    """The settings of a site that lacks nothing; tests take one thing away."""
    for name, value in READY.items():
        setattr(settings, name, value)
    settings.PROCESSORS = deepcopy(PROCESSORS)
    return settings


def ours(*, databases: list[str] | None = None) -> dict[str, str]:
    """Ids and words of what marketplace.checks finds."""
    found: list[CheckMessage] = []
    for check in registry.registry.deployment_checks:
        if check.__module__.startswith("marketplace.checks"):
            found += check(app_configs=None, databases=databases)
    return {f"{message.id} {message.msg}": message.hint or "" for message in found}


def headings() -> set[str]:
    """The sections of docs/operate.md."""
    page = (BASE / "docs" / "operate.md").read_text()
    return {line[3:].strip() for line in page.splitlines() if line.startswith("## ")}


def section_of(hint: str) -> str:
    return hint.partition("See “")[2].partition("”")[0]
