"""The ECB's past days: fetched, kept, forgotten, drawn."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from pytest_django import Settings

from fx.chart import chart
from fx.models import DailyRate, RateFetch
from fx.services import currency_page, rates_page, refresh_history, refresh_rates
from fx.tasks import refresh_history as refresh_task
from marketplace.lib.clock import shifted, today
from marketplace.models import User
from marketplace.roles import make_roles
from tests.conftest import ClientFor
from tests.fx.feeds import FIAT, Feed, ecb_days

pytestmark = pytest.mark.django_db
DAYS = {"2026-11-26": FIAT, "2026-11-25": {**FIAT, "INR": "104.0840"}, "2026-11-24": FIAT}


def stored() -> dict[tuple[str, str], Decimal]:
    return {(row.currency, f"{row.day}"): row.per_eur for row in DailyRate.objects.all()}


def test_the_file_of_the_ecb_becomes_a_row_per_currency_and_day(feed: Feed) -> None:
    assert refresh_history() == 15
    assert stored()["INR", "2026-11-25"] == Decimal("104.0840")
    assert stored()["INR", "2026-11-26"] == Decimal("106.0840")
    assert len(stored()) == 15


def test_it_is_asked_every_six_hours_and_a_corrected_day_is_corrected(feed: Feed) -> None:
    refresh_history()
    feed.history({**DAYS, "2026-11-25": {**FIAT, "INR": "105.5"}})
    assert refresh_history() == 0
    with shifted(hours=5, minutes=59):
        assert refresh_history() == 0
    with shifted(hours=6, minutes=1):
        assert refresh_history() == 15
    assert feed.asked.count("/ecb-90d.xml") == 2
    assert stored()["INR", "2026-11-25"] == Decimal("105.5")
    assert len(stored()) == 15


GOOD = ecb_days(DAYS).encode()


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (GOOD[: len(GOOD) // 2], "is not the XML"),
        (b"<!doctype html><p>Sorry", "is not the XML"),
        (b"<html></html>", "has no days of rates"),
        (b"", "is not the XML"),
        (GOOD.replace(b"104.0840", b"NaN"), "INR: 'NaN' is not a positive number"),
        (GOOD.replace(b"104.0840", b"1e300"), "is not a positive number"),
        (GOOD.replace(b"104.0840", b"-1"), "is not a positive number"),
        (GOOD.replace(b"104.0840", b"0"), "is not a positive number"),
        (GOOD.replace(b"2026-11-25", b"2026-11-26"), "has 2026-11-26 twice"),
        (GOOD.replace(b"2026-11-25", b"25.11.2026"), "is not a day"),
        (GOOD.replace(b"'JPY'", b"'USD'"), "has USD twice"),
        (GOOD.replace(b"2026-11-25", b"2999-01-01"), "yet to come"),
        (GOOD.decode().encode("utf-16"), "is not the XML"),
        (GOOD + b" " * 300_000, "sent more than"),
    ],
)
def test_one_day_that_cannot_be_spoils_the_file_and_nothing_changes(feed: Feed, body: bytes, complaint: str) -> None:
    refresh_history()
    before = stored()
    feed.history(body)
    assert refresh_history(force=True) == 0
    assert stored() == before
    last = RateFetch.objects.filter(provider="history").latest("at")
    assert last.ok is False
    assert complaint in last.error


def test_a_failure_is_tried_again_a_minute_later(feed: Feed) -> None:
    feed.pages["/ecb-90d.xml"] = 503
    assert refresh_history() == 0
    feed.history(DAYS)
    with shifted(minutes=1):
        refresh_task()
    assert len(stored()) == 15


def test_days_of_more_than_400_days_ago_are_forgotten(feed: Feed) -> None:
    for age in (399, 400, 401):
        DailyRate.objects.create(currency="INR", day=today() - timedelta(days=age), per_eur=90)
    refresh_history()
    kept = DailyRate.objects.filter(per_eur=90).values_list("day", flat=True)
    assert sorted((today() - day).days for day in kept) == [399, 400]


def test_the_demo_reads_the_file_in_the_package() -> None:
    refresh_history()
    assert stored()["INR", "2026-10-30"] == Decimal("106.084")
    assert len({day for _currency, day in stored()}) == 65
    assert stored()["USD", "2026-08-04"] == Decimal("1.1515")


def test_without_a_source_of_the_ecb_there_is_no_history(settings: Settings) -> None:
    settings.RATE_PROVIDERS = ["demo"]
    assert refresh_history(force=True) == 0
    assert rates_page().history is None
    assert RateFetch.objects.count() == 0


def test_the_line_goes_from_the_first_day_to_the_last_and_the_highest_is_on_top() -> None:
    monday = date(2026, 11, 23)
    drawn = chart(
        [(monday, Decimal(10)), (monday + timedelta(days=1), Decimal(30)), (monday + timedelta(days=4), Decimal(20))]
    )
    assert drawn is not None
    assert drawn.points == "8.0,192.0 164.0,8.0 632.0,100.0"


def test_a_rate_that_never_moved_is_a_level_line_and_one_day_is_none() -> None:
    monday = date(2026, 11, 23)
    drawn = chart([(monday, Decimal(7)), (monday + timedelta(days=1), Decimal(7))])
    assert drawn is not None
    assert drawn.points == "8.0,100.0 632.0,100.0"
    assert chart([(monday, Decimal(7))]) is None
    assert chart([]) is None


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert " style=" not in page.split("<main", 1)[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\xa0", " ")


def test_the_page_of_a_currency_has_its_chart_and_every_day_in_a_table(feed: Feed, client: Client) -> None:
    refresh_rates()
    refresh_history()
    page = currency_page("INR")
    assert page is not None
    assert [(f"{row.day}", row.shown) for row in page.days] == [
        ("2026-11-26", "106.084"),
        ("2026-11-25", "104.084"),
        ("2026-11-24", "106.084"),
    ]
    assert page.low is not None
    assert (f"{page.low.day}", page.low.shown) == ("2026-11-25", "104.084")
    shown = text(client, "/rates/INR/")
    assert "INR and the euro Indian Rupee For one euro 106.084" in shown
    assert "Lowest 104.084 Nov. 25, 2026" in shown
    assert client.get("/rates/INR/").content.count(b"<polyline") == 1


def test_each_row_of_the_rates_has_its_line_where_the_ecb_has_days(feed: Feed, client: Client) -> None:
    refresh_rates()
    refresh_history()
    assert {row.currency for row in rates_page().rows if row.spark} == set(FIAT)
    assert client.get("/rates/").content.count(b"<polyline") == len(FIAT)


@pytest.mark.parametrize("currency", ["BTC", "KWD"])
def test_a_currency_without_days_says_so(feed: Feed, client: Client, currency: str) -> None:
    refresh_rates()
    refresh_history()
    assert "has no past days of it that could be drawn" in text(client, f"/rates/{currency}/")
    assert ("There is no rate of KWD now" in text(client, "/rates/KWD/")) is True


@pytest.mark.parametrize("currency", ["EUR", "XTS", "inr", "'; drop table", "%00", "💶"])
def test_what_is_no_currency_here_has_no_page(client: Client, currency: str) -> None:
    assert client.get(f"/rates/{currency}/").status_code == 404


def test_staff_see_the_days_and_get_to_the_chart(feed: Feed, client_for: ClientFor, finance: User) -> None:
    refresh_history()
    make_roles()
    finance.groups.set(Group.objects.filter(name="finance"))
    page = client_for(finance).get("/admin/fx/dailyrate/").content.decode()
    assert 'href="/rates/INR/"' in page
    assert "104.084" in page
