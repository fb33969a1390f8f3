"""The site itself: which environment it is, how letters leave, who may look, what is let through."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import register

from marketplace.checks.findings import Findings, error, of_settings, warning

STAY_HERE = ("filebased", "locmem", "console", "dummy")  # e-mail backends whose letters reach nobody
EXAMPLES = ("example.com", "example.org", "example.net", "localhost")


def production(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> Findings:
    if not settings.SANDBOX:
        return []
    says = f"ENTREPOT_ENV is {settings.ENV}: payments, rates and coins are stand-ins, and passwords are known."
    return [error(1, says, "Set ENTREPOT_ENV=production; the rest is checked then.", "The web server")]


register(production, deploy=True)


@of_settings
def letters() -> Findings:
    found, section = [], "Mail"
    if any(f".{name}." in settings.EMAIL_BACKEND for name in STAY_HERE):
        says = f"EMAIL_BACKEND={settings.EMAIL_BACKEND} keeps letters here: nobody can confirm an address."
        found.append(error(2, says, "Remove EMAIL_BACKEND and set EMAIL_HOST.", section))
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2].lower()
    if "." not in host or host in EXAMPLES or host.endswith(tuple(f".{name}" for name in EXAMPLES)):
        says = f"DEFAULT_FROM_EMAIL={settings.DEFAULT_FROM_EMAIL!r} is nobody's address."
        found.append(error(3, says, "Set an address of your own domain.", section))
    return found


@of_settings
def proxy() -> Findings:
    if settings.SECURE_PROXY_SSL_HEADER is not None:
        return []
    says = "BEHIND_PROXY is False: the web server speaks no TLS, so every page redirects to itself for ever."
    do = "Put a proxy with a certificate in front and set BEHIND_PROXY=True."
    return [warning(1, says, do, "Proxy and static files")]


@of_settings
def metrics() -> Findings:
    if settings.METRICS_TOKEN:
        return []
    says = "METRICS_TOKEN is empty: /metrics answers this very machine only, so a monitor elsewhere is blind."
    return [warning(2, says, "Set a long random token and give it to your monitor.", "What to watch")]


@of_settings
def auto_approval() -> Findings:
    if not settings.AUTO_APPROVE:
        return []
    says = "AUTO_APPROVE is True: once one listing of a shop was approved, its others go live unseen."
    return [warning(3, says, "Set AUTO_APPROVE=False unless you want that.", "Rates and rules")]


@of_settings
def rates() -> Findings:
    if not settings.FX_ALLOW_EMBEDDED:
        return []
    says = "FX_ALLOW_EMBEDDED is True: a file of past rates is meant for the demo, not for today's orders."
    return [warning(4, says, "Set FX_ALLOW_EMBEDDED=False.", "Rates and rules")]
