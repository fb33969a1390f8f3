"""The pay page that all plug-ins share: each step, each state, without JavaScript, and after the plug-in is gone."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from importlib.metadata import EntryPoint
from typing import Any, ClassVar

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from fx.money import Money
from marketplace.lib import plugins
from orders import work
from orders.models import Checkout
from payments.models import Payment
from payments.processors import Form, Outcome, Redirect, Show, Update, Wait, registry
from tests.conftest import ClientFor
from tests.orders.world import BERLIN, World, broken, place, quotes
from tests.payments.pocket import FarEnd, Pocket

pytestmark = pytest.mark.django_db
THERE = "https://gate.example.com/p/1"


class Gate(Pocket):
    """Sends the buyer somewhere; `config["client"]` says where."""

    slug: ClassVar[str] = "gate"
    label: ClassVar[str] = "Gate & Co"

    def create(self, key: str, money: Money, *, ref: str, expires_at: dt.datetime, return_url: str) -> Update:
        self.config["back"].append(return_url)
        made = super().create(key, money, ref=ref, expires_at=expires_at, return_url=return_url)
        self.far.things[made.ref].outcome = Outcome.ACTION
        return replace(made, outcome=Outcome.ACTION, client=self.config["client"])


@pytest.fixture
def gate(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setitem(registry.BUILT_IN, "gate", "tests.orders.test_pay_page:Gate")
    config = {"far": FarEnd(), "client": Redirect(THERE).client, "back": []}
    settings.PROCESSORS = {"gate": config, "bank": settings.PROCESSORS["bank"]}
    return config


class Moody(Gate):
    """Breaks at checkout."""

    slug: ClassVar[str] = "moody"

    def accepts(self, money: Money, country: str) -> bool:
        raise KeyError(country)


def page(checkout: Checkout, query: str = "") -> str:
    html = Client().get(reverse("orders:pay", args=[checkout.token]) + query).content.decode()
    return " ".join(html.split())


def moved(checkout: Checkout, gate: dict[str, Any], outcome: Outcome) -> None:
    """The provider's state changes; nobody has told us yet."""
    ref = Payment.objects.get(pk=checkout.payment_id).processor_ref
    gate["far"].things[ref].outcome = outcome


def test_a_redirect_is_a_plain_link(world: World, gate: dict[str, Any]) -> None:
    html = page(place(world.bob, world.scarf, rail="gate"))
    assert "Pay by Gate &amp; Co" in html
    assert f'class="go wide" href="{THERE}" rel="noreferrer"' in html
    assert "and come back here" in html
    assert "waiting for word" not in html
    assert "<script" not in html.replace('<script src="/static/', "")


def test_a_form_is_posted_to_its_host_and_nowhere_else(world: World, gate: dict[str, Any]) -> None:
    gate["client"] = Form(THERE, {"token": 'a"b', "lang": "de"}).client
    checkout = place(world.bob, world.scarf, rail="gate")
    answer = Client().get(reverse("orders:pay", args=[checkout.token]))
    html = answer.content.decode()
    assert f'<form method="post" action="{THERE}">' in html
    assert '<input type="hidden" name="token" value="a&quot;b">' in html
    assert "csrfmiddlewaretoken" not in html.split(THERE)[1].split("</form>")[0]
    assert "form-action 'self' https://gate.example.com;" in answer.headers["Content-Security-Policy"]
    elsewhere = Client().get(reverse("orders:pay_status", args=[checkout.token]))
    assert "gate.example.com" not in elsewhere.headers["Content-Security-Policy"]


def test_what_to_type_is_shown_with_a_code(world: World, gate: dict[str, Any]) -> None:
    gate["client"] = Show([("Reference", "<b>12 34</b>")], "Open your app.\nType it in.", "gate:1234").client
    html = page(place(world.bob, world.scarf, rail="gate"))
    assert "<dt>Reference</dt>" in html
    assert "&lt;b&gt;12 34&lt;/b&gt;" in html
    assert "Open your app.<br>Type it in." in html
    assert "<svg" in html
    assert "QR code of the payment" in html


def test_who_waits_is_told_for_what(world: World, gate: dict[str, Any]) -> None:
    gate["client"] = Wait("Your bank asks you in its app.").client
    assert "Your bank asks you in its app." in page(place(world.bob, world.scarf, rail="gate"))


def test_who_comes_back_before_the_webhook_reads_the_truth(world: World, gate: dict[str, Any]) -> None:
    checkout = place(world.bob, world.scarf, rail="gate")
    [back] = gate["back"]
    assert back == f"http://127.0.0.1:8000{reverse('orders:pay', args=[checkout.token])}?back"
    html = page(checkout, "?back")
    assert "We are waiting for word from Gate &amp; Co." in html
    assert "do not pay again" in html
    assert f'class="ghost wide" href="{THERE}"' in html
    assert "Not paid yet? Back to Gate &amp; Co" in html
    assert f'<a href="{reverse("orders:pay", args=[checkout.token])}?back">Look again' in html


def test_the_page_asks_the_provider_and_needs_no_webhook(world: World, gate: dict[str, Any]) -> None:
    checkout = place(world.bob, world.scarf, rail="gate")
    gate["far"].pay(Payment.objects.get(pk=checkout.payment_id).processor_ref)
    html = page(checkout, "?back")
    assert "Paid. Thank you." in html
    assert THERE not in html
    assert checkout.orders.get().status == "paid"


def test_what_failed_can_be_tried_again(world: World, gate: dict[str, Any]) -> None:
    checkout = place(world.bob, world.scarf, rail="gate")
    moved(checkout, gate, Outcome.FAILED)
    html = page(checkout, "?back")
    assert "Nothing was taken." in html
    assert "Try again at Gate &amp; Co" in html
    assert f'class="go wide" href="{THERE}"' in html
    assert "waiting for word" not in html
    assert checkout.orders.get().status == "placed"


def test_while_the_money_is_reserved_there_is_nothing_to_press(world: World, gate: dict[str, Any]) -> None:
    checkout = place(world.bob, world.scarf, rail="gate")
    moved(checkout, gate, Outcome.AUTHORIZED)
    page(checkout)
    Payment.objects.filter(pk=checkout.payment_id).update(state="authorized")
    html = page(checkout)
    assert "has reserved the money for us" in html
    assert THERE not in html


@pytest.mark.parametrize("outcome", [Outcome.CANCELED, Outcome.EXPIRED])
def test_what_ended_there_ends_here(world: World, gate: dict[str, Any], outcome: Outcome) -> None:
    checkout = place(world.bob, world.scarf, rail="gate")
    moved(checkout, gate, outcome)
    html = page(checkout, "?back")
    assert "Nothing was charged. What was reserved for you is back on sale." in html
    assert THERE not in html
    assert checkout.orders.get().status == "canceled"


def test_a_page_that_shows_an_old_state_is_loaded_again(world: World, gate: dict[str, Any]) -> None:
    checkout = place(world.bob, world.scarf, rail="gate")
    status = reverse("orders:pay_status", args=[checkout.token])
    assert f'hx-get="{status}?shown=action"' in page(checkout)
    assert "HX-Refresh" not in Client().get(f"{status}?shown=action").headers
    assert "HX-Refresh" not in Client().get(status).headers
    assert Client().get(f"{status}?shown=pending").headers["HX-Refresh"] == "true"


def test_a_payment_that_could_not_begin_says_so_and_is_left_for_another(world: World, gate: dict[str, Any]) -> None:
    gate["far"].decline = "Your bank said no."
    checkout = place(world.bob, world.scarf, rail="gate")
    html = page(checkout)
    assert "Your bank said no." in html
    assert "This way to pay does not work at the moment. Nothing was taken." in html
    assert "Pay by Gate" not in html
    Client().post(reverse("orders:pay_cancel", args=[checkout.token]))
    work.drain_operations()
    assert checkout.orders.get().status == "canceled"
    world.scarf.refresh_from_db()
    assert world.scarf.stock == 5
    assert broken() == []


def test_the_page_outlives_its_plug_in(world: World, gate: dict[str, Any], settings: Settings) -> None:
    checkout, paid = (place(world.bob, world.scarf, rail="gate") for _ in range(2))
    gate["far"].pay(Payment.objects.get(pk=paid.payment_id).processor_ref)
    page(paid)
    settings.PROCESSORS = {"bank": settings.PROCESSORS["bank"]}
    assert "This way to pay is switched off" in page(checkout)
    assert "Paid. Thank you." in page(paid)
    assert Client().get(reverse("orders:pay_status", args=[checkout.token])).status_code == 200
    answer = Client().post(reverse("orders:pay_cancel", args=[checkout.token]))
    work.drain_operations()
    assert answer.status_code == 302
    assert checkout.orders.get().status == "placed"  # until the provider can be asked, nobody knows


def test_a_plug_in_that_breaks_at_checkout_is_not_offered_and_the_others_stay(
    world: World,
    gate: dict[str, Any],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    point = EntryPoint("moody", "tests.orders.test_pay_page:Moody", registry.KIND.group)
    monkeypatch.setattr(plugins, "installed", lambda group: (point,))
    settings.PROCESSORS = {"moody": {}, **settings.PROCESSORS}
    assert set(quotes(world.bob, world.scarf)) == {"gate"}
    assert "Processor moody cannot say whether it takes" in caplog.text


def test_a_way_to_pay_that_was_switched_off_meanwhile_is_not_offered_any_more(
    world: World, gate: dict[str, Any], settings: Settings, client_for: ClientFor
) -> None:
    client = client_for(world.bob)
    client.post(reverse("orders:cart_add"), {"listing": world.scarf.pk, "quantity": 1})
    client.post(reverse("orders:checkout"), BERLIN | {"country": "DE"})
    assert "Gate &amp; Co" in client.get(reverse("orders:review")).content.decode()
    settings.PROCESSORS = {"bank": settings.PROCESSORS["bank"]}
    assert client.get(reverse("orders:review")).headers["Location"] == reverse("orders:checkout")
    answer = client.post(reverse("orders:place"), {"rail": "gate", "accept": "on"})
    assert answer.headers["Location"] == reverse("orders:checkout")
    assert not Checkout.objects.exists()
