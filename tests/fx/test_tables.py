"""Frankfurter and Open Exchange Rates: tables of rates in JSON, read to the digit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from pytest_django import Settings

from fx.providers.base import BadRates
from fx.providers.frankfurter import FrankfurterRates
from fx.providers.openexchangerates import OpenExchangeRates
from fx.services import current_rates, refresh_rates
from marketplace.lib.clock import now, shifted
from tests.fx.feeds import FIAT, PER_DOLLAR, Feed, frankfurter_json, openexchangerates_json

APP_ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def tables(feed: Feed, settings: Settings) -> None:
    settings.OPENEXCHANGERATES_APP_ID = APP_ID
    feed.frankfurter()
    feed.openexchangerates()


def test_frankfurter_is_read_to_the_digit(feed: Feed) -> None:
    feed.frankfurter(frankfurter_json({**FIAT, "XTS": "3.5"}, day="2026-10-30"))
    readings = {reading.currency: reading for reading in FrankfurterRates().fetch().readings}
    assert readings.keys() == FIAT.keys()
    assert readings["INR"].per_eur == Decimal("106.0840")
    assert {reading.as_of for reading in readings.values()} == {datetime(2026, 10, 30, 15, tzinfo=UTC)}


def test_frankfurter_without_the_word_amount_means_one_euro(feed: Feed) -> None:
    feed.frankfurter(frankfurter_json(FIAT).replace(b'"amount":1.0,', b""))
    assert len(FrankfurterRates().fetch().readings) == len(FIAT)
    feed.frankfurter(frankfurter_json(FIAT).replace(b'"amount":1.0', b'"amount":10.0'))
    with pytest.raises(BadRates, match="has rates of 10.0 euros instead of one"):
        FrankfurterRates().fetch()


def test_rates_per_dollar_are_divided_by_the_euro_to_18_decimals(feed: Feed) -> None:
    published = now().replace(microsecond=0) - timedelta(minutes=20)
    feed.openexchangerates(at=published)
    readings = {reading.currency: reading for reading in OpenExchangeRates().fetch().readings}
    assert readings.keys() == {*FIAT, "AED", "KWD"}
    assert readings["USD"].per_eur == Decimal("1.117199850295220060")
    assert readings["INR"].per_eur == Decimal("106.083986615945793463")
    for code, reading in readings.items():
        exact = Fraction(PER_DOLLAR[code]) / Fraction(PER_DOLLAR["EUR"])
        assert abs(Fraction(reading.per_eur) - exact) <= Fraction(1, 2 * 10**18), code
    assert {reading.as_of for reading in readings.values()} == {published}


def test_the_app_id_goes_in_a_header_and_in_no_address(feed: Feed) -> None:
    OpenExchangeRates().fetch()
    assert feed.asked == ["/latest.json"]
    assert feed.tokens == [f"Token {APP_ID}"]


def test_without_an_app_id_nobody_is_asked(feed: Feed, settings: Settings) -> None:
    settings.OPENEXCHANGERATES_APP_ID = ""
    with pytest.raises(BadRates, match="needs the setting OPENEXCHANGERATES_APP_ID"):
        OpenExchangeRates().fetch()
    assert feed.asked == []


@pytest.mark.parametrize(
    ("rates", "complaint"),
    [
        ({"USD": "1.1"}, "says that one dollar is 1.1 dollars"),
        ({"EUR": "0.000000000000000001"}, "AED: .* is out of all proportion"),
        ({"EUR": "999999999999", "GBP": "0.0000000001"}, "GBP: .* is out of all proportion"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(feed: Feed, rates: dict[str, str], complaint: str) -> None:
    feed.openexchangerates(openexchangerates_json({**PER_DOLLAR, **rates}, now()))
    with pytest.raises(BadRates, match=complaint):
        OpenExchangeRates().fetch()


@pytest.mark.parametrize("said", ['"soon"', "null", "1.5", "-5", "9999999999999", "[]"])
def test_a_time_that_is_none_is_refused(feed: Feed, said: str) -> None:
    at = now()
    body = openexchangerates_json(PER_DOLLAR, at).replace(str(int(at.timestamp())).encode(), said.encode())
    feed.openexchangerates(body)
    with pytest.raises(BadRates, match="is not a time in seconds"):
        OpenExchangeRates().fetch()


@pytest.mark.parametrize("table", ["{}", "[]", "null", '"1.1"', '{"XTS":3.5}', '{"BTC":0.00001}'])
def test_a_table_without_rates_of_ours_is_refused(feed: Feed, table: str) -> None:
    feed.frankfurter(f'{{"amount":1.0,"base":"EUR","date":"2026-10-30","rates":{table}}}'.encode())
    with pytest.raises(BadRates, match="has no rates"):
        FrankfurterRates().fetch()


@pytest.mark.django_db
def test_a_later_source_steps_in_only_when_the_rate_of_an_earlier_one_gets_too_old(
    feed: Feed, settings: Settings
) -> None:
    settings.RATE_PROVIDERS = ["ecb", "openexchangerates"]
    refresh_rates()
    assert {current_rates().source[code] for code in FIAT} == {"ecb"}
    assert current_rates().source["AED"] == "openexchangerates"
    feed.pages["/ecb.xml"] = 503
    with shifted(hours=2):
        feed.openexchangerates(at=now())
        refresh_rates()  # it is due, the ECB fails, and its rates are good for days
        assert {current_rates().source[code] for code in FIAT} == {"ecb"}
    with shifted(hours=120):
        feed.openexchangerates(at=now())
        refresh_rates()
        assert {current_rates().source[code] for code in FIAT} == {"openexchangerates"}
        feed.ecb()
        refresh_rates(force=True)  # who is named first counts again
        assert {current_rates().source[code] for code in FIAT} == {"ecb"}
