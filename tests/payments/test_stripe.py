"""The adapter against the double, over HTTP, as it talks to Stripe."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import translation

from fx.money import Money
from marketplace.lib.clock import now, shifted
from payments.processors.base import (
    Can,
    Declined,
    Outcome,
    Refused,
)
from payments.processors.stripe import Stripe
from payments.processors.stripe_client import translated
from tests.doubles import StripeDouble
from tests.payments.cards import BACK, SCARF, ask, intents


def confirm(stripe: Stripe, ref: str, card: str) -> None:
    with translated(stripe.line, "confirm"):
        stripe.client.v1.payment_intents.confirm(ref, {"payment_method": card, "return_url": BACK})


def test_a_new_payment_waits_and_tells_the_browser_its_secret(stripe: Stripe, stripe_double: StripeDouble) -> None:
    update = ask(stripe)
    assert (update.kind, update.outcome, update.key) == ("payment", Outcome.PENDING, "op-1")
    assert update.client["intent"] == update.ref
    assert update.client["publishable_key"] == "pk_test_demo"
    assert update.client["client_secret"].startswith(f"{update.ref}_secret_")
    (intent,) = intents(stripe_double)
    assert (intent["amount"], intent["currency"]) == (2178, "eur")
    assert intent["metadata"] == {"payment": "payment-1", "key": "op-1"}


def test_a_paid_payment_carries_amount_and_fee(stripe: Stripe, stripe_double: StripeDouble) -> None:
    ref = ask(stripe).ref
    stripe_double.pay(ref)
    update = stripe.fetch(ref)
    assert update is not None
    assert (update.outcome, update.amount) == (Outcome.SUCCEEDED, SCARF)
    assert update.fee == Money(58, "EUR")  # 1.5 % is 32.67 cents, and 25
    assert update.raw["card_country"] == "DE"
    assert "secret" not in str(update.raw)


@pytest.mark.parametrize(
    "money",
    [Money(3500, "JPY"), Money(4_200, "ISK"), Money(12_340, "KWD"), Money(250_000, "INR")],
)
def test_money_of_other_decimals_arrives_as_it_was_sent(
    stripe: Stripe, stripe_double: StripeDouble, money: Money
) -> None:
    ref = ask(stripe, money=money).ref
    stripe_double.pay(ref)
    update = stripe.fetch(ref)
    assert update is not None
    assert update.amount == money
    refund = stripe.refund("refund-1", ref, money)
    assert (refund.outcome, refund.amount) == (Outcome.SUCCEEDED, money)


def test_the_fee_is_left_to_the_statement_when_stripe_converts(stripe: Stripe, stripe_double: StripeDouble) -> None:
    stripe_double.double.converts = {"usd": "0.9000"}
    ref = ask(stripe, money=Money(10_000, "USD")).ref
    stripe_double.pay(ref, "pm_card_us")
    update = stripe.fetch(ref)
    assert update is not None
    assert (update.amount, update.fee) == (Money(10_000, "USD"), None)
    assert update.raw["settled"] == {"amount": 9000, "fee": 318, "currency": "eur"}
    (line,) = stripe.statement(now() - dt.timedelta(hours=1), now() + dt.timedelta(hours=1))
    assert (line.amount, line.fee) == (Money(9000, "EUR"), Money(318, "EUR"))


def test_the_same_key_asks_once(stripe: Stripe, stripe_double: StripeDouble) -> None:
    assert ask(stripe).ref == ask(stripe).ref
    assert len(intents(stripe_double)) == 1


def test_the_same_key_with_another_amount_is_refused(stripe: Stripe, stripe_double: StripeDouble) -> None:
    ask(stripe)
    with pytest.raises(Refused, match="same parameters"):
        ask(stripe, money=Money(9_999, "EUR"))
    assert len(intents(stripe_double)) == 1


@pytest.mark.parametrize(
    ("card", "sentence"),
    [
        ("pm_card_visa_chargeDeclined", "was declined. Try another card"),
        ("pm_card_visa_chargeDeclinedLostCard", "was declined. Try another card"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "not enough money"),
        ("pm_card_chargeDeclinedExpiredCard", "has expired"),
    ],
)
def test_a_decline_says_why_and_leaves_the_payment_open(
    stripe: Stripe, stripe_double: StripeDouble, card: str, sentence: str
) -> None:
    ref = ask(stripe).ref
    with translation.override("en"), pytest.raises(Declined) as declined:
        confirm(stripe, ref, card)
    told = stripe.fetch(ref)
    assert told is not None
    assert (told.outcome, told.amount) == (Outcome.FAILED, None)
    assert told.message == str(declined.value)
    assert sentence in told.message
    assert stripe_double.charges() == []
    stripe_double.pay(ref)
    again = stripe.fetch(ref)
    assert again is not None
    assert (again.outcome, again.message) == (Outcome.SUCCEEDED, "")


def test_3d_secure_asks_and_then_pays(stripe: Stripe, stripe_double: StripeDouble) -> None:
    ref = ask(stripe).ref
    answer = stripe_double.pay(ref, "pm_card_threeDSecure2Required")
    assert answer["next_action"]["redirect_to_url"]["url"] == f"{stripe_double.url}/3ds/{ref}"
    waiting = stripe.fetch(ref)
    assert waiting is not None
    assert waiting.outcome is Outcome.ACTION
    assert stripe_double.charges() == []
    stripe_double.answer_3ds(ref)
    paid = stripe.fetch(ref)
    assert paid is not None
    assert (paid.outcome, paid.amount) == (Outcome.SUCCEEDED, SCARF)


def test_a_failed_3d_secure_charges_nothing(stripe: Stripe, stripe_double: StripeDouble) -> None:
    ref = ask(stripe).ref
    stripe_double.pay(ref, "pm_card_threeDSecure2Required")
    stripe_double.answer_3ds(ref, passed=False)
    told = stripe.fetch(ref)
    assert told is not None
    assert told.outcome is Outcome.FAILED
    assert "did not confirm that it is you" in told.message
    assert stripe_double.charges() == []


def test_a_canceled_payment_cannot_be_paid(stripe: Stripe, stripe_double: StripeDouble) -> None:
    ref = ask(stripe).ref
    assert stripe.cancel("cancel-1", ref).outcome is Outcome.CANCELED
    assert stripe.cancel("cancel-1", ref).outcome is Outcome.CANCELED
    assert stripe.cancel("cancel-2", ref).outcome is Outcome.CANCELED
    assert "error" in stripe_double.pay(ref)
    assert stripe_double.charges() == []


def test_canceling_too_late_tells_that_it_was_paid(stripe: Stripe, stripe_double: StripeDouble) -> None:
    ref = ask(stripe).ref
    stripe_double.pay(ref)
    update = stripe.cancel("cancel-1", ref)
    assert (update.outcome, update.amount) == (Outcome.SUCCEEDED, SCARF)


def test_an_authorized_payment_is_captured_or_let_go(stripe_double: StripeDouble) -> None:
    stripe = Stripe({**stripe_double.config, "manual_capture": True})
    first, second = ask(stripe), ask(stripe, "op-2", ref="payment-2")
    for update in (first, second):
        stripe_double.pay(update.ref)
        held = stripe.fetch(update.ref)
        assert held is not None
        assert (held.outcome, held.amount) == (Outcome.AUTHORIZED, SCARF)
    taken = stripe.capture("capture-1", first.ref, SCARF)
    assert (taken.outcome, taken.amount, taken.fee) == (
        Outcome.SUCCEEDED,
        SCARF,
        Money(58, "EUR"),
    )
    assert stripe.cancel("cancel-2", second.ref).outcome is Outcome.CANCELED
    assert [charge["captured"] for charge in stripe_double.charges()] == [False, True]


def test_refunds_never_exceed_the_charge(stripe: Stripe, stripe_double: StripeDouble) -> None:
    ref = ask(stripe).ref
    stripe_double.pay(ref)
    stripe.refund("refund-1", ref, Money(2_000, "EUR"))
    with pytest.raises(Refused, match="greater than unrefunded"):
        stripe.refund("refund-2", ref, Money(179, "EUR"))
    stripe.refund("refund-3", ref, Money(178, "EUR"))
    with pytest.raises(Refused, match="already been refunded"):
        stripe.refund("refund-4", ref, Money(1, "EUR"))
    assert sum(refund["amount"] for refund in stripe_double.refunds()) == SCARF.amount


def test_a_refund_whose_key_stripe_forgot_is_found_not_repeated(stripe: Stripe, stripe_double: StripeDouble) -> None:
    ref = ask(stripe).ref
    stripe_double.pay(ref)
    made = stripe.refund("refund-1", ref, SCARF)
    with shifted(hours=24, minutes=30):
        assert stripe.refund("refund-1", ref, SCARF).ref == made.ref
    assert len(stripe_double.refunds()) == 1


def test_a_pending_refund_arrives_or_comes_back(stripe: Stripe, stripe_double: StripeDouble) -> None:
    ref = ask(stripe).ref
    stripe_double.pay(ref)
    stripe_double.fault("refund_pending", times=2)
    good = stripe.refund("refund-1", ref, Money(100, "EUR"))
    bad = stripe.refund("refund-2", ref, Money(200, "EUR"))
    assert {good.outcome, bad.outcome} == {Outcome.PENDING}
    stripe_double.finish_refund(good.ref)
    stripe_double.finish_refund(bad.ref, succeeded=False)
    outcomes = [stripe.fetch(update.ref, kind="refund") for update in (good, bad)]
    assert [update and update.outcome for update in outcomes] == [
        Outcome.SUCCEEDED,
        Outcome.FAILED,
    ]


def test_the_statement_explains_every_cent_of_the_balance(stripe: Stripe, stripe_double: StripeDouble) -> None:
    ref = ask(stripe).ref
    stripe_double.pay(ref)
    refund = stripe.refund("refund-1", ref, Money(500, "EUR"))
    payout = stripe_double.settle("EUR")
    lines = list(stripe.statement(now() - dt.timedelta(hours=1), now() + dt.timedelta(hours=1)))
    assert [(line.kind, line.ref, line.amount.amount, line.fee.amount) for line in lines] == [
        ("payout", payout["id"], -1620, 0),
        ("refund", refund.ref, -500, 0),
        ("charge", ref, 2178, 58),
    ]
    assert sum(line.amount.amount - line.fee.amount for line in lines) == 0
    later = now() + dt.timedelta(hours=1)
    assert list(stripe.statement(later, later + dt.timedelta(hours=1))) == []


def test_settlements_and_disputes_can_be_looked_up(stripe: Stripe, stripe_double: StripeDouble) -> None:
    ref = ask(stripe).ref
    stripe_double.pay(ref)
    payout = stripe.fetch(stripe_double.settle()["id"], kind="settlement")
    assert payout is not None
    assert (payout.kind, payout.amount) == ("settlement", Money(2120, "EUR"))
    name = stripe_double.dispute(ref)["id"]
    opened = stripe.fetch(name, kind="dispute")
    assert opened is not None
    assert (opened.outcome, opened.amount) == (Outcome.ACTION, SCARF)
    stripe_double.end_dispute(name, "lost")
    lost = stripe.fetch(name, kind="dispute")
    assert lost is not None
    assert lost.outcome is Outcome.REVERSED


def test_it_refuses_to_start_without_its_secrets(stripe_double: StripeDouble) -> None:
    for name in ("secret_key", "publishable_key", "webhook_secret"):
        with pytest.raises(ImproperlyConfigured, match=name.upper()):
            Stripe({**stripe_double.config, name: " "})
    with pytest.raises(ImproperlyConfigured, match="live key"):
        Stripe({**stripe_double.config, "secret_key": "sk_live_1"})


def test_it_says_what_it_can_do_and_which_sources_its_page_needs(stripe: Stripe, stripe_double: StripeDouble) -> None:
    assert Can.REFUND in stripe.can
    assert Can.POLL not in stripe.can
    assert stripe.csp == {"form-action": (stripe_double.url,)}
    real = Stripe({**stripe_double.config, "api_base": ""})
    assert "https://js.stripe.com" in real.csp["script-src"]
