from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from fx.services import current_rates, rates_page, refresh_rates
from fx.tasks import refresh_rates as refresh_task
from marketplace.lib.clock import shifted
from tests.fx.feeds import Feed

pytestmark = pytest.mark.django_db


def text(client: Client) -> str:
    answer = client.get("/rates/")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())).replace("\xa0", " ")


def states() -> dict[str, str]:
    return {row.currency: row.state for row in rates_page().rows}


def test_before_any_rate_the_page_says_what_is_possible(client: Client) -> None:
    assert "No exchange rates have arrived yet" in text(client)


def test_the_page_says_what_the_demo_stands_on(client: Client) -> None:
    refresh_rates()
    page = text(client)
    assert "This is a demonstration" in page
    assert "European Central Bank, from a file of the past" in page
    assert "Fixed demo rate, not a market price" in page
    assert "we add 0.40 % between ordinary currencies, and 0.50 % more" in page
    assert states()["BTC"] == "demo"


def test_the_page_shows_source_age_and_state_of_each_rate(feed: Feed, client: Client) -> None:
    refresh_rates()
    page = text(client)
    assert "INR Indian Rupee 106.084 no past days European Central Bank" in page
    assert "BTC 0.00001052631 1 BTC = €95,000.05 no past days Kraken + Coinbase Exchange" in page
    assert "demonstration" not in page
    assert set(states().values()) == {"open"}


def test_the_page_shows_what_is_not_quoted_and_why(feed: Feed, client: Client) -> None:
    refresh_rates()
    feed.market(95_000, coinbase=99_000)
    feed.ecb(INR="130")
    refresh_rates(force=True)
    assert states()["BTC"] == "disputed"
    page = text(client)
    assert "Sources differ, not quoted" in page
    assert "wait for a person to look at them: GBP, INR, JPY, MXN, USD." in page
    with shifted(hours=121):
        assert states()["INR"] == "stale"
        assert "Too old, not quoted" in text(client)


def test_the_page_is_read_only(client: Client) -> None:
    assert client.post("/rates/").status_code == 405
    assert client.head("/rates/").status_code == 200


def fetch() -> str:
    out = StringIO()
    call_command("fetch_rates", stdout=out)
    return out.getvalue()


def test_the_command_asks_everyone_and_says_what_came_of_it(feed: Feed) -> None:
    assert fetch() == (
        "European Central Bank: good\nKraken: good\nCoinbase Exchange: good\n"
        "Past days, for the charts: good\n"
        "7 currencies can be exchanged with the euro.\n"
    )
    feed.pages["/ecb.xml"] = 500
    feed.pages["/products/USDC-EUR/ticker"] = b"{}"
    out = fetch()
    assert "European Central Bank: failed; answered 500" in out
    assert "Coinbase Exchange: good; USDC-EUR: time: 'None' is not a time with a zone" in out


def test_the_command_fails_when_a_person_is_needed_or_nothing_is_usable(feed: Feed) -> None:
    feed.pages.clear()
    with pytest.raises(CommandError, match="No rate is usable"):
        fetch()
    feed.ecb()
    fetch()
    feed.ecb(INR="130")
    with pytest.raises(CommandError, match=r"Held for review in the admin: GBP, INR, JPY, MXN, USD\."):
        fetch()


def test_the_task_looks() -> None:
    refresh_task()
    assert "INR" in current_rates()
