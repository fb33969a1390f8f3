"""Zwin on this machine: its API, its page and its webhooks over HTTP, with a memory of its own.

`python zwin_double.py 9100` runs it by hand; tests start `Double()` on a free port and move it by its methods.
"""

from __future__ import annotations

import datetime as dt
import html
import json
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from entrepot_zwin.signature import sign

from payments.processors import Money, now

Obj = dict[str, Any]
API_KEY, WEBHOOK_SECRET = "zk_test_sample", "zs_test_sample"
FIXED = {"EUR": "0.25", "DKK": "2.00", "NOK": "3.00", "SEK": "3.00", "ISK": "40"}
Deliver = Callable[[bytes, dict[str, str]], int]


@dataclass
class Double:
    """`lose` answers are lost after the work; `busy` ones are 503 before it. While it is `slow`, a confirmed payment is
    processing until `finish`, and refunds stay pending until `finish_refund`."""

    port: int = 0
    lose: int = 0
    busy: int = 0
    broken: int = 0  # so many answers are 500 after the work
    slow: bool = False
    things: dict[str, Obj] = field(default_factory=dict)
    lines: list[Obj] = field(default_factory=list)
    events: list[Obj] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def start(self) -> Double:
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), type("Handler", (Handler,), {"double": self}))
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def config(self) -> dict[str, str]:
        """What `settings.PROCESSORS["zwin"]` has to be to talk to it."""
        return {"api_key": API_KEY, "webhook_secret": WEBHOOK_SECRET, "api_url": self.url, "timeout": "5"}

    # --- what people do ---------------------------------------------------------------------------

    def confirm(self, ref: str) -> None:
        """The buyer confirms in the app of their bank."""
        with self.lock:
            payment = self.things[ref]
            self._expire(payment)
            if payment["status"] not in {"open", "declined"}:
                return
            self._move(payment, "processing")
            if not self.slow:
                self.finish(ref)

    def finish(self, ref: str) -> None:
        """The bank's word has come: the money is Zwin's, and so ours but for the fee."""
        with self.lock:
            payment = self.things[ref]
            if payment["status"] == "processing":
                payment["done_at"], payment["reason"] = now().isoformat(), None
                self._book("charge", ref, payment["amount"], payment["fee"], payment["currency"])
                self._move(payment, "paid")

    def decline(self, ref: str, reason: str = "insufficient_funds") -> None:
        with self.lock:
            self.things[ref]["reason"] = reason
            self._move(self.things[ref], "declined")

    def expire(self, ref: str) -> None:
        with self.lock:
            self._move(self.things[ref], "expired")

    def finish_refund(self, ref: str, *, sent: bool = True) -> None:
        with self.lock:
            refund = self.things[ref]
            if sent:
                refund["done_at"] = now().isoformat()
                self._book("refund", ref, f"-{refund['amount']}", _zero(refund["currency"]), refund["currency"])
            self._move(refund, "sent" if sent else "failed")

    def settle(self, currency: str) -> str:
        """All that is on our balance in a currency goes to our bank."""
        with self.lock:
            net = sum(
                Decimal(line["amount"]) - Decimal(line["fee"]) for line in self.lines if line["currency"] == currency
            )
            made = self._new("settlement", amount=str(net), currency=currency, status="sent", key=None)
            made["done_at"] = now().isoformat()
            self._book("payout", made["id"], f"-{net}", _zero(currency), currency)
            self._tell(made)
            return str(made["id"])

    def of_kind(self, kind: str) -> list[Obj]:
        return [thing for thing in self.things.values() if thing["kind"] == kind]

    # --- webhooks ---------------------------------------------------------------------------------

    def signed(self, event: Obj) -> tuple[bytes, dict[str, str]]:
        body, at = json.dumps(event).encode(), int(now().timestamp())
        return body, {"Zwin-Signature": f"t={at},v1={sign(body, at, WEBHOOK_SECRET)}"}

    def deliver(self, post: Deliver, *, times: int = 1, backwards: bool = False) -> list[int]:
        """Post what waits; what is not answered by 200 waits on."""
        with self.lock:
            waiting = list(reversed(self.events)) if backwards else list(self.events)
        answers = []
        for event in waiting:
            given = [post(*self.signed(event)) for _ in range(times)]
            answers += given
            if given[-1] == 200:
                self.events.remove(event)
        return answers

    # --- the API ----------------------------------------------------------------------------------

    def create(self, asked: Obj) -> tuple[int, Obj]:
        money = Money.parse(asked["amount"], asked["currency"])
        if money.currency not in FIXED:
            return 422, {"error": f"{money.currency} is not taken"}
        made, status = self._once("payment", asked["key"], asked["amount"], asked["currency"])
        if status == 201:
            share = (money.decimal * Decimal("0.006")).quantize(Decimal(_zero(money.currency)), "ROUND_CEILING")
            made |= {
                "status": "open",
                "fee": str(share + Decimal(FIXED[money.currency])),
                "page": f"{self.url}/pay/{made['id']}",
            }
            made |= {
                "reference": asked["reference"],
                "return_url": asked["return_url"],
                "expires_at": asked["expires_at"],
            }
        return status, made

    def refund(self, ref: str, asked: Obj) -> tuple[int, Obj]:
        payment = self.things.get(ref)
        if payment is None:
            return 404, {"error": "no such payment"}
        if known := self._of_key("refund", asked["key"]):
            same = (known["amount"], known["currency"]) == (asked["amount"], asked["currency"])
            return (200, known) if same else (409, {"error": "this key was used for another refund"})
        gone = sum(Decimal(r["amount"]) for r in self.of_kind("refund") if r["of"] == ref and r["status"] != "failed")
        if payment["status"] != "paid" or asked["currency"] != payment["currency"]:
            return 422, {"error": f"the payment is {payment['status']} in {payment['currency']}"}
        if gone + Decimal(asked["amount"]) > Decimal(payment["amount"]):
            return 422, {"error": "more than was paid"}
        made, status = self._once("refund", asked["key"], asked["amount"], asked["currency"])
        made |= {"of": ref, "status": "pending"}
        if not self.slow:
            self.finish_refund(made["id"])
        return status, made

    def cancel(self, ref: str) -> tuple[int, Obj]:
        payment = self.things.get(ref)
        if payment is None:
            return 404, {"error": "no such payment"}
        self._expire(payment)
        if payment["status"] in {"open", "declined"}:
            self._move(payment, "canceled")
        return (200, payment) if payment["status"] == "canceled" else (409, {"error": f"it is {payment['status']}"})

    def show(self, kind: str, ref: str) -> tuple[int, Obj]:
        thing = self.things.get(ref)
        if thing is None or thing["kind"] != kind:
            return 404, {"error": "no such thing"}
        self._expire(thing)
        return 200, thing

    def listed(self, kind: str, key: str) -> tuple[int, Obj]:
        return 200, {"data": [thing for thing in self.of_kind(kind) if thing["key"] == key]}

    def page_of_lines(self, since: str, until: str, limit: int, after: str) -> tuple[int, Obj]:
        span = dt.datetime.fromisoformat(since), dt.datetime.fromisoformat(until)
        found = [line for line in self.lines if span[0] <= dt.datetime.fromisoformat(line["at"]) < span[1]]
        start = next((n + 1 for n, line in enumerate(found) if line["id"] == after), 0)
        return 200, {"data": found[start : start + limit]}

    def _once(self, kind: str, key: str, amount: str, currency: str) -> tuple[Obj, int]:
        known = self._of_key(kind, key)
        if known is None:
            return self._new(kind, amount=amount, currency=currency, key=key), 201
        if (known["amount"], known["currency"]) != (amount, currency):
            return {"error": f"this key was used for another {kind}"}, 409
        return known, 200

    def _of_key(self, kind: str, key: str) -> Obj | None:
        return next((thing for thing in self.of_kind(kind) if thing["key"] == key), None)

    def _new(self, kind: str, **fields: Any) -> Obj:
        name = f"z{kind[0]}_{uuid.uuid4().hex[:16]}"
        self.things[name] = {"id": name, "kind": kind, "done_at": None, "reason": None, **fields}
        return self.things[name]

    def _book(self, kind: str, about: str, amount: str, fee: str, currency: str) -> None:
        line = {"id": f"zl_{uuid.uuid4().hex}", "kind": kind, "about": about, "at": now().isoformat()}
        self.lines.append({**line, "amount": amount.replace("--", ""), "fee": fee, "currency": currency})

    def _move(self, thing: Obj, status: str) -> None:
        thing["status"] = status
        self._tell(thing)

    def _tell(self, thing: Obj) -> None:
        about = {"kind": thing["kind"], "id": thing["id"], "key": thing["key"]}
        self.events.append({"id": f"ze_{uuid.uuid4().hex}", "about": about})

    def _expire(self, thing: Obj) -> None:
        over = thing["kind"] == "payment" and now() >= dt.datetime.fromisoformat(thing["expires_at"])
        if over and thing["status"] in {"open", "declined"}:
            self._move(thing, "expired")


class Handler(BaseHTTPRequestHandler):
    """Zwin's API under /v1, and the page where a buyer picks a bank and confirms."""

    double: Double
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        parts, asked = urlsplit(self.path), {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        match parts.path.strip("/").split("/"):
            case ["v1", *rest] if self._allowed():
                with self.double.lock:
                    self._answer(*self._shown(rest, asked))
            case ["pay", ref] if ref in self.double.things:
                self._page(ref)
            case _:
                self._answer(404, {"error": "nothing here"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        match urlsplit(self.path).path.strip("/").split("/"):
            case ["v1", *rest] if self._allowed():
                self._work(rest, json.loads(body))
            case ["pay", ref] if ref in self.double.things:
                chosen = parse_qs(body.decode()).get("answer", ["decline"])[0]
                self.double.confirm(ref) if chosen == "confirm" else self.double.decline(ref, "refused_by_user")
                self._send(303, b"", Location=self.double.things[ref]["return_url"])
            case _:
                self._answer(404, {"error": "nothing here"})

    def _work(self, path: list[str], asked: Obj) -> None:
        double = self.double
        with double.lock:
            if double.busy:
                double.busy -= 1
                self._answer(503, {"error": "busy"})
                return
            match path:
                case ["payments"]:
                    status, answer = double.create(asked)
                case ["payments", ref, "cancel"]:
                    status, answer = double.cancel(ref)
                case ["payments", ref, "refunds"]:
                    status, answer = double.refund(ref, asked)
                case _:
                    status, answer = 404, {"error": "nothing here"}
            if double.lose:
                double.lose -= 1
                self.close_connection = True  # and not a word
            elif double.broken:
                double.broken -= 1
                self._send(500, b"<h1>Oops</h1>")
            else:
                self._answer(status, answer)

    def _shown(self, path: list[str], asked: dict[str, str]) -> tuple[int, Obj]:
        match path:
            case ["lines"]:
                after = asked.get("after", "")
                return self.double.page_of_lines(asked["since"], asked["until"], int(asked["limit"]), after)
            case [kinds]:
                return self.double.listed(kinds.rstrip("s"), asked.get("key", ""))
            case [kinds, ref]:
                return self.double.show(kinds.rstrip("s"), ref)
        return 404, {"error": "nothing here"}

    def _allowed(self) -> bool:
        allowed = self.headers.get("Authorization") == f"Bearer {API_KEY}"
        if not allowed:
            self._answer(401, {"error": "unknown API key"})
        return allowed

    def _page(self, ref: str) -> None:
        payment = self.double.things[ref]
        what = html.escape(f"{payment['amount']} {payment['currency']} for {payment['reference']}: {payment['status']}")
        buttons = "".join(f'<button name="answer" value="{word}">{word}</button> ' for word in ("confirm", "decline"))
        self._send(
            200, f'<title>Zwin</title><h1>Zwin test page</h1><p>{what}<form method="post">{buttons}</form>'.encode()
        )

    def _answer(self, status: int, answer: Obj) -> None:
        self._send(status, json.dumps(answer).encode(), **{"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": "text/html"} | headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _zero(currency: str) -> str:
    return Money(0, currency).json()["amount"]


def main(port: int, hook: str) -> None:
    """By hand: serve, and post webhooks to `hook` until Ctrl-C."""
    settings.configure(USE_TZ=True)  # all that Entrepôt's clock asks for
    double = Double(port=port).start()
    print(f"Zwin's double is at {double.url}; it posts webhooks to {hook}. Ctrl-C ends it.")
    while True:
        time.sleep(1)
        try:
            double.deliver(lambda body, headers: _post(hook, body, headers))
        except OSError as error:
            print(f"{hook}: {error}")


def _post(hook: str, body: bytes, headers: dict[str, str]) -> int:
    request = urllib.request.Request(hook, body, headers)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return int(answer.status)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "http://127.0.0.1:8000/hooks/zwin/")
