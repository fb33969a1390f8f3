"""The price lock ends while Bob decides: his choices survive, and only a higher price is asked about."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.test import Client

from fx.models import Quote, Rate
from fx.services import refresh_history
from marketplace.lib.clock import shifted
from marketplace.models import Acceptance
from orders.models import CartLine, Checkout, QuotedBasket
from payments.models import Payment
from tests.conftest import ClientFor
from tests.doubles import StripeDouble
from tests.orders.world import BERLIN, World

pytestmark = pytest.mark.django_db
AGREED = {"rail": "stripe", "accept": "on"}


@pytest.fixture
def buyer(world: World, client_for: ClientFor, stripe_double: StripeDouble) -> Client:
    """At the review page, with the scarf in his basket and a price for each rail."""
    client = client_for(world.bob)
    client.post("/cart/add/", {"listing": world.scarf.pk, "quantity": "1"})
    answer = client.post("/checkout/", {**BERLIN, "country": "DE"})
    assert (answer.status_code, answer["Location"]) == (302, "/checkout/review/")
    return client


def offered(client: Client, rail: str = "stripe") -> Quote:
    return QuotedBasket.objects.get(quote__in=client.session["checkout"]["quotes"], processor=rail).quote


def rupees(times: str) -> None:
    """The rupee per euro is `times` what it was: more of them make the scarf cheaper."""
    for rate in Rate.objects.filter(currency="INR"):
        rate.per_eur *= Decimal(times)
        rate.save(update_fields=["per_eur"])


def order(client: Client, **chosen: str) -> tuple[int, str]:
    """Bob's click, with the price of the page that he sees."""
    seen = client.session["checkout"]["quotes"][0]
    answer = client.post("/checkout/pay/", {**AGREED, **chosen, "seen": seen})
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode())).replace("\xa0", " ")
    return answer.status_code, answer.get("Location", page)


def test_the_same_price_is_charged_without_a_question(buyer: Client) -> None:
    old = offered(buyer)
    with shifted(minutes=11):
        status, where = order(buyer)
    checkout = Checkout.objects.get()
    assert (status, where) == (302, f"/pay/{checkout.token}/")
    assert checkout.amount == old.amount
    assert checkout.quote_id != old.pk
    assert (checkout.address["street_address"], checkout.payment.processor) == ("Torstraße 1", "stripe")
    assert {acceptance.text.kind for acceptance in Acceptance.objects.filter(ref=checkout.public_id)} == {
        "terms",
        "privacy",
    }
    old.refresh_from_db()
    assert old.used_at is None


def test_a_lower_price_is_charged_without_a_question(buyer: Client) -> None:
    old = offered(buyer)
    rupees("1.05")
    with shifted(minutes=11):
        status, _where = order(buyer)
    checkout = Checkout.objects.get()
    assert status == 302
    assert checkout.amount < old.amount
    assert checkout.orders.get().goods_minor == 190_000  # the seller gets what was asked for


def test_a_higher_price_is_asked_about_and_everything_is_still_there(buyer: Client, world: World) -> None:
    old = offered(buyer, "bitcoin")
    rupees("0.95")
    with shifted(minutes=16):
        status, page = order(buyer, rail="bitcoin", refund_terms="coin")
        new = offered(buyer, "bitcoin")
        assert status == 409
        assert f"The price was €{old.amount.decimal} and is now €{new.amount.decimal}." in page
        assert "instead of" in page
        assert "Torstraße 1" in page
        assert (Checkout.objects.count(), Payment.objects.count()) == (0, 0)
        assert CartLine.objects.get().listing == world.scarf
        html = buyer.post("/checkout/pay/", {"seen": str(new.pk), "rail": "bitcoin"}).content.decode()
        assert re.search(r'value="bitcoin" checked', html)
        status, where = order(buyer, rail="bitcoin", refund_terms="coin")
        checkout = Checkout.objects.get()
        assert (status, where) == (302, f"/pay/{checkout.token}/")
    assert checkout.quote_id == new.pk
    assert (checkout.payment.processor, checkout.payment.refund_terms) == ("bitcoin", "coin")


def coins(times: str) -> None:
    """There is so much of a bitcoin in a euro: more of it, and more has to be sent."""
    for rate in Rate.objects.filter(currency="BTC"):
        rate.per_eur *= Decimal(times)
        rate.save(update_fields=["per_eur"])


@pytest.mark.parametrize(
    ("of_rupees", "of_coins", "says"),
    [
        ("1", "1.02", "You would send"),  # the same price, and more coins for it
        ("0.95", "0.80", "The price was"),  # fewer coins for a higher price
    ],
)
def test_neither_a_higher_price_nor_more_coins_are_taken_without_a_question(
    buyer: Client, of_rupees: str, of_coins: str, says: str
) -> None:
    old = offered(buyer, "bitcoin")
    rupees(of_rupees)
    coins(of_coins)
    with shifted(minutes=16):
        status, page = order(buyer, rail="bitcoin")
        new = offered(buyer, "bitcoin")
    assert (new.amount > old.amount, new.pay > old.pay) == (of_rupees != "1", of_coins == "1.02")
    assert (status, says in page, Checkout.objects.count()) == (409, True, 0)
    assert ("The price was" in page) is (new.amount != old.amount)


def test_the_asking_page_keeps_rail_terms_and_what_was_accepted(buyer: Client) -> None:
    rupees("0.95")
    with shifted(minutes=16):
        seen = buyer.session["checkout"]["quotes"][0]
        html = buyer.post(
            "/checkout/pay/", {"rail": "bitcoin", "accept": "on", "refund_terms": "coin", "seen": seen}
        ).content.decode()
    assert 'value="bitcoin" checked' in html
    assert 'value="coin" checked' in html
    assert re.search(r'<input type="checkbox" name="accept"[^>]* checked', html)
    assert f'name="seen" value="{buyer.session["checkout"]["quotes"][0]}"' in html


def test_a_rate_that_is_gone_is_a_sentence_and_nothing_moves(buyer: Client, world: World) -> None:
    Rate.objects.filter(currency="INR").delete()
    with shifted(minutes=11):
        status, where = order(buyer)
        assert (status, where) == (302, "/cart/")
        page = buyer.get("/cart/").content.decode()
    assert "There is no trustworthy exchange rate for INR at the moment" in page
    assert (Checkout.objects.count(), Payment.objects.count()) == (0, 0)
    assert CartLine.objects.get().listing == world.scarf


def test_a_basket_that_changed_is_never_charged_unseen(buyer: Client, world: World) -> None:
    world.scarf.price_minor = 100_000
    world.scarf.save(update_fields=["price_minor"])
    with shifted(minutes=11):
        status, where = order(buyer)
    assert (status, where) == (302, "/checkout/review/")
    assert Checkout.objects.count() == 0


def test_a_second_click_on_the_page_that_ended_lands_on_the_same_order(buyer: Client) -> None:
    old = list(buyer.session["checkout"]["quotes"])
    with shifted(minutes=11):
        first = order(buyer)
        session = buyer.session
        session["checkout"] = session["checkout"] | {
            "quotes": old
        }  # the second was under way with the first one's session
        session.save()
        second = order(buyer)
    assert Checkout.objects.count() == 1
    assert first == second


def test_the_time_stands_there_without_a_script_and_the_script_gets_seconds(buyer: Client) -> None:
    page = buyer.get("/checkout/review/").content.decode()
    ends = offered(buyer).expires_at
    assert f"The price is locked until {ends:%H:%M} UTC." in page
    found = re.search(r'data-seconds="(\d+)"', page)
    assert found is not None
    assert 590 <= int(found[1]) <= 600
    assert "js/countdown.js" in page
    with shifted(minutes=11):
        page = buyer.get("/checkout/review/").content.decode()
        assert 'data-seconds="0"' in page
        assert "if it is, you are asked first" in page
        assert "disabled" not in page.split("Order and pay")[0].rsplit("<button", 1)[1]


def test_the_review_says_our_rate_over_mid_and_over_the_ecbs(world: World, buyer: Client) -> None:
    assert (
        "The European Central Bank has no rate to compare it with." in buyer.get("/checkout/review/").content.decode()
    )
    refresh_history()
    buyer.post("/checkout/again/")
    page = buyer.get("/checkout/review/").content.decode()
    assert "1 INR = 0.0094643496 EUR, 0.40 % over mid-market and 0.40 % over the latest rate of the European" in page
    assert "(2026-10-30)." in page
