"""The far end of the rate providers: a loopback server that says what a test wants, in the published formats."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from marketplace.lib.clock import now, today

FIAT = {"USD": "1.1172", "JPY": "175.68", "GBP": "0.83380", "INR": "106.0840", "MXN": "21.1237"}
PER_DOLLAR = {
    "AED": "3.673",
    "BTC": "0.0000093986",  # a coin of an aggregator: never used
    "EUR": "0.895095",
    "GBP": "0.746330",
    "INR": "94.955246",
    "JPY": "157.25026853",
    "KWD": "0.307555",
    "MXN": "18.907716",
    "USD": "1",
}
KRAKEN_PAIRS = {"XBTEUR": "XXBTZEUR", "USDCEUR": "USDCEUR"}


@dataclass
class Feed:
    """What is said at each path: bytes, or a number for a bare status; `drip` seconds between its bytes."""

    pages: dict[str, bytes | int] = field(default_factory=dict)
    sent_at: datetime | None = None
    drip: float = 0
    headers: dict[str, str] = field(default_factory=dict)  # beside those of each answer that is no page
    cut: int = 0  # bytes of the body that never come
    asked: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)  # what the Authorization header said, each time
    url: str = ""

    def ecb(self, body: bytes | str | None = None, **rates: str) -> None:
        text = ecb_xml({**FIAT, **rates}) if body is None else body
        self.pages["/ecb.xml"] = text if isinstance(text, bytes) else text.encode()

    def history(self, days: Mapping[str, Mapping[str, str]] | bytes) -> None:
        self.pages["/ecb-90d.xml"] = days if isinstance(days, bytes) else ecb_days(days).encode()

    def kraken(self, **prices: tuple[str, str]) -> None:
        """`XBTEUR=(bid, ask)`"""
        for pair, (bid, ask) in prices.items():
            self.pages[f"/0/public/Ticker?pair={pair}"] = kraken_json(KRAKEN_PAIRS[pair], bid, ask)

    def coinbase(self, *, at: datetime | None = None, **prices: tuple[str, str]) -> None:
        """`BTC=(bid, ask)`"""
        for coin, (bid, ask) in prices.items():
            self.pages[f"/products/{coin}-EUR/ticker"] = coinbase_json(bid, ask, at or now())

    def market(self, btc: int, *, coinbase: int | None = None) -> None:
        """Both markets at about `btc` euros for a bitcoin and 0.895 for a dollar coin."""
        other = btc if coinbase is None else coinbase
        self.kraken(XBTEUR=(f"{btc}.00000", f"{btc}.10000"), USDCEUR=("0.89500", "0.89510"))
        self.coinbase(BTC=(f"{other}", f"{other}.1"), USDC=("0.895", "0.8951"))

    def frankfurter(self, body: bytes | None = None, **rates: str) -> None:
        self.pages["/v1/latest?base=EUR"] = frankfurter_json({**FIAT, **rates}) if body is None else body

    def openexchangerates(self, body: bytes | None = None, *, at: datetime | None = None, **rates: str) -> None:
        found = openexchangerates_json({**PER_DOLLAR, **rates}, at or now()) if body is None else body
        self.pages["/latest.json"] = found

    def addresses(self) -> dict[str, str]:
        names = ("frankfurter", "openexchangerates", "kraken", "coinbase")
        files = {"ecb": f"{self.url}/ecb.xml", "ecb_history": f"{self.url}/ecb-90d.xml"}
        return {**files, **dict.fromkeys(names, self.url)}


def ecb_xml(rates: Mapping[str, str], day: str = "") -> str:
    return ecb_days({day or f"{today()}": rates})


def ecb_days(days: Mapping[str, Mapping[str, str]]) -> str:
    """`eurofxref-daily.xml` with one day, `eurofxref-hist-90d.xml` with more."""
    cubes = "\n".join(_ecb_day(day, rates) for day, rates in days.items())
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
\t<gesmes:subject>Reference rates</gesmes:subject>
\t<gesmes:Sender>
\t\t<gesmes:name>European Central Bank</gesmes:name>
\t</gesmes:Sender>
\t<Cube>
{cubes}
\t</Cube>
</gesmes:Envelope>"""


def _ecb_day(day: str, rates: Mapping[str, str]) -> str:
    cubes = "\n".join(f"\t\t\t<Cube currency='{code}' rate='{rate}'/>" for code, rate in rates.items())
    return f"\t\t<Cube time='{day}'>\n{cubes}\n\t\t</Cube>"


def frankfurter_json(rates: Mapping[str, str], day: str = "") -> bytes:
    """As https://api.frankfurter.dev/v1/latest says it: numbers, in one line."""
    table = ",".join(f'"{code}":{rate}' for code, rate in rates.items())
    return f'{{"amount":1.0,"base":"EUR","date":"{day or today()}","rates":{{{table}}}}}'.encode()


def openexchangerates_json(rates: Mapping[str, str], at: datetime) -> bytes:
    """As https://openexchangerates.org/api/latest.json says it."""
    table = ",\n".join(f'    "{code}": {rate}' for code, rate in rates.items())
    return f"""{{
  "disclaimer": "Usage subject to terms: https://openexchangerates.org/terms",
  "license": "https://openexchangerates.org/license",
  "timestamp": {int(at.timestamp())},
  "base": "USD",
  "rates": {{
{table}
  }}
}}""".encode()


def kraken_json(pair: str, bid: str, ask: str) -> bytes:
    ticker = {
        "a": [ask, "1", "1.000"],
        "b": [bid, "2", "2.000"],
        "c": [bid, "0.00230000"],
        "v": ["403.52861512", "1214.78437566"],
        "p": [bid, ask],
        "t": [8853, 16464],
        "l": [bid, bid],
        "h": [ask, ask],
        "o": bid,
    }
    return json.dumps({"error": [], "result": {pair: ticker}}).encode()


def coinbase_json(bid: str, ask: str, at: datetime) -> bytes:
    return json.dumps(
        {
            "ask": ask,
            "bid": bid,
            "volume": "1214.78437566",
            "trade_id": 71234567,
            "price": bid,
            "size": "0.00230000",
            "time": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "rfq_volume": "3.120000",
        }
    ).encode()


@contextmanager
def served(tls: ssl.SSLContext | None = None) -> Iterator[Feed]:
    feed = Feed()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(feed))
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    feed.url = f"http{'' if tls is None else 's'}://127.0.0.1:{server.server_port}"
    try:
        yield feed
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(feed: Feed) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            feed.asked.append(self.path)
            feed.tokens.append(self.headers.get("Authorization", ""))
            said = feed.pages.get(self.path, 404)
            status, body = (said, b"") if isinstance(said, int) else (200, said)
            self.send_response_only(status)
            self.send_header("Date", format_datetime(feed.sent_at or now(), usegmt=True))
            self.send_header("Location", "/elsewhere")
            for name, value in feed.headers.items() if isinstance(said, int) else ():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self._say(body)

        def _say(self, body: bytes) -> None:
            try:
                step = 50 if feed.drip else max(1, len(body))
                for start in range(0, len(body) - feed.cut, step):
                    self.wfile.write(body[start : min(start + step, len(body) - feed.cut)])
                    time.sleep(feed.drip)
            except OSError:
                pass  # the client gave up, as it should

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
