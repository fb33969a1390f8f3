"""Production refuses to start on nonsense, in a sentence; the demo starts on nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from marketplace.run.places import BASE
from tests.run.test_production import filled, load_settings

# (what is set on top of a good production, what the sentence says)
NONSENSE: list[tuple[dict[str, str], str]] = [
    ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
    ({"SECRET_KEY": "s" * 49}, "SECRET_KEY is shorter than 50 characters"),
    ({"SECRET_KEY": "   "}, "SECRET_KEY is not set"),
    ({"DEBUG": "True"}, "would show secrets"),
    ({"DEBUG": "true"}, "DEBUG='true' is neither True nor False"),
    ({"DEBUG": "1"}, "DEBUG='1' is neither True nor False"),
    ({"ALLOWED_HOSTS": ""}, "must name your domains"),
    ({"ALLOWED_HOSTS": "*"}, "must name your domains"),
    ({"ALLOWED_HOSTS": "shop.example.org,*"}, "must name your domains"),
    ({"SITE_URL": ""}, "SITE_URL is not set"),
    ({"SITE_URL": "http://shop.example.org"}, "must start with https://"),
    ({"STRIPE_SECRET_KEY": "sk_live_x"}, "STRIPE_PUBLISHABLE_KEY is not set"),
    (
        {"STRIPE_SECRET_KEY": "sk_live_x", "STRIPE_PUBLISHABLE_KEY": "pk_live_x", "STRIPE_WEBHOOK_SECRET": ""},
        "STRIPE_WEBHOOK_SECRET is not set",
    ),
    ({"STRIPE_API_BASE": "http://127.0.0.1:9000"}, "STRIPE_API_BASE='http://127.0.0.1:9000' is a stand-in"),
    ({"RATE_PROVIDERS": "ecb,demo"}, "RATE_PROVIDERS='ecb,demo' is a stand-in"),
    ({"BITCOIN_XPUB": "xpub"}, "BITCOIN_SOURCE is not set"),
    ({"BITCOIN_XPUB": "xpub", "BITCOIN_SOURCE": "demo"}, "BITCOIN_SOURCE='demo' is a stand-in"),
    ({"ERC20_XPUB": "xpub", "ERC20_SOURCE": "demo"}, "ERC20_SOURCE='demo' is a stand-in"),
    ({"ERC20_XPUB": "xpub", "ERC20_CHAIN_ID": "0x1"}, "ERC20_CHAIN_ID='0x1' is not a whole number"),
    ({"COMMISSION_BPS": "-1"}, "COMMISSION_BPS='-1' is not a whole number from 0 to 3000"),
    ({"COMMISSION_BPS": "1e3"}, "COMMISSION_BPS='1e3' is not a whole number"),
    ({"SPREAD_BPS": "٤٠"}, "is not a whole number"),
    ({"QUOTE_MINUTES": "0"}, "QUOTE_MINUTES='0' is not a whole number from 1 to 10"),
    ({"BALANCE_PER_DAY": "EUR=500"}, "BALANCE_PER_DAY='EUR=500' is no pair. Write it like EUR:5,JPY:500."),
    ({"BALANCE_PER_PAYMENT": "EUR:500,USD:"}, "BALANCE_PER_PAYMENT='USD:' is no pair"),
    ({"PAYOUT_MINIMUMS": ":5"}, "PAYOUT_MINIMUMS=':5' is no pair"),
    ({"BANK_ACCOUNTS": "DE75512108001245126199"}, "BANK_ACCOUNTS='DE75512108001245126199' is no pair"),
    ({"PLUGIN_PROCESSORS": "acme,stripe"}, "PLUGIN_PROCESSORS has 'stripe', which is built in"),
    ({"PLUGIN_PROCESSORS": "Acme"}, "PLUGIN_PROCESSORS has 'Acme': use small letters"),
    ({"PLUGIN_PROCESSORS": "a:b"}, "PLUGIN_PROCESSORS has 'a:b': use small letters"),
    ({"ENTREPOT_ENV": "Production"}, "none of production, demo, test"),
    ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
]


@pytest.mark.parametrize(("wrong", "sentence"), NONSENSE, ids=[f"{list(wrong.items())[-1]}" for wrong, _s in NONSENSE])
def test_production_refuses_nonsense(wrong: dict[str, str], sentence: str, tmp_path: Path) -> None:
    done = load_settings(tmp_path, **(filled() | wrong))
    assert done.returncode == 1
    assert sentence in done.stderr.splitlines()[-1]


def test_a_filled_production_starts_and_is_closed(tmp_path: Path) -> None:
    shown = (
        "SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SECURE_SSL_REDIRECT SESSION_COOKIE_HTTPONLY "
        "SECURE_HSTS_INCLUDE_SUBDOMAINS DEBUG SANDBOX FX_ALLOW_EMBEDDED AUTO_APPROVE"
    )
    code = f"from django.conf import settings; print([getattr(settings, name) for name in {shown.split()!r}])"
    assert python(code, **filled()).stdout.strip() == str([True] * 5 + [False] * 4)


def test_the_sandboxs_own_addresses_are_not_in_production() -> None:
    code = (
        "import django; django.setup(); from django.http import Http404; from django.test import RequestFactory\n"
        "from django.urls import resolve; url = '/demo/coins/00000000-0000-0000-0000-000000000001/'\n"
        "found = resolve(url)\n"
        "try: print(found.func(RequestFactory().post(url), **found.kwargs))\n"
        "except Http404: print('nowhere')"
    )
    assert python(code, **filled()).stdout.strip() == "nowhere"


@pytest.mark.parametrize("env", ["demo", "test"])
def test_the_demo_starts_on_next_to_nothing(env: str, tmp_path: Path) -> None:
    done = load_settings(tmp_path, ENTREPOT_ENV=env, DATABASE_URL="postgres://x@/y", REDIS_URL="redis://z")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["stripe_double", "--port", "0"], "only with ENTREPOT_ENV=demo or test"),
        (["seed"], "demo"),
        (["demo_code", "admin@example.com"], "demo"),
        (["demo_statement", "EUR"], "demo"),
    ],
)
def test_what_is_for_the_demo_refuses_elsewhere(command: list[str], sentence: str) -> None:
    done = run([sys.executable, "manage.py", *command], filled())
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert sentence in done.stderr.splitlines()[-1]


def python(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    return run([sys.executable, "-c", code], env)


def run(command: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """In a process of its own, with nothing but these variables."""
    all_of_it = {"DJANGO_SETTINGS_MODULE": "marketplace.settings", "PATH": os.environ["PATH"], **env}
    return subprocess.run(command, env=all_of_it, cwd=BASE, capture_output=True, text=True, check=False)
