"""Bitcoin on the demo chain: configuration, the processor's contract, the demo's coins and the page."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from fx.money import Money
from marketplace.lib.clock import now, shifted
from payments.chain import playmoney, watch
from payments.chain.demo import DemoChain
from payments.chain.keys import KeyRefused
from payments.chain.qr import qr_svg
from payments.models import ChainAddress, DemoTransfer, Payment
from payments.processors import registry
from payments.processors.base import BadSignature, Outcome, Refused, Unavailable
from payments.processors.bitcoin import Bitcoin
from payments.testing import ProcessorContract, Subject
from tests.payments.coins import DEMO, asked, payment
from tests.payments.test_chain_addresses import ZPUB

DUE = 100_000


@pytest.fixture
def bitcoin(settings: Settings) -> Bitcoin:
    settings.PROCESSORS = {"bitcoin": DEMO}
    processor = registry.get("bitcoin")
    assert isinstance(processor, Bitcoin)
    return processor


def outcome(bitcoin: Bitcoin, of: Payment) -> Outcome:
    update = bitcoin.fetch(of.processor_ref)
    assert update is not None
    return update.outcome


def page(of: Payment, template: str = "bitcoin/pay") -> str:
    request = RequestFactory().get("/pay/here/")
    return render_to_string(f"payments/{template}.html", {"payment": of}, request=request)


@pytest.mark.parametrize(
    ("config", "error", "message"),
    [
        ({"network": "main"}, KeyRefused, "no extended public key"),
        ({"network": "main", "xpub": "xprv9s21ZrQH143K"}, KeyRefused, "PRIVATE"),
        ({"xpub": ZPUB}, KeyRefused, "zpub"),
        ({"source": "oracle"}, Refused, "'oracle' is none of core, esplora, demo"),
        ({"source": "core", "url": ""}, Refused, "BITCOIN_URL"),
        ({"source": "esplora", "url": "file:///etc/passwd"}, Refused, "BITCOIN_URL"),
    ],
)
def test_a_wrong_configuration_is_said_at_once(config: dict[str, str], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Bitcoin({**DEMO, **config})


def test_the_demo_chain_and_its_coins_refuse_to_work_outside_the_sandbox(bitcoin: Bitcoin, settings: Settings) -> None:
    settings.SANDBOX = False
    with pytest.raises(ImproperlyConfigured, match="play money"):
        DemoChain()
    with pytest.raises(ImproperlyConfigured):
        playmoney.send(bitcoin, bitcoin.account.address(0), Money(1, "BTC"))
    assert not playmoney.available(bitcoin)


@pytest.mark.django_db
def test_the_same_payment_created_twice_has_one_address(bitcoin: Bitcoin) -> None:
    made = payment(DUE)
    later = now() + dt.timedelta(minutes=15)
    first, again = (
        bitcoin.create(key, Money(DUE, "BTC"), ref=str(made.pk), expires_at=later, return_url="/") for key in "ab"
    )
    assert first.ref == again.ref == bitcoin.account.address(0)
    assert first.client == again.client
    assert ChainAddress.objects.count() == 1


@pytest.mark.django_db
def test_another_amount_than_the_payments_is_refused(bitcoin: Bitcoin) -> None:
    made = payment(DUE)
    with pytest.raises(Refused, match=r"0\.00100000 BTC, the call for 0\.00000001 BTC"):
        bitcoin.create("k", Money(1, "BTC"), ref=str(made.pk), expires_at=now(), return_url="/")


@pytest.mark.django_db
def test_what_is_not_ours_is_not_fetched(bitcoin: Bitcoin) -> None:
    assert bitcoin.fetch(None, key="create:lost") is None
    with pytest.raises(Refused, match="No payment has the address"):
        bitcoin.fetch("bcrt1qsomebodyelse")
    with pytest.raises(BadSignature):
        bitcoin.parse_webhook(b"{}", {})


def test_the_uri_names_the_exact_amount_in_coins(bitcoin: Bitcoin) -> None:
    assert bitcoin.uri("bcrt1q", Money(123, "BTC")) == "bitcoin:bcrt1q?amount=0.00000123&label=Entrep%C3%B4t"


def test_sums_that_the_tolerance_would_eat_are_not_accepted(bitcoin: Bitcoin) -> None:
    assert bitcoin.pay_currency("EUR") == "BTC"
    assert bitcoin.accepts(Money(5_460, "BTC"), "DE")
    assert not bitcoin.accepts(Money(5_459, "BTC"), "DE")


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("bcrt1q6rz28mcfaxtmd6v789l9rrlrusdprr9pz3cppk", True),
        ("BCRT1Q6RZ28MCFAXTMD6V789L9RRLRUSDPRR9PZ3CPPK", True),
        ("2MzQwSSnBHWHqSAqtTVQ6v47XtaisrJa1Vc", True),
        ("bcrt1q6rz28mcfaxtmd6v789l9rrlrusdprr9pz3cppq", False),
        ("bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", False),
        ("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", False),
        ("", False),
        ("bcrt1", False),
        ("адрес", False),
    ],
)
def test_a_refund_goes_to_an_address_of_this_network_only(bitcoin: Bitcoin, text: str, good: bool) -> None:
    assert bitcoin.accepts_destination(text) is good


@pytest.mark.django_db
def test_the_demo_chain_shows_a_transfer_and_mines_it_by_the_clock(bitcoin: Bitcoin) -> None:
    made = asked(bitcoin, DUE, cents=60_00)  # two blocks
    playmoney.send(bitcoin, made.processor_ref, made.amount)
    assert outcome(bitcoin, made) == Outcome.SEEN
    with shifted(seconds=20):
        assert outcome(bitcoin, made) == Outcome.SEEN
    with shifted(seconds=40):
        assert outcome(bitcoin, made) == Outcome.SUCCEEDED


@pytest.mark.django_db
def test_a_look_says_only_what_is_new(bitcoin: Bitcoin) -> None:
    made = asked(bitcoin, DUE)
    assert watch.poll() == []
    playmoney.send(bitcoin, made.processor_ref, made.amount)
    [(slug, update)] = watch.poll()
    assert (slug, update.ref, update.outcome) == ("bitcoin", made.processor_ref, Outcome.SEEN)
    made.state = Payment.State.SEEN
    made.save()
    assert watch.poll() == []


@pytest.mark.django_db
def test_the_page_shows_amount_address_and_code_without_inline_style(bitcoin: Bitcoin) -> None:
    made = asked(bitcoin, DUE, cents=600_00)
    html = page(made)
    assert made.processor_ref in html
    assert f'href="bitcoin:{made.processor_ref}?amount=0.00100000&amp;label=Entrep%C3%B4t"' in html
    assert "<svg viewBox" in html
    assert "2 blocks" in html
    assert "Play money" in html
    assert not re.search(r"\sstyle=|<script|\son[a-z]+=", html)


@pytest.mark.django_db
def test_the_status_says_what_is_missing_and_how_deep_it_is(bitcoin: Bitcoin) -> None:
    made = asked(bitcoin, DUE, cents=600_00)
    assert "Waiting for your coins" in page(made, "coin/status")
    playmoney.send(bitcoin, made.processor_ref, Money(60_000, "BTC"))
    watch.poll()
    made.state = Payment.State.PARTIAL
    assert "0.0004" in page(made, "coin/status")
    assert "?amount=0.00040000&amp;" in page(made)  # the code asks for the rest, not for the whole again
    playmoney.send(bitcoin, made.processor_ref, Money(40_000, "BTC"))
    with shifted(seconds=20):
        watch.poll()
    made.state = Payment.State.SEEN
    assert "1 of 2 confirmations" in page(made, "coin/status")


@pytest.mark.django_db
def test_the_button_pays_an_invoice_with_test_coins(bitcoin: Bitcoin, client: Client) -> None:
    made = asked(bitcoin, DUE)
    url = reverse("payments:send_test_coins", args=[made.pk])
    assert client.get(url).status_code == 405
    for share in ("half", "rest", "more"):
        response = client.post(url, {"share": share, "next": "/orders/"})
        assert (response.status_code, response["Location"]) == (302, "/orders/")
        watch.poll()
    sent = DemoTransfer.objects.order_by("id").values_list("amount_minor", flat=True)
    assert list(sent) == [50_000, 50_000, 110_000]
    assert client.post(url, {"next": "https://evil.example/"})["Location"] == "/"


@pytest.mark.django_db
def test_outside_of_the_sandbox_there_is_no_such_button(bitcoin: Bitcoin, client: Client, settings: Settings) -> None:
    made = asked(bitcoin, DUE)
    url = reverse("payments:send_test_coins", args=[made.pk])
    settings.SANDBOX = False
    assert [client.get(url).status_code, client.post(url).status_code] == [404, 404]
    assert not DemoTransfer.objects.exists()


def test_a_code_is_plain_svg_with_its_title_escaped() -> None:
    svg = qr_svg("bitcoin:x", title='<b title="x">')
    assert svg.startswith('<svg viewBox="0 0')
    assert "<title>&lt;b title=" in svg
    assert "style" not in svg


class CoinSubject(Subject):
    """On the demo chain, where a transfer of an hour ago is as deep as anybody may ask for."""

    amounts = (Money(100_000, "BTC"), Money(50_000_000, "BTC"), Money(2_100_000_000, "BTC"))

    def __init__(self, bitcoin: Bitcoin, monkeypatch: pytest.MonkeyPatch) -> None:
        self.processor, self.bitcoin, self.monkeypatch = bitcoin, bitcoin, monkeypatch

    def payment(self, money: Money) -> str:
        return str(payment(money.amount).pk)

    def pay(self, ref: str, money: Money) -> None:
        DemoTransfer.objects.create(address=ref, amount_minor=money.amount, sent_at=now() - dt.timedelta(hours=1))

    def count(self, kind: str) -> int:
        return ChainAddress.objects.count() if kind == "payment" else 0

    def lose_reply(self) -> None:
        """The address is given out, then the node goes away before anybody hears of it."""

        def gone(index: int) -> None:
            self.monkeypatch.undo()
            raise Unavailable("The node went away.")

        self.monkeypatch.setattr(self.bitcoin.source, "prepare", gone)


@pytest.mark.django_db
class TestBitcoin(ProcessorContract):
    @pytest.fixture
    def subject(self, bitcoin: Bitcoin, monkeypatch: pytest.MonkeyPatch) -> Subject:
        return CoinSubject(bitcoin, monkeypatch)
