from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pytest_django import Settings

from fx.providers import embedded, http
from fx.providers.base import BadRates, RateProvider
from fx.providers.coinbase import CoinbaseRates
from fx.providers.demo import DemoRates
from fx.providers.ecb import EcbRates
from fx.providers.embedded import EmbeddedRates
from fx.providers.kraken import KrakenRates
from marketplace.lib.clock import now, today
from tests.fx.feeds import FIAT, Feed, coinbase_json, ecb_xml, kraken_json

XBT, BTC = "/0/public/Ticker?pair=XBTEUR", "/products/BTC-EUR/ticker"


def rates(provider: RateProvider) -> dict[str, Decimal]:
    return {reading.currency: reading.per_eur for reading in provider.fetch().readings}


def test_the_ecb_file_is_read_to_the_digit(feed: Feed) -> None:
    feed.ecb(ecb_xml(FIAT, day="2026-10-30"))
    reply = EcbRates().fetch()
    assert {reading.currency: reading.per_eur for reading in reply.readings} == {
        code: Decimal(rate) for code, rate in FIAT.items()
    }
    assert {reading.as_of for reading in reply.readings} == {datetime(2026, 10, 30, 15, tzinfo=UTC)}


def test_an_ecb_currency_that_we_do_not_know_is_left_out(feed: Feed) -> None:
    feed.ecb(ecb_xml({**FIAT, "XTS": "3.5"}))
    assert rates(EcbRates()).keys() == FIAT.keys()


def test_rates_of_today_are_never_from_the_future(feed: Feed) -> None:
    assert all(reading.as_of <= now() for reading in EcbRates().fetch().readings)


GOOD = ecb_xml(FIAT)
BOMB = GOOD.replace("?>", '?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>').replace("1.1172", "&b;")


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (GOOD.replace("1.1172", "0"), "USD: '0' is not a positive number"),
        (GOOD.replace("1.1172", "0.000"), "not a positive number"),
        (GOOD.replace("1.1172", "-1.1172"), "not a positive number"),
        (GOOD.replace("1.1172", "NaN"), "not a positive number"),
        (GOOD.replace("1.1172", "Infinity"), "not a positive number"),
        (GOOD.replace("1.1172", "1e300"), "not a positive number"),
        (GOOD.replace("1.1172", "9" * 300), "not a positive number"),
        (GOOD.replace("1.1172", "1,1172"), "not a positive number"),
        (GOOD.replace("1.1172", "١٫١"), "not a positive number"),
        (GOOD.replace("1.1172", ""), "not a positive number"),
        (GOOD.replace(" rate='1.1172'", ""), "not a positive number"),
        (GOOD.replace("'JPY'", "'USD'"), "has USD twice"),
        (GOOD.replace("'JPY'", "'EUR'"), "'EUR' against the euro makes no sense"),
        (ecb_xml({}), "has no rates"),
        (ecb_xml(FIAT, day="yesterday"), "'yesterday' is not a day"),
        (ecb_xml(FIAT, day=f"{today() + timedelta(days=2)}"), "yet to come"),
        (GOOD.replace("<Cube time", "<Cube when"), "has 0 days"),
        (GOOD[: len(GOOD) // 2], "is not the XML"),
        ("<html><body>Maintenance</body></html>", "has 0 days"),
        ("<!doctype html><p>Sorry", "is not the XML"),
        (BOMB, "is not the XML"),
        ('{"rates": {}}', "is not the XML"),
        ("", "is not the XML"),
        (b"\xff\xfe\x00\xd8", "is not the XML"),
        (b"<?xml version='1.0' encoding='no-such'?><a/>", "is not the XML"),
    ],
)
def test_a_garbled_ecb_file_is_refused_whole(feed: Feed, body: bytes | str, complaint: str) -> None:
    feed.ecb(body)
    with pytest.raises(BadRates, match=complaint):
        EcbRates().fetch()


def test_a_market_price_becomes_units_per_euro_at_the_middle(feed: Feed) -> None:
    feed.kraken(XBTEUR=("94999.90000", "95000.10000"))
    feed.coinbase(BTC=("95000", "95000"))
    assert rates(KrakenRates())["BTC"] == rates(CoinbaseRates())["BTC"] == Decimal("0.000010526315789474")
    assert rates(KrakenRates())["USDC"] == Decimal("1.117256019216803531")


def test_kraken_is_as_old_as_its_reply_and_coinbase_as_its_last_trade(feed: Feed) -> None:
    feed.sent_at = now().replace(microsecond=0) - timedelta(seconds=70)
    traded = now() - timedelta(seconds=50)
    feed.coinbase(at=traded, BTC=("95000", "95001"))
    assert KrakenRates().fetch().readings[0].as_of == feed.sent_at
    assert CoinbaseRates().fetch().readings[0].as_of == traded


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (kraken_json("XXBTZEUR", "0", "0"), "bid: '0' is not a positive number"),
        (kraken_json("XXBTZEUR", "-1", "1"), "not a positive number"),
        (kraken_json("XXBTZEUR", "NaN", "1"), "not a positive number"),
        (kraken_json("XXBTZEUR", "1e300", "1e300"), "not a positive number"),
        (kraken_json("XXBTZEUR", "95001.0", "95000.0"), "bid 95001.0 is above ask 95000.0"),
        (kraken_json("XXBTZEUR", "90000.0", "95000.0"), "basis points apart"),
        (kraken_json("XXBTZUSD", "95000.0", "95000.1"), "has no bid and ask of XXBTZEUR"),
        (b'{"error":["EQuery:Unknown asset pair"]}', "Unknown asset pair"),
        (b'{"error":[],"result":{"XXBTZEUR":{"a":[],"b":[]}}}', "has no bid and ask"),
        (b'{"error":[],"result":{"XXBTZEUR":{"a":null,"b":null}}}', "has no bid and ask"),
        (b'{"error":[],"result":[]}', "has no bid and ask"),
        (b'{"error":[],"result":{"XXBTZEUR":{"a":[NaN],"b":[1]}}}', "not the JSON"),
        (b'{"error":[],"result":{"XXBTZEUR":{"a":["9', "not the JSON"),
        (b"[" * 50_000, "not the JSON"),
        (b"[]", "not a JSON object"),
        (b"<html>", "not the JSON"),
        (b"\xff", "not the JSON"),
        (b"", "not the JSON"),
    ],
)
def test_a_garbled_kraken_ticker_is_a_problem_of_its_pair_alone(feed: Feed, body: bytes, complaint: str) -> None:
    feed.pages[XBT] = body
    reply = KrakenRates().fetch()
    assert [reading.currency for reading in reply.readings] == ["USDC"]
    assert complaint in reply.problems[0]
    feed.pages["/0/public/Ticker?pair=USDCEUR"] = 500
    with pytest.raises(BadRates, match="answered 500"):
        KrakenRates().fetch()


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (coinbase_json("0", "0", now()), "not a positive number"),
        (coinbase_json("95001", "95000", now()), "is above ask"),
        (coinbase_json("95000", "95001", now() + timedelta(hours=1)), "yet to come"),
        (coinbase_json("95000", "95001", now()).replace(b"Z", b""), "is not a time with a zone"),
        (b'{"bid":"1","ask":"1","time":1700000000}', "is not a time with a zone"),
        (b'{"bid":null,"ask":"1","time":"2026-11-22T03:50:51Z"}', "bid: 'None' is not a positive number"),
        (b'{"message":"NotFound"}', "is not a time with a zone"),
        (b"[]", "not a JSON object"),
    ],
    ids=range(8),  # several processes have to call it the same, at whatever time
)
def test_a_garbled_coinbase_ticker_is_a_problem_of_its_pair_alone(feed: Feed, body: bytes, complaint: str) -> None:
    feed.pages[BTC] = body
    reply = CoinbaseRates().fetch()
    assert [reading.currency for reading in reply.readings] == ["USDC"]
    assert complaint in reply.problems[0]


@pytest.mark.parametrize(("status", "said"), [(500, "answered 500"), (404, "answered 404"), (302, "answered 302")])
def test_any_answer_but_200_is_refused_and_no_redirect_is_followed(feed: Feed, status: int, said: str) -> None:
    feed.pages["/ecb.xml"] = status
    with pytest.raises(BadRates, match=said):
        EcbRates().fetch()
    assert feed.asked == ["/ecb.xml"]


def test_a_page_that_drips_is_given_up_in_time(feed: Feed) -> None:
    feed.drip = 0.1
    begun = datetime.now(UTC)
    with pytest.raises(BadRates, match="took too long"):
        http.get(f"{feed.url}/ecb.xml", seconds=0.25)
    assert datetime.now(UTC) - begun < timedelta(seconds=1)


def test_a_page_that_breaks_off_is_refused_even_when_it_would_parse(feed: Feed) -> None:
    feed.ecb(GOOD + "\n" * 40)
    feed.cut = 40
    with pytest.raises(BadRates, match="was cut off"):
        EcbRates().fetch()


def test_a_page_without_end_is_cut_off(feed: Feed) -> None:
    feed.pages["/ecb.xml"] = b" " * (http.MAX_BYTES + 1)
    with pytest.raises(BadRates, match="sent more than 262144 bytes"):
        EcbRates().fetch()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://x", ""])
def test_only_http_addresses_are_read(url: str) -> None:
    with pytest.raises(BadRates, match="is not an http address"):
        http.get(url)


def test_nobody_listening_is_a_plain_problem(feed: Feed, settings: Settings) -> None:
    settings.RATE_URLS = {"ecb": "http://127.0.0.1:1/"}
    with pytest.raises(BadRates, match="could not be read"):
        EcbRates().fetch()


def test_the_embedded_file_is_the_newest_day_of_the_package() -> None:
    readings = {reading.currency: reading for reading in EmbeddedRates().fetch().readings}
    assert readings["INR"].per_eur > 50
    assert len(readings) > 25
    assert "HRK" not in readings  # N/A since Croatia has the euro
    assert {reading.as_of.hour for reading in readings.values()} == {15}


HEADER = "Date,USD,INR,\n"
ROW = "2026-10-30,1.1172,106.084,\n"


def packed(text: str, *, encoding: str = "ascii") -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("eurofxref-hist.csv"), text.encode(encoding), zipfile.ZIP_DEFLATED)
    return whole.getvalue()


def empty() -> bytes:
    whole = io.BytesIO()
    zipfile.ZipFile(whole, "w").close()
    return whole.getvalue()


def damaged() -> bytes:
    """Its member's bytes are no deflated ones any more."""
    found = bytearray(packed(HEADER + ROW * 50))
    found[60:70] = b"\xff" * 10
    return bytes(found)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (packed(HEADER + ROW.replace("1.1172", "0")), "USD: '0' is not a positive number"),
        (packed(HEADER + ROW.replace("1.1172", "-1.1172")), "not a positive number"),
        (packed(HEADER + ROW.replace("1.1172", "NaN")), "not a positive number"),
        (packed(HEADER + ROW.replace("1.1172", "Infinity")), "not a positive number"),
        (packed(HEADER + ROW.replace("1.1172", "1e300")), "not a positive number"),
        (packed(HEADER + ROW.replace("1.1172", "9" * 300)), "not a positive number"),
        (packed(HEADER + ROW.replace("1.1172", "")), "not a positive number"),
        (packed(HEADER + ROW.replace("1.1172", "1,1172")), "is unreadable"),
        (packed(HEADER + ROW.replace("1.1172", "x" * 200_000)), "is unreadable"),
        (packed(HEADER + ROW.replace("1.1172", "١٫١"), encoding="utf-8"), "is unreadable"),
        (packed(HEADER.replace("INR", "USD") + ROW), "has USD twice"),
        (packed(HEADER + ROW.replace("2026-10-30", "2126-10-30")), "yet to come"),
        (packed(HEADER + ROW.replace("2026-10-30", "yesterday")), "is not a day"),
        (packed(HEADER + "\n" + ROW), "is unreadable"),
        (packed(HEADER), "has no day"),
        (packed(""), "is unreadable"),
        (packed(HEADER + ROW)[:-40], "is unreadable"),
        (damaged(), "is unreadable"),
        (empty(), "is unreadable"),
        (b"<html>", "is unreadable"),
        (b"", "is unreadable"),
        (None, "is unreadable"),
    ],
)
def test_a_garbled_embedded_file_is_refused_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, complaint: str
) -> None:
    if content is not None:
        (tmp_path / "eurofxref-hist.zip").write_bytes(content)
    monkeypatch.setattr(embedded, "files", lambda package: tmp_path)
    with pytest.raises(BadRates, match=complaint):
        EmbeddedRates().fetch()


def test_embedded_rates_age_like_others_unless_the_sandbox_allows_them(settings: Settings) -> None:
    assert EmbeddedRates().max_age is None
    settings.FX_ALLOW_EMBEDDED = False
    assert EmbeddedRates().max_age == timedelta(hours=120)
    settings.FX_ALLOW_EMBEDDED, settings.SANDBOX = True, False
    assert EmbeddedRates().max_age == timedelta(hours=120)


def test_demo_rates_have_bitcoin_and_say_what_they_are() -> None:
    assert rates(DemoRates())["BTC"] == Decimal("0.0000105")
    assert "not a market price" in DemoRates().label
