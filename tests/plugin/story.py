"""Bob pays by the installed sample processor and gets his money back, over HTTP at both ends.

`test_installed.py` runs this in a process of its own, where the package is installed and the environment has its name.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from entrepot_zwin import Zwin
from zwin_double import Double

from fx.money import Money
from marketplace.lib.clock import shifted
from marketplace.models import User
from orders import work
from orders.following import follow
from orders.models import Checkout, Order
from orders.returns.cancellation import cancel_sale
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import InboxEvent, Payment, Refund
from payments.processors import registry
from payments.reconciliation.run import reconcile
from tests.conftest import logged_in
from tests.orders.world import BERLIN, World, broken, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def zwin() -> Iterator[Double]:
    """The far end, where the environment of this process says that it is."""
    double = Double(port=urlsplit(django_settings.PROCESSORS["zwin"]["api_url"]).port or 0).start()
    yield double
    double.stop()


@pytest.fixture
def world(alice: User, bob: User, moderator: User) -> World:
    return make_world(alice, bob, moderator)


def browser(world: World) -> Client:
    return logged_in(world.bob)


def to_the_pay_page(client: Client, world: World) -> str:
    """Basket, address, review, order: all by forms. The path of the pay page."""
    client.post(reverse("orders:cart_add"), {"listing": world.scarf.pk, "quantity": 1})
    client.post(reverse("orders:checkout"), BERLIN | {"country": "DE", "email": "bob@example.com"})
    review = client.get(reverse("orders:review")).content.decode()
    assert '<input type="radio" name="rail" value="zwin"' in " ".join(review.split())
    assert "You confirm in the app of your bank." in review
    placed = client.post(reverse("orders:place"), {"rail": "zwin", "accept": "on"})
    assert placed.status_code == 302, placed.content.decode()
    return str(placed.headers["Location"])


def page_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def press(html: str, answer: str) -> str:
    """Follow the pay page's link to Zwin, press there, and return the path that the browser is sent back to."""
    link = next(part.split('"')[0] for part in html.split('href="') if part.startswith("http://127.0.0.1"))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay())
    assert b"Zwin test page" in opener.open(link, timeout=5).read()
    with pytest.raises(urllib.request.HTTPError) as sent:
        opener.open(link, f"answer={answer}".encode(), timeout=5)
    back = urlsplit(str(sent.value.headers["Location"]))
    return f"{back.path}?{back.query}"


def hook(body: bytes, headers: dict[str, str]) -> int:
    """Zwin's webhook reaches the site."""
    return Client().post("/hooks/zwin/", data=body, content_type="application/json", headers=headers).status_code


def told(zwin: Double, **how: Any) -> None:
    assert set(zwin.deliver(hook, **how)) <= {200}
    work.drain_inbox()


def test_it_was_found_by_its_entry_point_and_configured_by_the_environment() -> None:
    made = registry.get("zwin")
    assert type(made) is Zwin
    assert made.config["api_key"] == "zk_test_sample"
    assert set(made.config) == {"api_key", "webhook_secret", "api_url"}


def test_from_the_basket_to_paid_to_refunded_to_the_last_cent(world: World, zwin: Double) -> None:
    client = browser(world)
    path = to_the_pay_page(client, world)
    html = page_of(client, path)
    assert "Pay by Zwin" in html
    zwin.slow = True
    back = press(html, "confirm")
    assert back == f"{path}?back"
    waiting = page_of(client, back)
    assert "We are waiting for word from Zwin." in waiting
    assert Order.objects.get().status == "placed"

    [payment] = zwin.of_kind("payment")
    zwin.finish(payment["id"])
    told(zwin, times=2, backwards=True)
    order = Order.objects.get()
    assert order.status == "paid"
    assert "Paid. Thank you." in page_of(client, back)
    assert InboxEvent.objects.filter(processor="zwin", processed_at=None).count() == 0
    kept = Payment.objects.get()
    fee = Money.parse(payment["fee"], "EUR")
    assert (kept.state, kept.fee_minor, kept.received) == ("captured", fee.amount, kept.amount)
    assert order.processing_minor
    assert f"{fee.decimal:.2f}" in page_of(client, reverse("orders:detail", args=[order.number]))
    assert balance(codes.clearing("zwin", "EUR")) == kept.amount - fee
    assert balance(codes.hold(order.number, "INR")) == order.held

    cancel_sale(order.number, by=world.alice, why="The dye has run.", restocked=False)
    work.drain_operations()
    [refund] = zwin.of_kind("refund")
    assert (refund["amount"], refund["status"]) == (payment["amount"], "pending")
    zwin.finish_refund(refund["id"])
    told(zwin, times=2)
    assert [(row.state, row.amount) for row in Refund.objects.all()] == [("succeeded", kept.amount)]
    order.refresh_from_db()
    assert (order.status, balance(codes.hold(order.number, "INR"))) == ("refunded", Money(0, "INR"))
    assert len(zwin.of_kind("refund")) == 1
    with shifted(hours=2):
        found = reconcile("zwin", follow=follow)
    assert (found.counted, found.open_items, found.explained_bps) == (2, 0, 10_000)
    assert broken() == []


def test_what_zwin_pays_to_the_bank_is_settled_by_its_webhook(world: World, zwin: Double) -> None:
    client = browser(world)
    press(page_of(client, to_the_pay_page(client, world)), "confirm")
    told(zwin)
    owed = balance(codes.clearing("zwin", "EUR"))
    assert owed
    zwin.settle("EUR")
    told(zwin, times=3)
    assert balance(codes.clearing("zwin", "EUR")) == Money(0, "EUR")
    assert balance(codes.clearing("bank", "EUR")) == owed
    with shifted(hours=2):
        assert reconcile("zwin", follow=follow).explained_bps == 10_000
    assert broken() == []


def test_a_declined_buyer_reads_why_and_pays_at_the_second_try(world: World, zwin: Double) -> None:
    client = browser(world)
    path = to_the_pay_page(client, world)
    declined = page_of(client, press(page_of(client, path), "decline"))
    assert "You did not confirm the payment in your bank&#x27;s app." in declined
    assert "Try again at Zwin" in declined
    assert "Paid. Thank you." in page_of(client, press(declined, "confirm"))
    told(zwin, backwards=True)
    assert Order.objects.get().status == "paid"
    assert len(zwin.of_kind("payment")) == 1


def test_a_lost_answer_is_looked_up_and_nothing_is_made_twice(world: World, zwin: Double) -> None:
    client = browser(world)
    zwin.lose = 1
    path = to_the_pay_page(client, world)
    assert "We are asking the payment provider." in page_of(client, path)
    with shifted(minutes=1):
        work.drain_operations()
        assert "Pay by Zwin" in page_of(client, path)
    assert len(zwin.of_kind("payment")) == 1


def test_who_gives_up_is_not_charged_and_who_paid_too_late_gets_it_back(world: World, zwin: Double) -> None:
    client = browser(world)
    path = to_the_pay_page(client, world)
    client.post(reverse("orders:pay_cancel", args=[Checkout.objects.get().token]))
    work.drain_operations()
    assert [payment["status"] for payment in zwin.of_kind("payment")] == ["canceled"]
    assert "Nothing was charged." in page_of(client, path)
    assert Order.objects.get().status == "canceled"
    assert broken() == []


def test_nobody_else_is_believed(world: World, zwin: Double) -> None:
    client = browser(world)
    press(page_of(client, to_the_pay_page(client, world)), "confirm")
    body, headers = zwin.signed(zwin.events[-1])
    assert hook(body + b" ", headers) == 400
    assert hook(body, {"Zwin-Signature": headers["Zwin-Signature"][:-1] + "g"}) == 400
    assert hook(body, {}) == 400
    assert InboxEvent.objects.count() == 0
    assert Order.objects.get().status == "placed"


def test_it_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("plugins")
    assert "entrepot-zwin 1.0.0" in capsys.readouterr().out
