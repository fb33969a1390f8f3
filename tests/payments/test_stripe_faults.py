"""Lost, late, broken and refused answers: whatever happens, one payment and the right kind of error."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from fx.money import Money
from payments.processors.base import (
    Outcome,
    Refused,
    Unavailable,
    Unknown,
)
from payments.processors.stripe import Stripe
from tests.doubles import StripeDouble
from tests.payments.cards import SCARF, ask, intents


def test_a_lost_reply_ends_in_one_payment(stripe: Stripe, stripe_double: StripeDouble) -> None:
    stripe_double.fault("drop", path="/v1/payment_intents$")
    assert ask(stripe).outcome is Outcome.PENDING
    assert stripe_double.double.requests == ["POST /v1/payment_intents"] * 2
    assert len(intents(stripe_double)) == 1


@pytest.mark.parametrize("lost", ["drop", "half"])
def test_replies_that_stay_lost_are_unknown_until_the_key_finds_the_payment(
    stripe_double: StripeDouble, lost: str
) -> None:
    stripe = Stripe({**stripe_double.config, "retries": 0})
    stripe_double.fault(lost, path="/v1/payment_intents$")
    with pytest.raises(Unknown):
        ask(stripe)
    found = stripe.fetch(None, key="op-1")
    assert found is not None
    assert found.client["client_secret"]
    assert ask(stripe).ref == found.ref
    assert len(intents(stripe_double)) == 1


def test_a_lost_refund_reply_ends_in_one_refund(stripe_double: StripeDouble) -> None:
    stripe = Stripe({**stripe_double.config, "retries": 0})
    ref = ask(stripe).ref
    stripe_double.pay(ref)
    stripe_double.fault("drop", path="/v1/refunds")
    with pytest.raises(Unknown):
        stripe.refund("refund-1", ref, Money(500, "EUR"))
    found = stripe.fetch(None, kind="refund", key="refund-1")
    assert found is not None
    assert stripe.refund("refund-1", ref, Money(500, "EUR")).ref == found.ref
    assert len(stripe_double.refunds()) == 1


def test_a_key_that_nobody_used_finds_nothing(stripe: Stripe, stripe_double: StripeDouble) -> None:
    ask(stripe)
    assert stripe.fetch(None, key="op-2") is None
    assert stripe.fetch(None, kind="refund", key="op-1") is None
    assert stripe.fetch("pi_0000") is None


def test_a_key_is_found_behind_more_than_one_page_of_newer_payments(
    stripe: Stripe, stripe_double: StripeDouble
) -> None:
    first = ask(stripe)
    for _number in range(120):
        stripe_double.api("/v1/payment_intents", amount=1000, currency="eur")
    found = stripe.fetch(None, key="op-1")
    assert found is not None
    assert found.ref == first.ref


def test_a_saved_error_is_overcome_once_the_payment_is_proven_absent(
    stripe: Stripe, stripe_double: StripeDouble
) -> None:
    stripe_double.fault("error", path="/v1/payment_intents$")
    update = ask(stripe)
    assert (update.outcome, update.key) == (Outcome.PENDING, "op-1")
    assert len(intents(stripe_double)) == 1
    assert ask(stripe).ref == update.ref  # the same call again finds the same


def test_a_saved_error_after_the_work_finds_what_was_made(stripe: Stripe, stripe_double: StripeDouble) -> None:
    stripe_double.fault("error_after", path="/v1/payment_intents$")
    assert ask(stripe).ref == intents(stripe_double)[0]["id"]
    assert len(intents(stripe_double)) == 1


def test_a_saved_error_of_a_refund_stays_unknown(stripe: Stripe, stripe_double: StripeDouble) -> None:
    ref = ask(stripe).ref
    stripe_double.pay(ref)
    stripe_double.fault("error_after", path="/v1/refunds")
    with pytest.raises(Unknown):
        stripe.refund("refund-1", ref, SCARF)
    assert len(stripe_double.refunds()) == 1


def test_too_many_requests_are_unavailable_and_change_nothing(stripe: Stripe, stripe_double: StripeDouble) -> None:
    stripe_double.fault("rate_limit", times=5)
    with pytest.raises(Unavailable):
        ask(stripe)
    assert intents(stripe_double) == []


def test_a_closed_port_is_unavailable_not_unknown(stripe_double: StripeDouble) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    stripe = Stripe({**stripe_double.config, "api_base": f"http://127.0.0.1:{port}", "retries": 1})
    with pytest.raises(Unavailable):
        ask(stripe)


def test_a_closed_port_after_a_lost_reply_is_unknown(stripe_double: StripeDouble) -> None:
    """The last error alone would say that nothing was done."""
    stripe = Stripe({**stripe_double.config, "retries": 1})
    stripe_double.fault("drop")
    take = stripe_double.double.faults.take

    def and_go_away(kind: str, method: str, path: str) -> Any:
        found = take(kind, method, path)
        if found and kind == "drop":
            stripe_double.double.http.shutdown()
            stripe_double.double.http.server_close()
        return found

    stripe_double.double.faults.take = and_go_away  # type: ignore[method-assign]
    with pytest.raises(Unknown):
        ask(stripe)


def test_a_slow_answer_is_unknown_for_money_and_unavailable_for_a_look(
    stripe_double: StripeDouble,
) -> None:
    stripe = Stripe({**stripe_double.config, "timeout": 0.2, "retries": 0})
    stripe_double.fault("slow", seconds=0.6)
    with pytest.raises(Unknown):
        ask(stripe)
    stripe_double.fault("slow", method="GET", seconds=0.6)
    with pytest.raises(Unavailable):
        stripe.fetch("pi_1")


def test_a_wrong_key_is_refused_without_showing_it(stripe_double: StripeDouble) -> None:
    stripe = Stripe({**stripe_double.config, "secret_key": "sk_test_other_and_long"})
    with pytest.raises(Refused) as refused:
        ask(stripe)
    assert "sk_test_other_and_long" not in str(refused.value)
