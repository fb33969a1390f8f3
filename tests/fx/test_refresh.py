from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from pytest_django import Settings

from fx.errors import RateMissing
from fx.models import Rate, RateFetch, RateSet
from fx.money import Money
from fx.providers import http
from fx.providers.ecb import EcbRates
from fx.services import current_rates, refresh_rates
from marketplace.lib.clock import now, shifted, today
from marketplace.lib.locks import singleton
from tests.fx.feeds import FIAT, Feed, ecb_xml

pytestmark = pytest.mark.django_db
State = RateSet.State
EURO = Money(100_00, "EUR")


def inr() -> Fraction:
    return current_rates().per_eur["INR"]


def test_one_visit_to_each_provider_makes_one_set_of_rates(feed: Feed) -> None:
    made = refresh_rates()
    rates = current_rates()
    assert made is not None
    assert rates.id == made.pk
    assert rates.per_eur.keys() == {*FIAT, "BTC", "USDC"}
    assert rates.per_eur["INR"] == Fraction("106.084")
    assert (rates.source["INR"], rates.source["BTC"]) == ("ecb", "kraken+coinbase")
    assert rates.convert(EURO, "JPY") == Money(17_568, "JPY")
    assert rates.mid("BTC", "EUR") == Decimal("95000.05")
    assert RateFetch.objects.filter(ok=True, error="").count() == 3


def test_the_ecb_is_asked_once_an_hour_the_markets_each_time(feed: Feed) -> None:
    refresh_rates()
    refresh_rates()
    assert feed.asked.count("/ecb.xml") == 1
    assert feed.asked.count("/products/BTC-EUR/ticker") == 2
    refresh_rates(force=True)
    assert feed.asked.count("/ecb.xml") == 2
    with shifted(minutes=61):
        refresh_rates()
    assert feed.asked.count("/ecb.xml") == 3


def test_a_provider_that_failed_is_asked_again_a_minute_later(feed: Feed) -> None:
    feed.pages["/ecb.xml"] = 503
    refresh_rates()
    assert "INR" not in current_rates()
    feed.ecb()
    with shifted(minutes=1):
        refresh_rates()
        assert "INR" in current_rates()


GOOD = ecb_xml(FIAT)
GARBAGE = {
    "stale": ecb_xml({**FIAT, "INR": "106.5"}, day=f"{today() - timedelta(days=30)}"),
    "missing": GOOD.replace("INR", "XTS"),
    "zero": GOOD.replace("106.0840", "0"),
    "negative": GOOD.replace("106.0840", "-106.0840"),
    "NaN": GOOD.replace("106.0840", "NaN"),
    "1e300": GOOD.replace("106.0840", "1e300"),
    "inverted": ecb_xml({code: f"{1 / Decimal(rate):.6f}" for code, rate in FIAT.items()}),
    "times 100": ecb_xml({code: str(Decimal(rate) * 100) for code, rate in FIAT.items()}),
    "one times 100": GOOD.replace("106.0840", "10608.4"),
    "other currency": ecb_xml({code: str(Decimal(rate) / Decimal("0.8338")) for code, rate in FIAT.items()}),
    "HTML": "<html><head></head><body>Under maintenance</body></html>",
    "truncated": GOOD[:-150],
    "nothing": "",
}


@pytest.mark.parametrize("body", [*GARBAGE.values(), 500], ids=[*GARBAGE, "500"])
def test_garbage_leaves_the_last_good_rate_until_it_is_too_old_then_only_that_closes(
    feed: Feed, body: str | int
) -> None:
    refresh_rates()
    good = current_rates()
    feed.pages["/ecb.xml"] = body if isinstance(body, int) else body.encode()
    refresh_rates(force=True)
    assert inr() == Fraction("106.084")
    assert current_rates().as_of["INR"] == good.as_of["INR"]

    with shifted(hours=100):
        refresh_rates(force=True)
        assert inr() == Fraction("106.084")
    with shifted(hours=121):
        feed.market(95_000)
        refresh_rates(force=True)
        rates = current_rates()
        with pytest.raises(RateMissing, match="INR"):
            rates.convert(EURO, "INR")
        assert rates.convert(Money(5, "INR"), "INR", bps=40, up=True) == Money(5, "INR")
        assert rates.convert(EURO, "BTC")  # another source, another fate


def test_a_provider_that_drips_is_given_up_and_the_others_count(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http.get, "__kwdefaults__", {"seconds": 0.05})
    feed.drip = 0.1
    refresh_rates()
    assert set(RateFetch.objects.values_list("ok", flat=True)) == {False}
    assert not current_rates().per_eur


def test_bitcoin_is_quoted_only_while_two_markets_say_so(feed: Feed) -> None:
    feed.pages["/products/BTC-EUR/ticker"] = 500
    refresh_rates()
    assert "BTC" not in current_rates()
    assert "USDC" in current_rates()
    feed.market(95_000)
    refresh_rates()
    assert "BTC" in current_rates()


def test_when_one_market_falls_silent_the_last_price_lasts_two_minutes(feed: Feed) -> None:
    refresh_rates()
    feed.pages["/0/public/Ticker?pair=XBTEUR"] = 500
    with shifted(seconds=60):
        feed.coinbase(BTC=("95500", "95500.1"))
        refresh_rates()
        assert current_rates().mid("BTC", "EUR") == Decimal("95000.05")
    with shifted(seconds=121):
        feed.coinbase(BTC=("95500", "95500.1"))
        refresh_rates()
        with pytest.raises(RateMissing, match="BTC"):
            current_rates().convert(EURO, "BTC")
        assert "INR" in current_rates()


@pytest.mark.parametrize(
    ("coinbase", "quoted"),
    [(95_950, True), (95_951, False), (94_060, True), (94_059, False), (9_500_000, False)],
)
def test_markets_more_than_a_percent_apart_close_the_coin_at_once(feed: Feed, coinbase: int, quoted: bool) -> None:
    refresh_rates()
    feed.market(95_000, coinbase=coinbase)
    refresh_rates()
    assert ("BTC" in current_rates()) is quoted
    assert "USDC" in current_rates()

    feed.market(95_000)
    refresh_rates()
    assert current_rates().mid("BTC", "EUR") == Decimal("95000.05")


def test_a_market_whose_last_trade_is_old_does_not_count(feed: Feed) -> None:
    feed.coinbase(at=now() - timedelta(seconds=121), BTC=("95000", "95001"))
    refresh_rates()
    assert "BTC" not in current_rates()
    fetch = RateFetch.objects.get(provider="coinbase")
    assert fetch.ok
    assert "too old: BTC" in fetch.error


@pytest.mark.parametrize(("rate", "held"), [("116.69", False), ("116.70", True), ("96.44", False), ("96.43", True)])
def test_a_fiat_rate_that_moves_more_than_a_tenth_is_held(feed: Feed, rate: str, held: bool) -> None:
    refresh_rates()
    feed.ecb(INR=rate)
    refresh_rates(force=True)
    assert RateSet.objects.filter(state=State.HELD).exists() is held
    assert inr() == Fraction("106.084" if held else rate)


@pytest.mark.parametrize(("price", "held"), [(118_000, False), (119_000, True), (77_000, False), (75_000, True)])
def test_a_coin_that_moves_more_than_a_quarter_is_held(feed: Feed, price: int, held: bool) -> None:
    refresh_rates()
    feed.market(price)
    feed.ecb(INR="107")
    refresh_rates(force=True)
    assert RateSet.objects.filter(state=State.HELD).exists() is held
    assert current_rates().mid("BTC", "EUR") == (Decimal("95000.05") if held else price + Decimal("0.05"))
    assert inr() == 107  # fiat goes on


def test_neighbours_of_a_jump_are_held_with_it(feed: Feed) -> None:
    refresh_rates()
    feed.ecb(INR="10608.4", USD="1.12")
    refresh_rates(force=True)
    held = RateSet.objects.get(state=State.HELD)
    assert set(held.rates.values_list("currency", flat=True)) == set(FIAT)
    assert held.reason == "INR went from 106.084 to 10608.4, 100.00 times; more than 1.10 needs a person"
    assert current_rates().per_eur["USD"] == Fraction("1.1172")


def test_the_same_jump_seen_again_waits_once_and_a_further_one_replaces_it(feed: Feed) -> None:
    refresh_rates()
    feed.ecb(INR="130")
    refresh_rates(force=True)
    feed.ecb(INR="131")
    refresh_rates(force=True)
    first = RateSet.objects.get(state=State.HELD)
    feed.ecb(INR="200")
    refresh_rates(force=True)
    assert RateSet.objects.get(state=State.HELD) != first
    first.refresh_from_db()
    assert first.state == State.REJECTED
    assert first.reason.endswith("Replaced by a newer one.")


def test_a_jump_that_goes_away_by_itself_needs_nobody(feed: Feed) -> None:
    refresh_rates()
    feed.ecb(INR="130")
    refresh_rates(force=True)
    feed.ecb(INR="107")
    refresh_rates(force=True)
    assert not RateSet.objects.filter(state=State.HELD).exists()
    assert inr() == 107


def test_the_very_first_rates_are_compared_with_the_file_of_the_past(feed: Feed) -> None:
    feed.ecb(INR="10608.4")
    refresh_rates()
    assert "INR" not in current_rates()
    assert "INR 10608.4 is far from its last known value" in RateSet.objects.get(state=State.HELD).reason


def test_when_nothing_changed_no_new_set_is_made() -> None:
    made = refresh_rates(force=True)
    assert made is not None
    assert refresh_rates(force=True) is None
    assert RateSet.objects.count() == 1


def test_in_the_demo_old_and_made_up_rates_never_age_and_real_ones_win(settings: Settings) -> None:
    refresh_rates()
    with shifted(days=400):
        rates = current_rates()
        assert (rates.source["INR"], rates.source["MXN"], rates.source["BTC"]) == ("embedded", "embedded", "demo")
        assert rates.convert(Money(190_000, "INR"), "EUR", bps=40, up=True).amount > 1500
        assert rates.convert(EURO, "BTC") == Money(105_000, "BTC")


def test_without_permission_the_embedded_file_is_too_old_and_the_demo_goes_on_with_its_own(settings: Settings) -> None:
    settings.FX_ALLOW_EMBEDDED = True
    refresh_rates()
    settings.FX_ALLOW_EMBEDDED = False
    with shifted(days=400):
        refresh_rates(force=True)
        rates = current_rates()
        assert rates.source["INR"] == "demo"
        assert "PLN" not in rates
        assert "too old" in RateFetch.objects.filter(provider="embedded").latest("at").error


def test_rates_made_in_the_demo_are_worth_nothing_outside(feed: Feed, settings: Settings) -> None:
    settings.RATE_PROVIDERS = ["embedded", "demo"]
    refresh_rates()
    settings.SANDBOX = False
    assert not current_rates().per_eur
    settings.RATE_PROVIDERS = ["ecb", "kraken", "coinbase"]
    feed.market(50_000)  # nor do they hold the real ones back
    refresh_rates()
    assert current_rates().source == {**dict.fromkeys(FIAT, "ecb"), "BTC": "kraken+coinbase", "USDC": "kraken+coinbase"}


def test_a_plug_in_that_breaks_does_not_stop_the_others(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EcbRates, "fetch", lambda self: [][1])
    refresh_rates()
    assert "IndexError: list index out of range" in RateFetch.objects.get(provider="ecb").error
    assert "BTC" in current_rates()


def test_sets_that_nothing_refers_to_are_forgotten_after_a_day(feed: Feed) -> None:
    first = refresh_rates()
    assert first is not None
    feed.market(95_001)
    second = refresh_rates()
    with shifted(hours=25):
        feed.market(95_002)
        refresh_rates(force=True)
    assert not RateSet.objects.filter(pk__in=[first.pk]).exists()
    assert second is not None
    assert Rate.objects.filter(currency="BTC").count() == 1
    with shifted(days=8):
        refresh_rates()
        assert RateFetch.objects.filter(at__lt=now() - timedelta(days=7)).count() == 0


def test_a_currency_that_no_source_has_for_a_month_leaves_the_set(feed: Feed) -> None:
    refresh_rates()
    with shifted(days=36):
        feed.ecb(GOOD.replace("MXN", "XTS").replace(f"{today() - timedelta(days=36)}", f"{today()}"))
        refresh_rates()
        assert set(RateSet.objects.latest("pk").rates.values_list("currency", flat=True)) >= {"INR"}
        assert not RateSet.objects.latest("pk").rates.filter(currency="MXN").exists()


@pytest.mark.django_db(transaction=True)
def test_two_processes_do_not_fetch_at_once(feed: Feed) -> None:
    holds, done = threading.Event(), threading.Event()

    def other() -> None:
        with singleton("refresh rates") as alone:
            assert alone
            holds.set()
            done.wait(10)
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    assert holds.wait(10)
    assert refresh_rates() is None
    assert feed.asked == []
    done.set()
    thread.join()
    assert refresh_rates() is not None
