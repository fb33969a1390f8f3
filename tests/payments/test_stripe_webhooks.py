"""What may call itself an event of Stripe's, and what we read in it."""

from __future__ import annotations

import datetime as dt
import hmac
import json
from typing import Any

import pytest

from fx.money import Money
from marketplace.lib.clock import now, shifted
from payments.processors.base import BadSignature, Outcome, Update
from payments.processors.stripe import Stripe
from tests.doubles import StripeDouble
from tests.payments.cards import SCARF, ask


@pytest.fixture
def ref(stripe: Stripe) -> str:
    return ask(stripe).ref


@pytest.fixture
def event(ref: str, stripe_double: StripeDouble) -> dict[str, Any]:
    stripe_double.pay(ref)
    (paid,) = stripe_double.events("payment_intent.succeeded")
    return paid


def parsed(stripe: Stripe, double: StripeDouble, event: dict[str, Any]) -> list[Update]:
    body, header = double.signed(event)
    return list(stripe.parse_webhook(body, {"stripe-signature": header}))


def refused(stripe: Stripe, body: bytes, header: str | None) -> str:
    headers = {} if header is None else {"Stripe-Signature": header}
    with pytest.raises(BadSignature) as error:
        stripe.parse_webhook(body, headers)
    return str(error.value)


def event_like(**fields: Any) -> bytes:
    """Looks like an event of an intent, as far as `fields` let it."""
    event = {"object": "event", "id": "evt_1", "type": "payment_intent.succeeded"}
    return json.dumps({**event, "livemode": False, "created": 1, **fields}).encode()


def test_a_signed_event_says_what_happened_to_which_payment(
    stripe: Stripe, stripe_double: StripeDouble, event: dict[str, Any], ref: str
) -> None:
    (update,) = parsed(stripe, stripe_double, event)
    assert (update.kind, update.ref, update.outcome) == ("payment", ref, Outcome.SUCCEEDED)
    assert (update.amount, update.key, update.event_id) == (SCARF, "op-1", event["id"])
    assert update.occurred_at == dt.datetime.fromtimestamp(event["created"], dt.UTC)
    assert parsed(stripe, stripe_double, event) == [update]


def test_an_event_signed_with_another_secret_is_refused(
    stripe: Stripe, stripe_double: StripeDouble, event: dict[str, Any]
) -> None:
    body, header = stripe_double.signed(event, secret="whsec_other")
    assert "does not match" in refused(stripe, body, header)


def test_an_altered_event_is_refused(stripe: Stripe, stripe_double: StripeDouble, event: dict[str, Any]) -> None:
    body, header = stripe_double.signed(event)
    refused(stripe, body.replace(b"2178", b"2179"), header)
    refused(stripe, body + b" ", header)


@pytest.mark.parametrize("seconds", [-301, -86_400, 301, 3_600])
def test_an_event_signed_long_ago_or_in_the_future_is_refused(
    stripe: Stripe, stripe_double: StripeDouble, event: dict[str, Any], seconds: int
) -> None:
    body, header = stripe_double.signed(event, at=int(now().timestamp()) + seconds)
    assert "seconds ago" in refused(stripe, body, header)


def test_five_minutes_of_clock_difference_are_borne(
    stripe: Stripe, stripe_double: StripeDouble, event: dict[str, Any]
) -> None:
    for seconds in (-295, 295):
        body, header = stripe_double.signed(event, at=int(now().timestamp()) + seconds)
        assert stripe.parse_webhook(body, {"Stripe-Signature": header})


def test_an_event_is_too_old_by_the_shifted_clock_too(
    stripe: Stripe, stripe_double: StripeDouble, event: dict[str, Any]
) -> None:
    body, header = stripe_double.signed(event)
    with shifted(minutes=6):
        refused(stripe, body, header)


@pytest.mark.parametrize(
    "header", [None, "", "nonsense", "t=1", "v1=abc", "t=x,v1=abc", "t=1,v1=", "t=1,t=2,v1=a", "t="]
)
def test_an_event_without_a_readable_signature_is_refused(
    stripe: Stripe, stripe_double: StripeDouble, event: dict[str, Any], header: str | None
) -> None:
    refused(stripe, stripe_double.signed(event)[0], header)


def test_a_signature_of_two_times_is_refused(
    stripe: Stripe, stripe_double: StripeDouble, event: dict[str, Any]
) -> None:
    """The time that is checked has to be the time that was signed."""
    body, header = stripe_double.signed(event, at=int(now().timestamp()) - 900)
    fresh = f"t={int(now().timestamp())}"
    refused(stripe, body, f"{fresh},{header}")
    refused(stripe, body, f"{header},{fresh}")


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe\x00",
        b"",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b"{",
        b"[" * 100_000,
        event_like(),
        event_like(id=7, data={"object": {"object": "x"}}),
        event_like(created="x", data={"object": {"object": "x"}}),
        event_like(data=[]),
        event_like(data={"object": {"object": "payment_intent"}}),
        event_like(type="refund.failed", data={"object": {"object": "refund", "id": "re_1"}}),
        b"x" * (1024 * 1024 + 1),
    ],
)
def test_a_body_that_is_no_event_is_refused_signed_or_not(stripe: Stripe, body: bytes) -> None:
    at = int(now().timestamp())
    mac = hmac.new(b"whsec_demo_only", f"{at}.".encode() + body, "sha256").hexdigest()
    refused(stripe, body, f"t={at},v1={mac}")
    refused(stripe, body, f"t={at},v1=00")


@pytest.mark.parametrize("change", [{"livemode": True}, {"livemode": None}, {"account": "acct_other"}])
def test_an_event_of_another_mode_or_account_is_refused(
    stripe: Stripe, stripe_double: StripeDouble, event: dict[str, Any], change: dict[str, Any]
) -> None:
    body, header = stripe_double.signed({**event, **change})
    refused(stripe, body, header)


def test_our_own_account_is_accepted_by_name(stripe_double: StripeDouble, event: dict[str, Any]) -> None:
    stripe = Stripe({**stripe_double.config, "account": "acct_ours"})
    assert parsed(stripe, stripe_double, {**event, "account": "acct_ours"})
    assert parsed(stripe, stripe_double, event)
    refused(stripe, *stripe_double.signed({**event, "account": "acct_other"}))


def test_a_state_that_is_not_known_yet_is_waiting(
    stripe: Stripe, stripe_double: StripeDouble, event: dict[str, Any]
) -> None:
    event["data"]["object"].update(status="pondering", new_field={"x": 1})
    (update,) = parsed(stripe, stripe_double, event)
    assert (update.outcome, update.amount) == (Outcome.PENDING, None)


def test_every_kind_of_event_of_a_life_is_read(stripe: Stripe, stripe_double: StripeDouble, ref: str) -> None:
    stripe_double.pay(ref, "pm_card_visa_chargeDeclined")
    stripe_double.pay(ref, "pm_card_threeDSecure2Required")
    stripe_double.answer_3ds(ref)
    refund = stripe.refund("refund-1", ref, Money(100, "EUR"))
    dispute = stripe_double.dispute(ref)
    stripe_double.end_dispute(dispute["id"], "won")
    payout = stripe_double.settle()
    read = [
        (event["type"], update.kind, update.ref, update.outcome.value)
        for event in stripe_double.events()
        for update in parsed(stripe, stripe_double, event)
    ]
    assert read == [
        ("payment_intent.created", "payment", ref, "pending"),
        ("payment_intent.payment_failed", "payment", ref, "failed"),
        ("payment_intent.requires_action", "payment", ref, "action"),
        ("payment_intent.succeeded", "payment", ref, "succeeded"),
        ("refund.created", "refund", refund.ref, "succeeded"),
        ("charge.refunded", "payment", ref, "pending"),
        ("charge.dispute.created", "dispute", dispute["id"], "pending"),
        ("charge.dispute.funds_withdrawn", "dispute", dispute["id"], "pending"),
        ("charge.dispute.funds_reinstated", "dispute", dispute["id"], "pending"),
        ("charge.dispute.closed", "dispute", dispute["id"], "pending"),
        ("payout.created", "settlement", payout["id"], "succeeded"),
        ("payout.paid", "settlement", payout["id"], "succeeded"),
    ]


def test_events_that_no_money_depends_on_are_genuine_and_empty(
    stripe: Stripe, stripe_double: StripeDouble, event: dict[str, Any]
) -> None:
    other = json.loads(json.dumps(event))
    other["type"] = "customer.created"
    other["data"]["object"] = {"object": "customer", "id": "cus_1"}
    assert parsed(stripe, stripe_double, other) == []
