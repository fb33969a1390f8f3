"""Every kind of nonsense, from every provider that is asked over the network: refused, and the last good rates stay."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from ipaddress import IPv4Address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django import Settings

from fx.models import RateFetch, RateSet
from fx.providers import http
from fx.providers.base import BadRates
from fx.providers.registry import load
from fx.services import current_rates, refresh_rates
from marketplace.lib.clock import now, today
from tests.fx.feeds import (
    FIAT,
    PER_DOLLAR,
    Feed,
    coinbase_json,
    ecb_xml,
    frankfurter_json,
    kraken_json,
    openexchangerates_json,
    served,
)

pytestmark = pytest.mark.django_db
AHEAD = timedelta(days=2)
XBT, USDC = "/0/public/Ticker?pair=XBTEUR", "/0/public/Ticker?pair=USDCEUR"


@dataclass(frozen=True)
class Far:
    """One provider: its good pages, and how a rate, its base and its time are written in them."""

    pages: Callable[[], dict[str, bytes]]
    number: bytes  # as it stands in each page, to be replaced by another
    quoted: bool  # numbers are in quotes
    base: tuple[bytes, bytes] | None  # what to replace so that the rates are of something else
    says: str  # then
    ahead: Callable[[], dict[str, bytes]] | None  # the same from the future
    twice: tuple[bytes, bytes]  # what to replace so that something is said twice
    lacks: tuple[bytes, bytes]  # what to replace so that one currency is missing
    missing: str  # that currency


def ecb() -> dict[str, bytes]:
    return {"/ecb.xml": ecb_xml(FIAT).encode()}


def frankfurter() -> dict[str, bytes]:
    return {"/v1/latest?base=EUR": frankfurter_json(FIAT)}


def dollars() -> dict[str, bytes]:
    return {"/latest.json": openexchangerates_json(PER_DOLLAR, now())}


def kraken() -> dict[str, bytes]:
    return {XBT: kraken_json("XXBTZEUR", "0.89500", "0.89500"), USDC: kraken_json("USDCEUR", "0.89500", "0.89500")}


def coinbase() -> dict[str, bytes]:
    page = coinbase_json("0.89500", "0.89500", now())
    return {"/products/BTC-EUR/ticker": page, "/products/USDC-EUR/ticker": page}


FARS = {
    "ecb": Far(
        ecb,
        b"106.0840",
        quoted=True,
        base=(b"'USD'", b"'EUR'"),
        says="'EUR' against the euro makes no sense",
        ahead=lambda: {"/ecb.xml": ecb_xml(FIAT, day=f"{today() + AHEAD}").encode()},
        twice=(b"'JPY'", b"'USD'"),
        lacks=(b"<Cube currency='INR' rate='106.0840'/>", b""),
        missing="INR",
    ),
    "frankfurter": Far(
        frankfurter,
        b"106.0840",
        quoted=False,
        base=(b'"base":"EUR"', b'"base":"USD"'),
        says="has rates per 'USD' instead of per 'EUR'",
        ahead=lambda: {"/v1/latest?base=EUR": frankfurter_json(FIAT, day=f"{today() + AHEAD}")},
        twice=(b'"JPY"', b'"USD"'),
        lacks=(b'"INR":106.0840,', b""),
        missing="INR",
    ),
    "openexchangerates": Far(
        dollars,
        b"94.955246",
        quoted=False,
        base=(b'"base": "USD"', b'"base": "EUR"'),
        says="has rates per 'EUR' instead of per 'USD'",
        ahead=lambda: {"/latest.json": openexchangerates_json(PER_DOLLAR, now() + AHEAD)},
        twice=(b'"JPY"', b'"USD"'),
        lacks=(b'"INR": 94.955246,', b""),
        missing="INR",
    ),
    "kraken": Far(
        kraken,
        b"0.89500",
        quoted=True,
        base=(b"EUR", b"USD"),
        says="has no bid and ask of XXBTZEUR",
        ahead=None,  # it names no time: see below
        twice=(b'"b":', b'"a":'),
        lacks=(b"XXBTZEUR", b"XETHZEUR"),
        missing="BTC",
    ),
    "coinbase": Far(
        coinbase,
        b"0.89500",
        quoted=True,
        base=None,  # its page names no currency: see below
        says="",
        ahead=lambda: dict.fromkeys(coinbase(), coinbase_json("0.89500", "0.89500", now() + AHEAD)),
        twice=(b'"bid"', b'"ask"'),
        lacks=(b"BTC", b""),
        missing="BTC",
    ),
}
Spoil = Callable[[Far], dict[str, bytes]]


def swap(old: bytes, new: bytes) -> Spoil:
    return lambda far: {path: page.replace(old, new) for path, page in far.pages().items()}


def number(text: bytes) -> Spoil:
    return lambda far: swap(far.number, text)(far)


def body(page: bytes) -> Spoil:
    return lambda far: dict.fromkeys(far.pages(), page)


def half(far: Far) -> dict[str, bytes]:
    return {path: page[: len(page) // 2] for path, page in far.pages().items()}


def utf16(far: Far) -> dict[str, bytes]:
    return {path: page.decode().encode("utf-16") for path, page in far.pages().items()}


def huge(far: Far) -> dict[str, bytes]:
    return {path: page + b" " * http.MAX_BYTES for path, page in far.pages().items()}


NOT_READ = "is not the (XML|JSON) it should be"
NO_NUMBER = "is not a positive number"
KINDS: dict[str, tuple[Spoil, str]] = {
    "truncated": (half, NOT_READ),
    "a web page": (body(b"<!doctype html><title>Maintenance<p>Sorry"), NOT_READ),
    "NaN": (number(b"NaN"), f"{NO_NUMBER}|{NOT_READ}"),
    "Infinity": (number(b"Infinity"), f"{NO_NUMBER}|{NOT_READ}"),
    "1e300": (number(b"1e300"), NO_NUMBER),
    "300 digits": (number(b"9" * 300), NO_NUMBER),
    "negative": (number(b"-1.5"), NO_NUMBER),
    "zero": (number(b"0"), NO_NUMBER),
    "zero with decimals": (number(b"0.0000"), NO_NUMBER),
    "a comma": (number(b"1,5"), f"{NO_NUMBER}|{NOT_READ}"),
    "another alphabet's digits": (number("١٫٥".encode()), f"{NO_NUMBER}|{NOT_READ}"),
    "huge": (huge, "sent more than 262144 bytes"),
    "another charset": (utf16, NOT_READ),
    "bytes that are no text": (body(b"\xff\xfe\x00\xd8"), NOT_READ),
    "empty": (body(b""), NOT_READ),
    "blank": (body(b"  \n "), NOT_READ),
    "nested without end": (body(b"[" * 50_000), NOT_READ),
}


@pytest.fixture(params=FARS, autouse=True)
def name(request: pytest.FixtureRequest, feed: Feed, settings: Settings) -> str:
    """Good rates of this provider are stored, with a second market where it is one; then comes the test."""
    found: str = request.param
    other = {"kraken": ["coinbase"], "coinbase": ["kraken"]}.get(found, [])
    settings.RATE_PROVIDERS = [found, *other]
    settings.OPENEXCHANGERATES_APP_ID = "0123456789abcdef0123456789abcdef"
    feed.frankfurter()
    feed.openexchangerates()
    assert refresh_rates() is not None
    return found


def refused(feed: Feed, name: str, pages: dict[str, bytes | int], complaint: str) -> None:
    """`fetch` says why; a sweep writes it down and leaves the provider's last good rates as they were."""
    before = current_rates()
    feed.pages.update(pages)
    with pytest.raises(BadRates, match=complaint):
        load(name).fetch()
    refresh_rates(force=True)
    after = current_rates()
    assert (after.per_eur, after.as_of, after.source) == (before.per_eur, before.as_of, before.source)
    visit = RateFetch.objects.filter(provider=name).latest("at")
    assert visit.ok is False
    assert visit.error


@pytest.mark.parametrize("kind", KINDS)
def test_garbage_is_refused_whole(feed: Feed, name: str, kind: str) -> None:
    spoil, complaint = KINDS[kind]
    refused(feed, name, dict(spoil(FARS[name])), complaint)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 204, 401, 404, 429, 500, 503])
def test_any_answer_but_200_is_refused_and_no_redirect_is_followed(feed: Feed, name: str, status: int) -> None:
    refused(feed, name, dict.fromkeys(FARS[name].pages(), status), f"answered {status}")
    assert "/elsewhere" not in feed.asked


def test_a_page_that_drips_is_given_up_in_time(feed: Feed, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "SECONDS", 0.2)
    feed.drip = 0.15
    with pytest.raises(BadRates, match="took too long|timed out"):
        load(name).fetch()


def test_a_page_that_breaks_off_is_refused_even_when_it_would_parse(feed: Feed, name: str) -> None:
    feed.cut = 20
    pages = {path: page + b"\n" * 20 for path, page in FARS[name].pages().items()}
    feed.pages.update(pages)
    with pytest.raises(BadRates, match="was cut off"):
        load(name).fetch()


def test_something_said_twice_is_refused(feed: Feed, name: str) -> None:
    refused(feed, name, dict(swap(*FARS[name].twice)(FARS[name])), "has .* twice")


def test_rates_of_another_currency_are_refused(feed: Feed, name: str) -> None:
    """Coinbase's page names no currency: there another money's price contradicts the other market instead."""
    far = FARS[name]
    if far.base is not None:
        refused(feed, name, dict(swap(*far.base)(far)), far.says)
        return
    feed.coinbase(BTC=("106134", "106134.1"))  # in dollars
    refresh_rates(force=True)
    assert "BTC" not in current_rates()
    assert "USDC" in current_rates()


def test_rates_from_the_future_are_refused(feed: Feed, name: str) -> None:
    """Kraken's page names no time and its header's is never taken to be later than now."""
    far = FARS[name]
    if far.ahead is not None:
        refused(feed, name, dict(far.ahead()), "yet to come")
        return
    feed.sent_at = now() + AHEAD
    assert all(reading.as_of <= now() for reading in load(name).fetch().readings)


def test_a_currency_that_is_missing_is_not_guessed_and_the_others_count(feed: Feed, name: str) -> None:
    far = FARS[name]
    before = current_rates()
    spoilt = dict(swap(*far.lacks)(far))
    if name == "coinbase":
        spoilt = {"/products/BTC-EUR/ticker": b'{"message":"NotFound"}'}
    feed.pages.update({path: page for path, page in spoilt.items() if path != USDC})
    found = [reading.currency for reading in load(name).fetch().readings]
    assert far.missing not in found
    assert found
    refresh_rates(force=True)
    after = current_rates()
    assert after.per_eur[far.missing] == before.per_eur[far.missing]
    assert after.as_of[far.missing] == before.as_of[far.missing]


Change = Callable[[Decimal], Decimal]
FAR_OFF: dict[str, Change] = {"upside down": lambda rate: 1 / rate, "times a hundred": lambda rate: rate * 100}


def changed(rates: dict[str, str], change: Change) -> dict[str, str]:
    return {code: f"{change(Decimal(rate)):.10f}" for code, rate in rates.items()}


def far_off(feed: Feed, change: Change) -> None:
    """What every provider says now; the markets agree with each other."""
    feed.ecb(**changed(FIAT, change))
    feed.frankfurter(frankfurter_json(changed(FIAT, change)))
    dollar = {code: rate for code, rate in PER_DOLLAR.items() if code != "USD"}
    feed.openexchangerates(openexchangerates_json(changed(dollar, change) | {"USD": "1"}, now()))
    price = f"{change(Decimal(95_000)):.10f}"
    feed.kraken(XBTEUR=(price, price))
    feed.coinbase(BTC=(price, price))


@pytest.mark.parametrize("how", FAR_OFF)
def test_rates_that_are_far_off_wait_for_a_person_and_the_last_good_ones_stay(feed: Feed, name: str, how: str) -> None:
    """They are numbers, so only the step from the last ones says that they cannot be."""
    before = current_rates()
    far_off(feed, FAR_OFF[how])
    refresh_rates(force=True)
    assert RateSet.objects.filter(state=RateSet.State.HELD).count() == 1
    assert current_rates().per_eur == before.per_eur


@pytest.fixture(scope="module")
def unknown(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A certificate that nobody has vouched for."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    begun = datetime.now(UTC) - timedelta(days=1)
    made = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(begun).not_valid_after(begun + timedelta(days=9))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    file.write_bytes(secret + made.sign(key, hashes.SHA256()).public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_a_server_that_nobody_vouches_for_is_not_listened_to(
    feed: Feed, name: str, settings: Settings, unknown: ssl.SSLContext
) -> None:
    before = current_rates()
    with served(unknown) as other:
        other.pages.update(FARS[name].pages())
        settings.RATE_URLS = other.addresses()
        with pytest.raises(BadRates, match="could not be read.*CERTIFICATE_VERIFY_FAILED"):
            load(name).fetch()
        refresh_rates(force=True)
        assert other.asked == []
    assert current_rates().per_eur == before.per_eur
    assert RateFetch.objects.filter(provider=name).latest("at").ok is False
