"""The double itself: it has to be as strict as Stripe, else tests against it prove nothing."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import stripe
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from marketplace.lib.clock import shifted
from payments.doubles.stripe import Double
from tests.doubles import StripeDouble

EUROS = {"amount": 1000, "currency": "eur"}
BACK = "http://testserver/back/"


@pytest.fixture
def sdk(stripe_double: StripeDouble) -> stripe.StripeClient:
    return stripe.StripeClient(
        stripe_double.secret_key, base_addresses={"api": stripe_double.url}, max_network_retries=0
    )


def problem(answer: dict[str, Any]) -> tuple[str, str]:
    return answer["error"].get("code", ""), answer["error"].get("param", "")


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({**EUROS, "colour": "red"}, "parameter_unknown", "colour"),
        ({**EUROS, "api_key": "sk"}, "parameter_unknown", "api_key"),
        (
            {**EUROS, "automatic_payment_methods[enabeld]": "true"},
            "parameter_unknown",
            "automatic_payment_methods[enabeld]",
        ),
        ({**EUROS, "automatic_payment_methods[enabled]": "ja"}, "", "automatic_payment_methods[enabled]"),
        ({**EUROS, "automatic_payment_methods": "on"}, "", "automatic_payment_methods"),
        ({**EUROS, "capture_method": "later"}, "", "capture_method"),
        ({**EUROS, "metadata": "x"}, "", "metadata"),
        ({**EUROS, "expand": "latest_charge"}, "", "expand"),
        ({**EUROS, "description[a]": "x"}, "", "description"),
        ({"amount": 1000}, "parameter_missing", "currency"),
        ({"currency": "eur"}, "parameter_missing", "amount"),
        ({"amount": "10.00", "currency": "eur"}, "parameter_invalid_integer", "amount"),
        ({"amount": "١٠٠٠", "currency": "eur"}, "parameter_invalid_integer", "amount"),
        ({"amount": 49, "currency": "eur"}, "amount_too_small", "amount"),
        ({"amount": -1000, "currency": "eur"}, "amount_too_small", "amount"),
        ({"amount": 100_000_000, "currency": "eur"}, "amount_too_large", "amount"),
        ({"amount": 1000, "currency": "btc"}, "", "currency"),
        ({"amount": 1050, "currency": "isk"}, "invalid_charge_amount_no_decimal_compatible", "amount"),
        ({"amount": 5124, "currency": "kwd"}, "", "amount"),
    ],
)
def test_parameters_that_the_sdks_types_do_not_know_are_refused(
    stripe_double: StripeDouble, fields: dict[str, Any], code: str, param: str
) -> None:
    assert problem(stripe_double.api("/v1/payment_intents", **fields)) == (code, param)
    assert stripe_double.double.store.every("payment_intent") == []


def test_unknown_addresses_objects_and_cards_are_refused(stripe_double: StripeDouble) -> None:
    assert "Unrecognized request URL" in stripe_double.api("/v1/topups")["error"]["message"]
    assert problem(stripe_double.api("/v1/refunds", payment_intent="pi_0"))[0] == "resource_missing"
    intent = stripe_double.api("/v1/payment_intents", **EUROS)["id"]
    assert problem(stripe_double.pay(intent, "pm_card_gold")) == (
        "resource_missing",
        "payment_method",
    )


def test_redirecting_payment_methods_need_a_way_back(stripe_double: StripeDouble) -> None:
    fields = {**EUROS, "automatic_payment_methods[enabled]": "true"}
    intent = stripe_double.api("/v1/payment_intents", **fields)["id"]
    path = f"/v1/payment_intents/{intent}/confirm"
    assert problem(stripe_double.api(path, payment_method="pm_card_de")) == ("", "return_url")


def test_a_key_replays_its_first_answer_even_a_decline(sdk: stripe.StripeClient) -> None:
    intents = sdk.v1.payment_intents
    intent = intents.create({"amount": 1000, "currency": "eur"}, {"idempotency_key": "a"})
    again = intents.create({"amount": 1000, "currency": "eur"}, {"idempotency_key": "a"})
    assert again.id == intent.id
    for _time in range(2):
        with pytest.raises(stripe.CardError, match="insufficient"):
            intents.confirm(
                intent.id,
                {"payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"},
                {"idempotency_key": "b"},
            )
    assert intents.retrieve(intent.id).status == "requires_payment_method"


def test_a_key_with_other_parameters_is_an_error(sdk: stripe.StripeClient) -> None:
    intents = sdk.v1.payment_intents
    intents.create({"amount": 1000, "currency": "eur"}, {"idempotency_key": "a"})
    with pytest.raises(stripe.IdempotencyError):
        intents.create({"amount": 1001, "currency": "eur"}, {"idempotency_key": "a"})


def test_a_key_is_free_again_when_the_parameters_were_refused_and_after_a_day(
    sdk: stripe.StripeClient,
) -> None:
    intents = sdk.v1.payment_intents
    with pytest.raises(stripe.InvalidRequestError):
        intents.create({"amount": "x", "currency": "eur"}, {"idempotency_key": "a"})  # type: ignore[typeddict-item]
    first = intents.create({"amount": 1000, "currency": "eur"}, {"idempotency_key": "a"})
    with shifted(hours=24, seconds=1):
        assert intents.create({"amount": 999, "currency": "eur"}, {"idempotency_key": "a"}).id != first.id


def test_a_saved_500_comes_back_for_ever(sdk: stripe.StripeClient, stripe_double: StripeDouble) -> None:
    stripe_double.fault("error")
    for _time in range(2):
        with pytest.raises(stripe.APIError):
            sdk.v1.payment_intents.create({"amount": 1000, "currency": "eur"}, {"idempotency_key": "a"})
    assert stripe_double.double.store.every("payment_intent") == []


def test_a_key_that_is_still_at_work_is_a_conflict(sdk: stripe.StripeClient, stripe_double: StripeDouble) -> None:
    """Two at once under one key: one works, the other is told to wait; nothing is made twice."""
    ready, codes = threading.Barrier(6), []

    def ask() -> None:
        ready.wait()
        try:
            sdk.v1.payment_intents.create({"amount": 1000, "currency": "eur"}, {"idempotency_key": "a"})
            codes.append(200)
        except stripe.StripeError as error:
            codes.append(error.http_status or 0)

    threads = [threading.Thread(target=ask) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(codes) <= {200, 409}
    assert 200 in codes
    assert len(stripe_double.double.store.every("payment_intent")) == 1


def test_the_search_lags_behind_and_the_list_does_not(sdk: stripe.StripeClient, stripe_double: StripeDouble) -> None:
    stripe_double.double.search_lag = 60
    made = sdk.v1.payment_intents.create({"amount": 1000, "currency": "eur", "metadata": {"payment": "p-1"}})
    query = "metadata['payment']:'p-1' AND status:'requires_payment_method'"
    assert sdk.v1.payment_intents.search({"query": query}).data == []
    assert [found.id for found in sdk.v1.payment_intents.list().data] == [made.id]
    with shifted(minutes=2):
        assert [found.id for found in sdk.v1.payment_intents.search({"query": query}).data] == [made.id]


def test_lists_are_cut_into_pages_newest_first(sdk: stripe.StripeClient, stripe_double: StripeDouble) -> None:
    made = [stripe_double.api("/v1/payment_intents", **EUROS)["id"] for _number in range(5)]
    page = sdk.v1.payment_intents.list({"limit": 2})
    assert ([row.id for row in page.data], page.has_more) == (made[:2:-1], True)
    assert [row.id for row in page.auto_paging_iter()] == made[::-1]
    assert sdk.v1.payment_intents.list({"created": {"gt": 4_000_000_000}}).data == []


def test_events_tell_the_story_and_can_be_read_again(sdk: stripe.StripeClient, stripe_double: StripeDouble) -> None:
    intent = stripe_double.api("/v1/payment_intents", **EUROS)["id"]
    stripe_double.pay(intent)
    kinds = [event.type for event in sdk.v1.events.list().data]
    assert kinds == ["payment_intent.succeeded", "charge.succeeded", "payment_intent.created"]
    (paid,) = sdk.v1.events.list({"type": "payment_intent.succeeded"}).data
    assert sdk.v1.events.retrieve(paid.id).data.object["status"] == "succeeded"


def test_the_balance_pays_out_once(stripe_double: StripeDouble) -> None:
    intent = stripe_double.api("/v1/payment_intents", **EUROS)["id"]
    stripe_double.pay(intent, "pm_card_us")
    assert stripe_double.settle()["amount"] == 1000 - 33 - 25  # 3.25 % is 32.5 cents, half up
    assert stripe_double.settle() is None


def test_it_refuses_to_exist_outside_demo_and_tests(settings: Settings) -> None:
    settings.SANDBOX = False
    with pytest.raises(ImproperlyConfigured, match="ENTREPOT_ENV=demo or test"):
        Double(secret_key="sk_test_1", webhook_secret="whsec_1")
    settings.SANDBOX = True
    with pytest.raises(ImproperlyConfigured, match="sk_test_"):
        Double(secret_key="sk_live_1", webhook_secret="whsec_1")


def test_its_controls_need_the_key(stripe_double: StripeDouble) -> None:
    stripe_double.secret_key = "sk_test_wrong"
    assert "error" in stripe_double.settle()
    assert "error" in stripe_double.api("/v1/payment_intents", **EUROS)
