"""The card page's forms and the double's pages, as a browser without JavaScript uses them."""

from __future__ import annotations

import re
import urllib.request
import uuid
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core import signing
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from fx.money import Money
from payments import inbox
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Operation, Payment
from payments.processors import registry
from payments.processors.base import Outcome, Refused
from payments.processors.stripe import Stripe
from payments.services import LineDraft, request_refund
from payments.templatetags.card import token_for
from tests.doubles import StripeDouble
from tests.payments.conftest import Open, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(opened: Open, scarf: list[LineDraft], stripe_double: StripeDouble) -> Payment:
    """EUR 29.76 for order A1, created at Stripe and waiting for the buyer."""
    payment = opened(scarf, processor="stripe")
    work()
    payment.refresh_from_db()
    assert payment.state == Payment.State.PENDING
    return payment


def stripe() -> Stripe:
    found = registry.get("stripe")
    assert isinstance(found, Stripe)
    return found


def post(client: Client, view: str, payment: Payment, **fields: str) -> Any:
    fields = {"token": token_for(payment.pk), **fields}
    return client.post(reverse(f"stripe:{view}", args=[payment.pk]), fields)


def drain(double: StripeDouble, client: Client, **how: Any) -> None:
    assert set(double.deliver(client, **how)) <= {200}
    for event in inbox.due_events():
        inbox.process(event)


def browse(url: str, **form: str) -> tuple[str, str]:
    """GET, or POST of `form`: where it leads, and the page."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: Any, **kwargs: Any) -> None:
            return None

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay())
    try:
        with opener.open(url, urlencode(form).encode() if form else None) as answer:
            return "", answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.headers.get("Location") or "", error.read().decode()


def test_the_test_card_pays_through_http_webhook_inbox_and_ledger(
    client: Client, payment: Payment, stripe_double: StripeDouble
) -> None:
    answer = post(client, "test_card", payment, card="pm_card_de")
    assert (answer.status_code, answer["Location"]) == (302, payment.return_url)
    payment.refresh_from_db()
    assert payment.state == Payment.State.PENDING  # only the webhook moves it
    drain(stripe_double, client)
    payment.refresh_from_db()
    assert payment.state == Payment.State.CAPTURED
    assert (payment.received, payment.fee_minor) == (Money(2976, "EUR"), 70)
    assert balance(codes.hold("A1", "INR")) == Money(250_000, "INR")
    assert balance(codes.clearing("stripe", "EUR")) == Money(2976 - 70, "EUR")


@pytest.mark.parametrize("how", [{"times": 3}, {"backwards": True}])
def test_doubled_and_reordered_webhooks_charge_once(
    client: Client, payment: Payment, stripe_double: StripeDouble, how: dict[str, Any]
) -> None:
    post(client, "test_card", payment, card="pm_card_visa_chargeDeclined")
    post(client, "test_card", payment, card="pm_card_de")
    drain(stripe_double, client, **how)
    payment.refresh_from_db()
    assert (payment.state, payment.problem) == (Payment.State.CAPTURED, "")
    assert len(stripe_double.charges()) == 1
    assert balance(codes.hold("A1", "INR")) == Money(250_000, "INR")


def test_a_double_click_charges_once(client: Client, payment: Payment, stripe_double: StripeDouble) -> None:
    for _click in range(3):
        assert post(client, "test_card", payment, card="pm_card_de").status_code == 302
    assert len(stripe_double.charges()) == 1


def test_a_declined_card_is_told_and_another_may_follow(
    client: Client, payment: Payment, stripe_double: StripeDouble
) -> None:
    card = "pm_card_visa_chargeDeclinedInsufficientFunds"
    post(client, "test_card", payment, card=card)
    drain(stripe_double, client)
    payment.refresh_from_db()
    assert payment.state == Payment.State.FAILED
    assert "not enough money" in payment.problem
    post(client, "test_card", payment, card="pm_card_de")
    drain(stripe_double, client)
    payment.refresh_from_db()
    assert payment.state == Payment.State.CAPTURED


def test_3d_secure_goes_to_the_bank_and_back(client: Client, payment: Payment, stripe_double: StripeDouble) -> None:
    answer = post(client, "test_card", payment, card="pm_card_threeDSecure2Required")
    bank = answer["Location"]
    assert bank == f"{stripe_double.url}/3ds/{payment.processor_ref}"
    _, page = browse(bank)
    assert "no money moves" in page
    assert "29.76 EUR" in page
    drain(stripe_double, client)
    payment.refresh_from_db()
    assert payment.state == Payment.State.ACTION
    back, _ = browse(bank, answer="complete")
    assert back.startswith(f"{payment.return_url}?payment_intent=")
    drain(stripe_double, client)
    payment.refresh_from_db()
    assert payment.state == Payment.State.CAPTURED
    assert browse(bank)[1].count("has been answered") == 1


def test_nobody_pays_for_whom_the_page_was_not_made(
    client: Client, payment: Payment, stripe_double: StripeDouble
) -> None:
    other = signing.dumps(str(uuid.uuid4()), salt="payments.stripe.pay")
    unsalted = signing.dumps(str(payment.pk))
    for token in ("", "x", other, unsalted, token_for(payment.pk)[:-1] + "_"):
        for view in ("test_card", "checkout"):
            answer = post(client, view, payment, token=token, card="pm_card_de")
            assert answer.status_code == 403
    assert client.get(reverse("stripe:test_card", args=[payment.pk])).status_code == 405
    assert stripe_double.charges() == []


def test_a_token_expires_after_a_day(payment: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    from payments.templatetags import card

    token = token_for(payment.pk)
    assert card.is_for(token, payment.pk)
    monkeypatch.setattr(card, "TOKEN_SECONDS", -1)
    assert not card.is_for(token, payment.pk)


@pytest.mark.parametrize("name", ["", "pm_card_gold", "4242424242424242", "pm_card_visa"])
def test_only_the_offered_cards_are_taken(
    client: Client, payment: Payment, stripe_double: StripeDouble, name: str
) -> None:
    assert post(client, "test_card", payment, card=name)["Location"] == payment.return_url
    assert stripe_double.charges() == []


def test_the_test_card_does_not_exist_outside_the_sandbox(client: Client, payment: Payment, settings: Settings) -> None:
    settings.SANDBOX = False
    assert post(client, "test_card", payment, card="pm_card_de").status_code == 404


def test_the_page_shows_test_cards_in_the_demo_and_stripes_fields_with_real_keys(
    payment: Payment, settings: Settings, stripe_double: StripeDouble
) -> None:
    page = render_to_string("payments/stripe/pay.html", {"payment": payment})
    assert "Test cards only" in page
    assert 'value="pm_card_de"' in page
    assert "<script" not in page
    assert " style=" not in page
    settings.PROCESSORS = {"stripe": {**stripe_double.config, "api_base": ""}}
    page = render_to_string("payments/stripe/pay.html", {"payment": payment})
    assert "pm_card_de" not in page
    assert 'src="https://js.stripe.com/' in page
    assert payment.client["client_secret"] in page
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert "sk_test" not in page


# --- Stripe's own page ----------------------------------------------------------------------------


def test_the_way_without_javascript_pays_on_stripes_page(
    client: Client, payment: Payment, stripe_double: StripeDouble
) -> None:
    page = post(client, "checkout", payment)["Location"]
    assert page.startswith(f"{stripe_double.url}/c/pay/cs_test_")
    assert post(client, "checkout", payment)["Location"] == page  # a double click: one page
    assert "error" in stripe_double.pay(payment.processor_ref)  # never both
    _, html = browse(page)
    assert "No card is charged" in html
    assert "29.76 EUR" in html
    where, html = browse(page, card="pm_card_visa_chargeDeclined")
    assert (where, "was declined" in html) == ("", True)
    drain(stripe_double, client)
    payment.refresh_from_db()
    assert payment.state == Payment.State.FAILED
    where, _ = browse(page, card="pm_card_de")
    assert where == payment.return_url
    drain(stripe_double, client)
    payment.refresh_from_db()
    assert (payment.state, payment.received) == (Payment.State.CAPTURED, Money(2976, "EUR"))
    assert payment.fee_minor == 70
    assert len(stripe_double.charges()) == 1
    assert browse(page)[0] == payment.return_url


def test_a_payment_on_stripes_page_stays_one_payment_to_us(
    client: Client, payment: Payment, stripe_double: StripeDouble
) -> None:
    ref = payment.processor_ref
    page = post(client, "checkout", payment)["Location"]
    waiting = stripe().fetch(ref)
    assert waiting is not None
    assert (waiting.ref, waiting.outcome) == (ref, Outcome.PENDING)
    assert waiting.client["checkout"] == page
    drain(stripe_double, client)
    payment.refresh_from_db()
    assert payment.state == Payment.State.PENDING  # the first intent's end is not the payment's
    assert page in render_to_string("payments/stripe/pay.html", {"payment": payment})
    browse(page, card="pm_card_de")
    drain(stripe_double, client)
    payment.refresh_from_db()
    assert (payment.state, payment.processor_ref) == (Payment.State.CAPTURED, ref)
    refund = request_refund(payment=payment, ref="A1", reason="never shipped")
    work()
    refund.refresh_from_db()
    assert refund.state == refund.State.SUCCEEDED
    assert [row["amount"] for row in stripe_double.refunds()] == [2976]
    by_key = stripe().fetch(None, key=f"create:{payment.pk}")
    assert by_key is not None
    assert by_key.ref == ref


def test_3d_secure_on_stripes_page_comes_back_to_us(
    client: Client, payment: Payment, stripe_double: StripeDouble
) -> None:
    page = post(client, "checkout", payment)["Location"]
    bank, _ = browse(page, card="pm_card_threeDSecure2Required")
    assert "/3ds/pi_" in bank
    back, _ = browse(bank, answer="complete")
    assert back.startswith(payment.return_url)
    drain(stripe_double, client)
    payment.refresh_from_db()
    assert payment.state == Payment.State.CAPTURED


def test_canceling_closes_stripes_page(client: Client, payment: Payment, stripe_double: StripeDouble) -> None:
    page = post(client, "checkout", payment)["Location"]
    assert stripe().cancel("cancel-1", payment.processor_ref).outcome is Outcome.CANCELED
    assert "expired" in browse(page, card="pm_card_de")[1]
    assert stripe_double.charges() == []
    assert post(client, "checkout", payment)["Location"] == payment.return_url


def test_a_paid_payment_does_not_move_to_another_page(
    client: Client, payment: Payment, stripe_double: StripeDouble
) -> None:
    stripe_double.pay(payment.processor_ref)
    assert post(client, "checkout", payment)["Location"] == payment.return_url
    with pytest.raises(Refused, match="succeeded"):
        stripe().checkout_page(payment.processor_ref, payment.amount, title="x", return_url="http://testserver/")
    assert stripe_double.double.store.every("checkout.session") == []


def test_a_lost_reply_to_the_create_call_ends_in_one_payment(
    opened: Open, scarf: list[LineDraft], stripe_double: StripeDouble
) -> None:
    stripe_double.fault("drop", path="/v1/payment_intents$", times=3)
    payment = opened(scarf, processor="stripe")
    work()
    operation = Operation.objects.get(subject=payment.pk)
    assert operation.state == Operation.State.UNKNOWN
    Operation.objects.update(run_at=operation.created_at)
    work()
    payment.refresh_from_db()
    assert payment.state == Payment.State.PENDING
    assert len(stripe_double.double.store.every("payment_intent")) == 1
