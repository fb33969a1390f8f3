"""PostgreSQL is away for a moment: everybody reads so, and that it is safe to ask again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    connection,
)
from django.test import Client

from marketplace.lib.away import sentence_for
from tests.doubles import StripeDouble
from tests.orders.world import BERLIN

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ["/", "/browse/", "/l/scarf/", "/orders/", "/cart/", "/checkout/", "/sell/", "/account/login/", "/admin/"]


@pytest.fixture
def away(transactional_db: None, tmp_path: Path) -> Iterator[Client]:
    """A client whose session is older than the trouble."""
    client = Client(raise_request_exception=False)
    session = client.session
    session["visitor"] = "seen before"
    session.save()
    connection.close()
    known = connection.settings_dict["HOST"]
    connection.settings_dict["HOST"] = str(tmp_path)
    yield client
    connection.close()
    connection.settings_dict["HOST"] = known


def test_what_a_lost_session_raises_is_told_from_what_a_wrong_value_does() -> None:
    assert all(sentence_for(kind("lost")) for kind in (OperationalError, InterfaceError, DatabaseError))
    assert not any(sentence_for(kind("wrong")) for kind in (DataError, IntegrityError, ProgrammingError))
    assert sentence_for(None) is None


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_that_it_is_back_in_a_moment(away: Client, path: str) -> None:
    answer = away.get(path)
    if path != "/account/login/" or answer.status_code != 200:  # a form that asks nothing may be shown
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert "The database does not answer just now." in answer.content.decode()


@pytest.mark.parametrize("path", ["listings/", "rates/", "orders/"])
def test_a_program_reads_a_problem_that_tells_it_to_wait(away: Client, path: str) -> None:
    answer = away.get(f"/api/v1/{path}", headers={"Authorization": f"Token {'0' * 40}"})
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert answer["Retry-After"]


def test_an_order_is_not_taken_and_may_be_sent_again(away: Client) -> None:
    body = {"quote": "0" * 32, "address": BERLIN, "accept_terms": True}
    headers = {"Idempotency-Key": "one"}
    answer = away.post("/api/v1/checkouts/", body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["type"].rpartition("#")[2]) == (503, "busy")


def test_stripe_is_asked_to_send_its_news_again(away: Client, stripe_double: StripeDouble) -> None:
    stripe_double.api("/v1/payment_intents", amount=1000, currency="eur")
    assert set(stripe_double.deliver(away)) == {503}


def test_it_is_alive_and_not_ready(away: Client) -> None:
    probe = Client(raise_request_exception=False)  # of a load balancer, which has no session
    assert [probe.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 503]
