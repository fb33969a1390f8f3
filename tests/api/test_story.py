"""The main job over HTTP, JSON only: browse, basket, quote, checkout, pay, ship, confirm, payout."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from fx.money import Money
from orders import work
from orders.models import Checkout
from payments.ledger.balances import trial_balance
from payments.models import Payment
from tests.api.caller import Caller, by_token, name_of
from tests.doubles import StripeDouble
from tests.orders.world import BERLIN, World

pytestmark = pytest.mark.django_db

EURO = {"country": "DE", "currency": "EUR"}


def quote(caller: Caller, world: World, rail: str = "stripe") -> dict[str, Any]:
    caller.put("basket/", {"listing": world.scarf.pk, "quantity": 1})
    quotes = caller.post("quotes/", EURO, 201)
    return next(one for one in quotes if one["rail"] == rail)


def order(caller: Caller, world: World, **more: Any) -> dict[str, Any]:
    body = {"quote": quote(caller, world)["quote"], "address": BERLIN, "accept_terms": True, **more}
    answer: dict[str, Any] = caller.post("checkouts/", body, 201)
    return answer


def pay(double: StripeDouble, checkout: dict[str, Any]) -> None:
    """With the client secret that the answer carries, as a card form would."""
    intent = checkout["payment"]["client"]["client_secret"].partition("_secret_")[0]
    double.pay(intent)
    assert set(double.deliver(Client())) == {200}
    work.drain_inbox()


def test_the_shelf_has_the_price_at_the_door(world: World, as_guest: Caller) -> None:
    page = as_guest.get("listings/", {"q": "scarf", **EURO})
    [offer] = page["results"]
    assert offer["price"] == {"amount": "1900.00", "currency": "INR"}
    assert offer["door"]["currency"] == "EUR"
    assert offer["door"]["certainty"] in {"exact", "estimate", "at_least"}
    detail = as_guest.get(f"listings/{offer['slug']}/", EURO)
    assert detail["landed"]["total"] == detail["door"]["total"] == offer["door"]["total"]
    assert {part["kind"] for part in detail["landed"]["components"]} >= {"goods", "shipping"}
    assert as_guest.get("shops/chaya-prints/")["name"] == "Chaya Prints"


def test_what_has_no_price_says_why(world: World, as_guest: Caller) -> None:
    offer = as_guest.get(f"listings/{world.scarf.slug}/", {"country": "KP", "currency": "EUR"})
    assert offer["door"]["certainty"] == "none"
    assert offer["door"]["total"] is offer["landed"] is None
    assert offer["door"]["why"]


def test_a_scarf_is_bought_shipped_confirmed_and_paid_out(
    world: World, stripe_double: StripeDouble, as_bob: Caller, as_alice: Caller
) -> None:
    checkout = order(as_bob, world)
    [number] = checkout["orders"]
    pay(stripe_double, checkout)
    assert as_bob.get(f"checkouts/{checkout['token']}/")["payment"]["state"] == "captured"
    bought = as_bob.get(f"orders/{number}/")
    assert (bought["status"], bought["total"]) == ("paid", checkout["amount"])
    sums = sum(Money.parse(line["amount"]["amount"], "EUR").amount for line in bought["fee_sheet"])
    assert sums == Money.parse(checkout["amount"]["amount"], "EUR").amount

    [sale] = as_alice.get("sales/")["results"]
    assert (sale["number"], sale["address"]["city"]) == (number, "BERLIN")
    assert sale["can"] == ["cancel", "refund", "ship"]
    held = {"amount": "2590.00", "currency": "INR"}
    assert sums_of(as_alice)["held"] == held
    as_alice.post(f"sales/{number}/ship/", {"carrier": "India Post", "tracking_number": "ee 123456785 in"})
    assert as_bob.get(f"orders/{number}/")["shipment"]["tracking_number"] == "EE123456785IN"

    done = as_bob.post(f"orders/{number}/confirm/")
    assert (done["status"], done["next"], done["due_at"]) == ("completed", None, None)
    payable = sums_of(as_alice)["payable"]
    assert payable == as_alice.get(f"sales/{number}/")["net"]

    method = {
        "currency": "INR",
        "holder": "Alice",
        "country": "IN",
        "account": "123456789",
        "clearing_code": "SBIN0001234",
    }
    assert as_alice.post("payout-methods/", method, 201)["account"] == "…6789"
    payout = as_alice.post("payouts/", {"currency": "INR"}, 201)
    assert (payout["amount"], payout["state"], payout["to"]) == (payable, "requested", "…6789")
    assert sums_of(as_alice)["under_way"] == payable
    assert sums_of(as_alice)["payable"] == {"amount": "0.00", "currency": "INR"}
    assert trial_balance() == {}


def sums_of(caller: Caller) -> dict[str, Any]:
    return {one["name"]: one["amount"] for one in caller.get("balance/")["sums"]}


def test_a_guest_orders_by_session_and_follows_by_token(
    world: World, stripe_double: StripeDouble, as_guest: Caller, as_alice: Caller
) -> None:
    checkout = order(as_guest, world, email="greta@example.com")
    pay(stripe_double, checkout)
    anywhere, [number] = Caller(), checkout["orders"]
    path = f"checkouts/{checkout['token']}/orders/{number}/"
    assert anywhere.get(path)["status"] == "paid"
    as_alice.post(f"sales/{number}/ship/", {"carrier": "India Post", "tracking_number": "EE123456785IN"})
    assert anywhere.post(f"{path}delivered/")["status"] == "delivered"
    disputed = anywhere.post(f"{path}dispute/", {"reason": "It is blue, not red."})
    assert (disputed["status"], disputed["dispute"]["reason"]) == ("disputed", "It is blue, not red.")
    answered = as_alice.post(f"sales/{number}/answer/", {"answer": "It is indigo, as written."})
    assert answered["dispute"]["answer"] == "It is indigo, as written."
    anywhere.get(f"checkouts/{'0' * 32}/orders/{number}/", status=404)


def test_a_checkout_can_be_given_up_before_it_is_paid(
    world: World, stripe_double: StripeDouble, as_bob: Caller
) -> None:
    checkout = order(as_bob, world)
    as_bob.post(f"checkouts/{checkout['token']}/cancel/")
    work.drain_operations()
    after = as_bob.get(f"checkouts/{checkout['token']}/")
    assert after["payment"]["state"] == "canceled"
    assert as_bob.get(f"orders/{checkout['orders'][0]}/")["status"] == "canceled"
    refused = as_bob.post(f"checkouts/{checkout['token']}/cancel/", status=409)
    assert name_of(refused) == "order_refused"


def test_a_coin_quote_answers_with_an_address_to_pay_to(world: World, as_bob: Caller) -> None:
    asked = quote(as_bob, world, "bitcoin")
    assert (asked["amount"]["currency"], asked["pay"]["currency"]) == ("EUR", "BTC")
    body = {"quote": asked["quote"], "address": BERLIN, "accept_terms": True}
    payment = as_bob.post("checkouts/", body, 201)["payment"]
    assert payment["amount"] == asked["pay"]
    assert payment["client"]["uri"].startswith("bitcoin:")
    refused = as_bob.post(f"checkouts/{Checkout.objects.get().token}/refund-address/", {"destination": "bc1q"}, 409)
    assert refused["detail"] == "No refund waits for an address."


def test_a_declined_card_can_be_followed_by_another(world: World, stripe_double: StripeDouble, as_bob: Caller) -> None:
    checkout = order(as_bob, world)
    ref = Payment.objects.get().processor_ref
    stripe_double.pay(ref, "pm_card_visa_chargeDeclined")
    stripe_double.deliver(Client())
    work.drain_inbox()
    payment = as_bob.get(f"checkouts/{checkout['token']}/")["payment"]
    assert payment["state"] == "failed"
    assert payment["problem"]
    pay(stripe_double, checkout)
    assert as_bob.get(f"checkouts/{checkout['token']}/")["payment"]["state"] == "captured"


def test_rates_carry_their_source_and_state(world: World, as_guest: Caller) -> None:
    rates = {rate["currency"]: rate for rate in as_guest.get("rates/")["rates"]}
    assert rates["INR"]["source"]
    assert rates["INR"]["state"] in {"open", "demo"}
    assert isinstance(rates["INR"]["per_eur"], str)


def test_the_seller_writes_and_counts_a_listing(world: World, as_alice: Caller) -> None:
    body = {
        "title": "Block-printed napkin",
        "description": "Cotton.",
        "price": {"amount": "450.50", "currency": "INR"},
        "hs_code": "630251",
        "origin": "IN",
        "weight_g": 60,
    }
    draft = as_alice.post("shop/listings/", {**body, "stock": 4}, 201)
    assert (draft["status"], draft["stock"], draft["price"]["amount"]) == ("draft", 4, "450.50")
    path = f"shop/listings/{draft['id']}/"
    assert as_alice.put(path, {**body, "title": "Napkin"})["title"] == "Napkin"
    assert as_alice.put(f"{path}stock/", {"stock": 9})["stock"] == 9
    refused = as_alice.post(f"{path}submit/", status=409)
    assert refused["detail"].startswith("Add a photo first")
    by_token(world.bob).get(path, status=404)
    wrong = as_alice.put(path, {**body, "price": {"amount": "4", "currency": "EUR"}}, 409)
    assert "INR" in wrong["detail"]
