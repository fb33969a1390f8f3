"""What every answer carries."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse
from django.test import Client

from marketplace.lib import csp
from marketplace.models import User
from tests.conftest import ClientFor

pytestmark = pytest.mark.django_db
PAGES = [
    "/",
    "/settings/visitor/",
    "/account/login/",
    "/account/signup/",
    "/legal/terms/",
    "/nothing-here/",
    "/healthz",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_a_policy_that_allows_nothing_inline(client: Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_an_inline_style_or_script(client: Client, path: str) -> None:
    html = client.get(path).content.decode()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", html)
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)


def test_one_answer_may_allow_one_more_source() -> None:
    response = HttpResponse()
    csp.widen(response, {"script-src": ["https://js.stripe.com"], "frame-src": ["https://js.stripe.com"]})
    assert "script-src 'self' https://js.stripe.com" in csp.header(response)
    assert "frame-src https://js.stripe.com" in csp.header(response)
    assert "stripe" not in csp.header(HttpResponse())


@pytest.mark.parametrize("source", ["'unsafe-inline'", "'unsafe-eval'", "*", "https:", "data:"])
def test_a_source_that_allows_anything_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="would undo the policy"):
        csp.widen(HttpResponse(), {"script-src": [source]})


def test_a_page_of_somebody_is_kept_by_no_cache(bob: User, client_for: ClientFor) -> None:
    assert client_for(bob).get("/legal/terms/").headers["Cache-Control"] == "private, no-store"
    assert Client().get("/settings/visitor/").headers["Cache-Control"] == "private, no-store"
    assert "no-store" not in Client().get("/legal/terms/").headers.get("Cache-Control", "")
