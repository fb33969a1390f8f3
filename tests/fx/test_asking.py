"""A provider that fails is asked again with growing pauses, and is left alone for as long as it asks for."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client

from fx.models import RateFetch
from fx.services import current_rates, refresh_history, refresh_rates
from fx.services.visits import latest_visit, pause
from marketplace.lib.clock import now, shifted
from marketplace.models import User
from marketplace.roles import make_roles
from tests.conftest import ClientFor
from tests.fx.feeds import Feed

pytestmark = pytest.mark.django_db
LIST = "/admin/fx/ratefetch/"
ECB = "/ecb.xml"


def waits(provider: str = "ecb") -> timedelta:
    """From the latest visit to the next one."""
    last = latest_visit(provider)
    assert last is not None
    return last.again_at - last.at


@pytest.mark.parametrize(
    ("every", "seconds"),
    [
        (timedelta(0), [55, 110, 220, 440, 880, 900, 900]),  # a market: never longer than a quarter of an hour
        (timedelta(hours=1), [55, 110, 220, 440, 880, 1760, 3520, 3600, 3600]),
        (timedelta(days=1), [55, 110, 220, 440, 880, 1760, 3520, 3600, 3600]),
    ],
)
def test_pauses_double_up_to_the_providers_own_pace(every: timedelta, seconds: list[int]) -> None:
    assert [pause(every, fails).total_seconds() for fails in range(1, len(seconds) + 1)] == seconds
    assert pause(every, 2**31 - 1).total_seconds() == seconds[-1]


def test_each_failure_waits_longer_and_is_not_asked_before(feed: Feed) -> None:
    feed.pages[ECB] = 503
    later = timedelta(0)
    for asked in range(1, 6):
        with shifted(seconds=later.total_seconds()):
            refresh_rates()
        assert feed.asked.count(ECB) == asked
        last = latest_visit("ecb")
        assert last is not None
        assert last.fails == asked
        pause_now = waits()
        with shifted(seconds=(later + pause_now).total_seconds() - 5):
            refresh_rates()
        assert feed.asked.count(ECB) == asked
        later += pause_now + timedelta(seconds=1)
    assert RateFetch.objects.filter(provider="ecb", ok=False).count() == 5


def test_one_that_fails_makes_no_other_one_wait(feed: Feed) -> None:
    feed.pages[ECB] = 503
    refresh_rates()
    refresh_rates()
    assert (feed.asked.count(ECB), feed.asked.count("/products/BTC-EUR/ticker")) == (1, 2)
    assert "BTC" in current_rates()


def test_an_answer_ends_the_pauses_and_the_next_failure_begins_anew(feed: Feed) -> None:
    feed.pages[ECB] = 503
    refresh_rates()
    refresh_rates(force=True)
    assert waits() == timedelta(seconds=110)
    feed.ecb()
    refresh_rates(force=True)
    assert "INR" in current_rates()
    assert waits() == timedelta(hours=1)
    feed.pages[ECB] = 503
    refresh_rates(force=True)
    assert waits() == timedelta(seconds=55)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("600", 600),
        ("3", 55),  # less than we wait anyway
        ("999999999", 6 * 3600),  # nobody closes us for longer
        ("9" * 400, 6 * 3600),
        ("-5", 55),
        ("soon", 55),
        ("", 55),
        ("٣٠٠٠", 55),
        ("1e9", 55),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 55),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_kept_to_within_six_hours(feed: Feed, status: int, said: str, seconds: int) -> None:
    feed.pages[ECB] = status
    feed.headers = {"Retry-After": said.encode().decode("latin-1")}
    refresh_rates()
    assert waits().total_seconds() == seconds


def test_retry_after_may_name_a_moment(feed: Feed) -> None:
    feed.pages[ECB] = 429
    feed.headers = {"Retry-After": format_datetime(now() + timedelta(minutes=20), usegmt=True)}
    refresh_rates()
    assert timedelta(minutes=19, seconds=55) < waits() <= timedelta(minutes=20)


def test_another_refusal_has_no_say_in_when_it_is_asked(feed: Feed) -> None:
    feed.pages[ECB] = 403
    feed.headers = {"Retry-After": "6000"}
    refresh_rates()
    assert waits() == timedelta(seconds=55)


def test_a_market_that_wants_fewer_questions_about_one_coin_is_left_alone_for_both(feed: Feed) -> None:
    feed.pages["/products/BTC-EUR/ticker"] = 429
    feed.headers = {"Retry-After": "300"}
    refresh_rates()
    last = latest_visit("coinbase")
    assert last is not None
    assert (last.ok, last.fails, waits("coinbase")) == (True, 0, timedelta(minutes=5))
    refresh_rates()
    assert feed.asked.count("/products/USDC-EUR/ticker") == 1
    with shifted(seconds=301):
        refresh_rates()
    assert feed.asked.count("/products/USDC-EUR/ticker") == 2
    feed.pages["/products/USDC-EUR/ticker"] = 429
    refresh_rates(force=True)
    assert waits("coinbase") == timedelta(minutes=5)


def test_the_file_of_past_days_waits_too(feed: Feed) -> None:
    feed.pages["/ecb-90d.xml"] = 429
    feed.headers = {"Retry-After": "120"}
    refresh_history()
    assert waits("history") == timedelta(minutes=2)
    feed.history({"2026-11-26": {"INR": "106.084"}})
    assert refresh_history() == 0
    with shifted(seconds=121):
        assert refresh_history() == 1
    assert waits("history") == timedelta(hours=6)


def test_the_page_says_when_it_is_asked_again(feed: Feed, client: Client) -> None:
    feed.pages[ECB] = 503
    refresh_rates()
    last = latest_visit("ecb")
    assert last is not None
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get("/rates/").content.decode()))
    assert f"gave no usable rate 0 minutes ago; asked again at {last.again_at:%H:%M} UTC on" in page
    assert page.count("asked again at") == 1
    with shifted(minutes=2):
        assert "asked again at" not in client.get("/rates/").content.decode()


@contextmanager
def another_process(does: str) -> Iterator[None]:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [zlib.crc32(does.encode())])
        yield
    finally:
        other.close()


@pytest.fixture
def finance(finance: User) -> User:
    make_roles()
    finance.groups.set(Group.objects.filter(name="finance"))
    return finance


def press(client: Client, *visits: RateFetch) -> str:
    answer = client.post(LIST, {"action": "ask_now", "_selected_action": [visit.pk for visit in visits]}, follow=True)
    return answer.content.decode()


def test_finance_asks_at_once_and_reads_what_came_of_it(feed: Feed, client_for: ClientFor, finance: User) -> None:
    feed.pages[ECB] = 503
    refresh_rates()
    failed = RateFetch.objects.get(provider="ecb")
    assert "The provider ecb failed: answered 503" in press(client_for(finance), failed)
    assert waits() == timedelta(seconds=110)
    feed.ecb()
    assert "The provider ecb answered." in press(client_for(finance), failed)
    assert "INR" in current_rates()
    assert feed.asked.count("/products/BTC-EUR/ticker") == 1  # nobody else was asked
    assert LogEntry.objects.filter(user=finance, change_message="The provider ecb answered.").count() == 1


def test_finance_asks_for_the_past_days_too(feed: Feed, client_for: ClientFor, finance: User) -> None:
    refresh_history()
    assert "The provider history answered." in press(client_for(finance), RateFetch.objects.get())
    assert feed.asked.count("/ecb-90d.xml") == 2


def test_who_is_being_asked_already_is_not_asked_twice(feed: Feed, client_for: ClientFor, finance: User) -> None:
    refresh_rates()
    asked = len(feed.asked)
    visit = RateFetch.objects.get(provider="ecb")
    feed.pages.pop(ECB)
    with another_process("refresh rates"):
        answer = press(client_for(finance), visit)
    assert "The provider ecb was not asked: it is being asked already, or is switched off." in answer
    assert len(feed.asked) == asked


def test_staff_who_only_look_cannot_ask(feed: Feed, client_for: ClientFor, moderator: User) -> None:
    refresh_rates()
    moderator.user_permissions.add(Permission.objects.get(codename="view_ratefetch"))
    asked = len(feed.asked)
    press(client_for(moderator), RateFetch.objects.get(provider="ecb"))
    assert len(feed.asked) == asked
