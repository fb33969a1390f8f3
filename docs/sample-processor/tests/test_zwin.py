"""What the contract cannot know: Zwin's own errors, signatures, prices and pages."""

from __future__ import annotations

import datetime as dt
import json
import urllib.request
from typing import Any

import pytest
from django.utils.translation import override
from entrepot_zwin import Zwin
from entrepot_zwin import processor as module
from entrepot_zwin.signature import sign
from zwin_double import API_KEY, WEBHOOK_SECRET, Double

from payments.processors import (
    BadSignature,
    Declined,
    Money,
    MoneyError,
    Outcome,
    ProcessorError,
    Refused,
    Unavailable,
    Unknown,
    Update,
    now,
)

BACK = "https://shop.example.com/pay/1/?back"
SUM = Money(1999, "EUR")


def ask(zwin: Zwin, money: Money = SUM, *, key: str = "create:1") -> Update:
    return zwin.create(key, money, ref="1", expires_at=now() + dt.timedelta(minutes=10), return_url=BACK)


class Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def press(page: str, answer: str) -> str:
    """Press a button on Zwin's page; where the browser is sent then."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay())
    with pytest.raises(urllib.request.HTTPError) as sent:
        opener.open(page, f"answer={answer}".encode(), timeout=5)
    assert sent.value.code == 303
    return str(sent.value.headers["Location"])


# --- configuration and prices -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({}, "api_key is empty. Set PROCESSOR_ZWIN_API_KEY"),
        ({"api_key": "zk"}, "webhook_secret is empty"),
        ({"api_key": "zk", "webhook_secret": "zs", "api_url": "http://api.zwin.example"}, "has to begin with https://"),
    ],
)
def test_a_configuration_that_cannot_be_is_refused_in_words(config: dict[str, str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Zwin(config)


@pytest.mark.parametrize(
    ("amount", "currency", "country", "taken"),
    [
        (1999, "EUR", "DE", True),
        (1999, "EUR", "US", False),
        (1999, "EUR", "", False),
        (1999, "USD", "DE", False),
        (25, "EUR", "DE", False),  # less than its fee
        (27, "EUR", "DE", True),
        (1_500_000, "EUR", "DE", True),
        (1_500_001, "EUR", "DE", False),
    ],
)
def test_it_says_whom_it_serves(zwin: Zwin, amount: int, currency: str, country: str, taken: bool) -> None:
    assert zwin.accepts(Money(amount, currency), country) is taken


def test_the_fee_that_was_quoted_is_the_one_that_is_charged(double: Double, zwin: Zwin) -> None:
    for minor in (27, 1999, 1_234_567):
        made = ask(zwin, Money(minor, "EUR"), key=f"create:{minor}")
        double.confirm(made.ref)
        done = zwin.fetch(made.ref)
        assert done is not None
        assert done.fee == zwin.fee(Money(minor, "EUR"), "DE")
    assert zwin.fee(Money(1999, "EUR"), "DE") == Money(37, "EUR")


def test_the_note_speaks_the_readers_language(zwin: Zwin) -> None:
    with override("de"):
        assert "in der App Ihrer Bank" in zwin.note
    with override("fr"):
        assert "in the app of your bank" in zwin.note


# --- the buyer's way --------------------------------------------------------------------------------


def test_the_buyer_confirms_on_zwins_page_and_is_sent_back(double: Double, zwin: Zwin) -> None:
    made = ask(zwin)
    assert (made.outcome, made.amount) == (Outcome.ACTION, Money(0, "EUR"))
    assert press(made.client["step"]["url"], "confirm") == BACK
    done = zwin.fetch(made.ref)
    assert done is not None
    assert (done.outcome, done.amount, done.fee) == (Outcome.SUCCEEDED, Money(1999, "EUR"), Money(37, "EUR"))


def test_who_declines_may_try_again(double: Double, zwin: Zwin) -> None:
    made = ask(zwin)
    press(made.client["step"]["url"], "decline")
    declined = zwin.fetch(made.ref)
    assert declined is not None
    assert (declined.outcome, declined.message) == (
        Outcome.FAILED,
        "You did not confirm the payment in your bank's app.",
    )
    press(declined.client["step"]["url"], "confirm")
    assert zwin.fetch(made.ref).outcome == Outcome.SUCCEEDED  # type: ignore[union-attr]


def test_while_the_bank_is_slow_the_payment_is_pending(double: Double, zwin: Zwin) -> None:
    made, double.slow = ask(zwin), True
    double.confirm(made.ref)
    assert zwin.fetch(made.ref).outcome == Outcome.PENDING  # type: ignore[union-attr]
    double.finish(made.ref)
    assert zwin.fetch(made.ref).outcome == Outcome.SUCCEEDED  # type: ignore[union-attr]


def test_a_page_that_was_not_used_in_time_is_expired(double: Double, zwin: Zwin) -> None:
    made = zwin.create("create:1", Money(1999, "EUR"), ref="1", expires_at=now(), return_url=BACK)
    double.confirm(made.ref)
    assert zwin.fetch(made.ref).outcome == Outcome.EXPIRED  # type: ignore[union-attr]
    assert zwin.cancel("cancel:1", made.ref).outcome == Outcome.EXPIRED


def test_what_is_processing_cannot_be_canceled_yet(double: Double, zwin: Zwin) -> None:
    made, double.slow = ask(zwin), True
    double.confirm(made.ref)
    with pytest.raises(Refused, match="it is processing"):
        zwin.cancel("cancel:1", made.ref)


def test_a_refund_takes_its_time(double: Double, zwin: Zwin) -> None:
    made = ask(zwin)
    double.confirm(made.ref)
    double.slow = True
    back = zwin.refund("refund:1", made.ref, Money(1000, "EUR"))
    assert (back.outcome, back.amount) == (Outcome.PENDING, Money(1000, "EUR"))
    double.finish_refund(back.ref, sent=False)
    assert zwin.fetch(back.ref, kind="refund").outcome == Outcome.FAILED  # type: ignore[union-attr]


def test_a_long_record_is_read_page_by_page(double: Double, zwin: Zwin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    for number in range(5):
        double.confirm(ask(zwin, key=f"create:{number}").ref)
    lines = list(zwin.statement(now() - dt.timedelta(hours=1), now() + dt.timedelta(hours=1)))
    assert len({line.line for line in lines}) == 5


# --- errors -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "error"), [("busy", Unavailable), ("lose", Unknown), ("broken", Unknown)])
def test_what_a_failure_means_is_known(double: Double, zwin: Zwin, fault: str, error: type[ProcessorError]) -> None:
    setattr(double, fault, 1)
    with pytest.raises(error):
        ask(zwin)
    assert len(double.of_kind("payment")) == (0 if fault == "busy" else 1)
    made = zwin.fetch(None, key="create:1") or ask(zwin)
    assert (made.key, len(double.of_kind("payment"))) == ("create:1", 1)


def test_a_wrong_key_of_ours_is_refused_and_said(double: Double) -> None:
    with pytest.raises(Refused, match="unknown API key"):
        ask(Zwin({**double.config, "api_key": "zk_old"}))
    assert double.of_kind("payment") == []


def test_no_route_to_zwin_means_that_nothing_was_done(double: Double, zwin: Zwin) -> None:
    double.stop()
    with pytest.raises(Unavailable, match="cannot be reached"):
        ask(zwin)
    double.start()


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"id":"zp_1","status":"open","amount":19.99,"currency":"EUR"}'])
def test_an_answer_that_cannot_be_read_is_unknown(zwin: Zwin, monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    monkeypatch.setattr(zwin.client, "_exchange", lambda *_: (201, body))
    with pytest.raises(Unknown):
        ask(zwin)


def test_a_decline_at_once_is_final(zwin: Zwin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zwin.client, "_exchange", lambda *_: (402, b'{"error": "This bank is closed."}'))
    with pytest.raises(Declined, match="This bank is closed"):
        ask(zwin)


def test_amounts_are_text_and_never_numbers() -> None:
    from entrepot_zwin.reading import amount

    assert amount("-19.99", "EUR") == Money(-1999, "EUR")
    for wrong in (19.99, 19, "19.999", "1e2", "--1", "", None):
        with pytest.raises(MoneyError):
            amount(wrong, "EUR")


# --- webhooks ---------------------------------------------------------------------------------------


def event(**about: str) -> bytes:
    return json.dumps({"id": "ze_1", "about": {"kind": "payment", "id": "zp_1", **about}}).encode()


def header(body: bytes, *, at: int | None = None, secret: str = WEBHOOK_SECRET) -> dict[str, str]:
    at = int(now().timestamp()) if at is None else at
    return {"Zwin-Signature": f"t={at},v1={sign(body, at, secret)}"}


def test_while_the_secret_is_changed_both_are_believed(double: Double) -> None:
    zwin = Zwin({**double.config, "webhook_secret": f"new, {WEBHOOK_SECRET}"})
    for secret in ("new", WEBHOOK_SECRET):
        assert [update.ref for update in zwin.parse_webhook(event(), header(event(), secret=secret))] == ["zp_1"]


@pytest.mark.parametrize("moment", [-301, 301])
def test_a_recorded_delivery_is_worth_nothing_later(zwin: Zwin, moment: int) -> None:
    with pytest.raises(BadSignature):
        zwin.parse_webhook(event(), header(event(), at=int(now().timestamp()) + moment))


@pytest.mark.parametrize(
    "value", ["", "t=", "t=1", "v1=aa", "t=x,v1=aa", "t=٣,v1=aa", f"t={'9' * 99},v1=aa", ",,,", "t=1,v1=ü"]
)
def test_a_header_that_makes_no_sense_is_refused(zwin: Zwin, value: str) -> None:
    with pytest.raises(BadSignature):
        zwin.parse_webhook(event(), {"Zwin-Signature": value})


def test_the_api_key_signs_nothing(zwin: Zwin) -> None:
    with pytest.raises(BadSignature):
        zwin.parse_webhook(event(), header(event(), secret=API_KEY))


def test_news_of_no_interest_is_genuine_and_empty(zwin: Zwin) -> None:
    body = event(kind="newsletter")
    assert zwin.parse_webhook(body, header(body)) == []
