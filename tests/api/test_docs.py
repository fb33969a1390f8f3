"""The page that explains the API, its schema and its start."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from rest_framework.authtoken.models import Token

from fx.errors import QuoteExpired
from marketplace.api.docs import schema
from marketplace.api.refusals import problems
from marketplace.models import User
from marketplace.rest.problems import name_of
from orders import work
from orders.models import Order
from payments.models import Payment, Payout
from tests.api.caller import ROOT, Caller
from tests.conftest import make_user
from tests.doubles import StripeDouble
from tests.orders.world import make_world

pytestmark = pytest.mark.django_db


def test_the_page_has_every_operation_with_a_line_to_try_and_no_script(client: Client) -> None:
    answer = client.get("/api/v1/docs/")
    page = answer.content.decode()
    for methods in schema()["paths"].values():
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in page
    assert "curl -X POST" in page
    assert "http://testserver/api/v1/quotes/" in page
    assert not re.search(r"<script(?! src)|<style| style=| on[a-z]+=", page)
    assert "script-src 'self';" in answer["Content-Security-Policy"]


def test_every_kind_of_problem_is_explained_at_the_address_of_its_type(client: Client) -> None:
    page = client.get("/api/v1/docs/").content.decode()
    names = [problem.name for problem in problems()]
    assert len(names) == len(set(names))
    assert name_of(QuoteExpired) in names
    assert all(f'id="{name}"' in page for name in names)


def test_the_schema_is_json_for_programs_and_browsers(client: Client) -> None:
    for accepted in ("application/vnd.oai.openapi+json", "application/json", "*/*"):
        answer = client.get("/api/v1/schema/", headers={"Accept": accepted})
        assert answer.status_code == 200
        assert answer.json()["openapi"].startswith("3.")


def test_the_start_links_to_what_there_is(as_bob: Caller) -> None:
    links = as_bob.get("")["links"]
    for name, link in links.items():
        status = 404 if name == "balance" else 200  # Bob has no shop
        assert as_bob.client.get(link, headers=as_bob.headers).status_code == status


def test_the_path_in_the_documentation_is_made_of_operations_that_exist() -> None:
    page = (settings.BASE_DIR / "docs" / "api.md").read_text()
    called = re.findall(r"call (GET|PUT|POST) [\"']?([^\s\"'|?]+)", page)
    assert len(called) == 11
    for method, path in called:
        named = path.replace("$CHECKOUT", "{token}").replace("$NUMBER", "{number}")
        assert method.lower() in schema()["paths"][ROOT + named]


@pytest.mark.django_db(transaction=True)
def test_the_path_in_the_documentation_runs(
    live_server: Any, stripe_double: StripeDouble, alice: User, bob: User
) -> None:
    make_world(alice, bob, make_user("moderator@example.com", staff=True))
    start, buying, selling = re.findall(r"```sh\n(.*?)```", (settings.BASE_DIR / "docs" / "api.md").read_text(), re.S)
    start = start.replace("http://127.0.0.1:8000", live_server.url)
    shell(start, f"TOKEN={token(bob)}", buying)
    payment = Payment.objects.get()
    stripe_double.pay(payment.processor_ref)
    stripe_double.deliver(Client())
    work.drain_inbox()
    number = f"NUMBER={Order.objects.get().number}"
    ship, confirm, *money = selling.splitlines()
    shell(start, number, f"TOKEN={token(alice)}", ship)
    shell(start, number, f"TOKEN={token(bob)}", confirm)
    shell(start, number, f"TOKEN={token(alice)}", *money)
    assert Payout.objects.get().amount == Order.objects.get().net


def token(user: User) -> str:
    return str(Token.objects.get_or_create(user=user)[0].key)


def shell(*lines: str) -> None:
    curl = f'curl() {{ "{sys.executable}" -m tests.api.curl "$@"; }}'
    text = "\n".join((curl, *lines))
    done = subprocess.run(["bash", "-euc", text], capture_output=True, text=True, timeout=120, cwd=settings.BASE_DIR)
    assert (done.returncode, "/api/v1/docs/#" in done.stdout) == (0, False), done.stdout + done.stderr
