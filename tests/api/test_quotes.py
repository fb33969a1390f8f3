"""Only a live quote of the caller's own, for the basket as it is, becomes a checkout."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.lib.clock import shifted
from orders.models import Checkout
from tests.api.caller import Caller, name_of
from tests.api.test_story import EURO, quote
from tests.doubles import StripeDouble
from tests.orders.world import BERLIN, World

pytestmark = pytest.mark.django_db


def ask(quote_id: str, **changes: Any) -> dict[str, Any]:
    return {"quote": quote_id, "address": BERLIN, "accept_terms": True} | changes


def test_anothers_quote_cannot_be_paid(world: World, as_bob: Caller, as_guest: Caller) -> None:
    given = quote(as_bob, world)["quote"]
    quote(as_guest, world)
    refused = as_guest.post("checkouts/", ask(given, email="greta@example.com"), 409)
    assert name_of(refused) == "quote_not_found"
    assert not Checkout.objects.exists()


@pytest.mark.parametrize("given", ["0" * 36, "", "1", 7, True, None, [], {}, "0f8c2a523c1e4d0b9a635f0f3f1f9e11"])
def test_what_is_no_quote_is_a_400(world: World, as_bob: Caller, given: Any) -> None:
    assert list(as_bob.post("checkouts/", ask(given), 400)["errors"]) == ["quote"]


def test_an_expired_quote_cannot_be_paid(world: World, as_bob: Caller) -> None:
    given = quote(as_bob, world)["quote"]
    with shifted(minutes=11):
        assert name_of(as_bob.post("checkouts/", ask(given), 409)) == "quote_expired"
    assert not Checkout.objects.exists()


def test_a_changed_basket_needs_a_new_quote(world: World, as_bob: Caller) -> None:
    given = quote(as_bob, world)["quote"]
    as_bob.put("basket/", {"listing": world.scarf.pk, "quantity": 2})
    assert name_of(as_bob.post("checkouts/", ask(given), 409)) == "quote_outdated"


def test_a_quote_is_paid_once_whatever_the_key(world: World, stripe_double: StripeDouble, as_bob: Caller) -> None:
    given = ask(quote(as_bob, world)["quote"])
    first = as_bob.post("checkouts/", given, 201)
    assert as_bob.post("checkouts/", given, 201)["token"] == first["token"]
    assert Checkout.objects.count() == 1


def test_a_listing_withdrawn_meanwhile_is_not_sold(world: World, as_bob: Caller, as_alice: Caller) -> None:
    given = quote(as_bob, world)["quote"]
    as_alice.post(f"shop/listings/{world.scarf.pk}/withdraw/")
    refused = as_bob.post("checkouts/", ask(given), 409)
    assert "not for sale any more" in refused["detail"]
    assert not Checkout.objects.exists()


def test_the_client_cannot_choose_what_it_pays_in(world: World, as_bob: Caller) -> None:
    given = quote(as_bob, world)["quote"]
    for more in ({"currency": "INR"}, {"amount": {"amount": "0.01", "currency": "EUR"}}, {"rail": "bitcoin"}):
        assert set(as_bob.post("checkouts/", ask(given) | more, 400)["errors"]) == set(more)
    as_bob.post("quotes/", EURO | {"currency": "BTC"}, 400)


def test_an_address_is_checked_by_its_country(world: World, as_bob: Caller) -> None:
    given = quote(as_bob, world)["quote"]
    wrong = as_bob.post("checkouts/", ask(given, address=BERLIN | {"postal_code": "1"}), 400)
    assert wrong["errors"] == {"address": {"postal_code": ["invalid"]}}
    for country in ("XX", "de", "DEU", 49, None):
        as_bob.post("checkouts/", ask(given, address=BERLIN | {"country_code": country}), 400)
    as_bob.post("checkouts/", ask(given, accept_terms=False), 400)
    assert not Checkout.objects.exists()


def test_a_guest_has_to_say_where_the_receipt_goes(world: World, as_guest: Caller) -> None:
    given = quote(as_guest, world)["quote"]
    for more in ({}, {"email": ""}, {"email": "nobody"}, {"email": 1}):
        assert list(as_guest.post("checkouts/", ask(given, **more), 400)["errors"]) == ["email"]
