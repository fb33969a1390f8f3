"""People who want more than is theirs: old prices, made-up prices, rebates for nothing. Each time nothing moves."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from fx.models import Quote, Window
from fx.money import Money
from fx.services import current_rates
from listings.models import FixedPrice, Listing, Shop
from listings.services import share_savings
from marketplace.lib.clock import shifted
from orders import services, work
from orders.models import Checkout, Order
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Entry, Journal, Operation, Payment, Rebate
from payments.netting.windows import close_window
from tests.api.caller import Caller, by_token, name_of
from tests.conftest import ClientFor, make_user
from tests.doubles import StripeDouble
from tests.orders.test_requote import offered, rupees
from tests.orders.world import BERLIN, World, broken, make_listing, make_shop, pay_by_card, place, quotes

pytestmark = pytest.mark.django_db
EURO = {"country": "DE", "currency": "EUR"}


@pytest.fixture
def client(world: World, client_for: ClientFor, stripe_double: StripeDouble) -> Client:
    """Bob's browser at the review page, with the scarf."""
    browser = client_for(world.bob)
    browser.post("/cart/add/", {"listing": world.scarf.pk, "quantity": "1"})
    assert browser.post("/checkout/", {**BERLIN, "country": "DE"})["Location"] == "/checkout/review/"
    return browser


def moved() -> tuple[int, ...]:
    """How many of each there are of what a purchase leaves behind."""
    return tuple(model._default_manager.count() for model in (Checkout, Order, Payment, Operation, Journal, Entry))


def chosen(client: Client, **more: str) -> Any:
    """Bob's click on the page that he sees."""
    seen = client.session["checkout"]["quotes"][0]
    return client.post("/checkout/pay/", {"rail": "stripe", "accept": "on", "seen": seen, **more})


def ordered(caller: Caller, quote: object, status: int) -> Any:
    return caller.post("checkouts/", {"quote": str(quote), "address": BERLIN, "accept_terms": True}, status)


# --- a price that was good for the buyer --------------------------------------------------------------


def test_an_old_quote_is_not_paid_after_a_dearer_one_took_its_place(client: Client, world: World) -> None:
    """Bob keeps the cheap quote's id, lets it end, is shown the dearer price, and sends the old id to the API."""
    old = offered(client)
    rupees("0.90")
    with shifted(minutes=11):
        assert chosen(client).status_code == 409
        before = moved()
        bob = by_token(world.bob)
        assert name_of(ordered(bob, old.pk, 409)) == "quote_expired"
        assert moved() == before
        new = offered(client)
        assert new.amount > old.amount
        assert ordered(bob, new.pk, 201)["amount"] == new.amount.json()
        assert name_of(ordered(bob, old.pk, 409)) in ("quote_expired", "quote_outdated")
    assert Checkout.objects.get().amount == new.amount


def test_a_quote_that_was_renewed_and_paid_buys_nothing_a_second_time(client: Client, world: World) -> None:
    """Through the page, then through the API, with the things in the basket once more."""
    with shifted(minutes=11):
        chosen(client)
        paid = Checkout.objects.get()
        client.post("/cart/add/", {"listing": world.scarf.pk, "quantity": "1"})
        before = moved()
        assert ordered(by_token(world.bob), paid.quote_id, 201)["token"] == paid.token
        assert moved() == before
    world.scarf.refresh_from_db()
    assert world.scarf.stock == 4


def test_the_quote_of_a_purchase_that_was_given_up_is_used(client: Client, world: World) -> None:
    quote = offered(client)
    chosen(client)
    placed = Checkout.objects.get()
    client.post(f"/pay/{placed.token}/cancel/")
    work.drain_operations()
    assert placed.orders.get().status == Order.Status.CANCELED
    client.post("/cart/add/", {"listing": world.scarf.pk, "quantity": "1"})
    before = moved()
    assert ordered(by_token(world.bob), quote.pk, 201)["token"] == placed.token
    assert moved() == before
    assert placed.orders.get().status == Order.Status.CANCELED


LIES = {
    "amount": "0.01",
    "pay_minor": "1",
    "currency": "INR",
    "spread_bps": "0",
    "discount": "1999",
    "quote": "00000000-0000-0000-0000-000000000000",
    "expires_at": "2099-01-01",
    "processor": "bitcoin",
    "fee_sheet": "[]",
}


def test_what_is_added_to_the_form_of_the_review_changes_nothing(client: Client) -> None:
    quote = offered(client)
    chosen(client, **LIES)
    checkout = Checkout.objects.get()
    assert (checkout.quote, checkout.amount, checkout.payment.processor) == (quote, quote.amount, "stripe")
    assert checkout.payment.amount == quote.pay


def test_a_discount_for_one_way_to_pay_is_not_taken_along_to_another(
    world: World, client_for: ClientFor, stripe_double: StripeDouble
) -> None:
    share_savings(world.scarf.shop, percent=100, by=world.alice)
    client = client_for(world.bob)
    client.post("/cart/add/", {"listing": world.scarf.pk, "quantity": "1"})
    client.post("/checkout/", {**BERLIN, "country": "DE"})
    cheap, dear = offered(client, "bitcoin"), offered(client, "stripe")
    assert cheap.amount < dear.amount
    seen = client.session["checkout"]["quotes"][0]
    chosen(client, quote=str(cheap.pk), amount=str(cheap.amount.decimal))
    checkout = Checkout.objects.get()
    assert (checkout.payment.processor, checkout.payment.amount) == ("stripe", dear.amount)
    assert checkout.orders.get().discount_minor == 0
    before = moved()
    for rail in ("bitcoin", "stripe"):  # the purchase is there; its basket is empty now
        client.post("/checkout/pay/", {"rail": rail, "accept": "on", "seen": seen})
    assert moved() == before
    assert broken() == []


# --- a price that no seller means ---------------------------------------------------------------------


def facts(listing: Listing) -> dict[str, Any]:
    names = ("title", "description", "hs_code", "origin", "weight_g")
    return {name: getattr(listing, name) for name in names} | {"price": listing.price.json()}


NO_PRICES: list[tuple[str, Any]] = [
    ("fixed_prices", {"amount": "0.00", "currency": "EUR"}),
    ("fixed_prices", {"amount": "-18.50", "currency": "EUR"}),
    ("fixed_prices", {"amount": "1000000000000000.00", "currency": "EUR"}),
    ("fixed_prices", {"amount": "1" + "0" * 40, "currency": "EUR"}),
    ("fixed_prices", {"amount": "1e15", "currency": "EUR"}),
    ("fixed_prices", {"amount": "NaN", "currency": "EUR"}),
    ("fixed_prices", {"amount": 18.5, "currency": "EUR"}),
    ("fixed_prices", {"amount": "18.50", "currency": "XYZ"}),
    ("fixed_prices", {"amount": "18.50", "currency": ""}),
    ("fixed_prices", {"amount": "18.50", "currency": "eur"}),
    ("fixed_prices", {"amount": "18.50", "currency": "BTC"}),
    ("fixed_prices", {"amount": "18.50"}),
    ("price", {"amount": "0.00", "currency": "INR"}),
    ("price", {"amount": "1000000000000000.00", "currency": "INR"}),
    ("price", {"amount": "1900.00", "currency": "XYZ"}),
    ("price", {"amount": "1900.00", "currency": "EUR"}),
]


@pytest.mark.parametrize(("field", "wrong"), NO_PRICES)
def test_a_price_that_no_seller_means_is_refused_and_nothing_changes(world: World, field: str, wrong: Any) -> None:
    alice, path = by_token(world.alice), f"shop/listings/{world.scarf.pk}/"
    before = Listing.objects.filter(pk=world.scarf.pk).values().get()
    sent = facts(world.scarf) | {field: [wrong] if field == "fixed_prices" else wrong}
    answer = alice.send("PUT", path, sent)
    assert answer.status_code in (400, 409), answer.content
    assert answer.json()["detail"]
    assert Listing.objects.filter(pk=world.scarf.pk).values().get() == before
    assert not FixedPrice.objects.exists()


@pytest.mark.parametrize("percent", [101, -1, 10**15, "50.5", "", None, True, [100], "٥٠"])
def test_a_share_that_is_no_percentage_is_refused_and_nothing_changes(world: World, percent: Any) -> None:
    assert by_token(world.alice).send("PUT", "shop/discount/", {"percent": percent}).status_code == 400
    assert Shop.objects.get(pk=world.scarf.shop_id).saving_share == 0


def test_all_of_the_saving_given_away_costs_nobody_but_what_was_saved(world: World) -> None:
    """100 % is the most: the goods still cost something, the seller has at least what a card would leave."""
    plain = quotes(world.bob, world.scarf)
    share_savings(world.scarf.shop, percent=100, by=world.alice)
    found = quotes(world.bob, world.scarf)
    [card], [coin] = plain["stripe"].parcels, found["bitcoin"].parcels
    assert coin["discount"] == coin["saving"] == card["processing"] - coin["processing"]
    kept = coin["goods"] - coin["commission"] - coin["processing"]
    assert kept >= card["goods"] - card["commission"] - card["processing"]
    assert found["stripe"].quote.amount == plain["stripe"].quote.amount


# --- a rebate for nothing -----------------------------------------------------------------------------


@pytest.fixture
def candle(world: World, settings: Settings, stripe_double: StripeDouble) -> Listing:
    """Dora's in Cologne, priced in euros: who buys it with rupees brings the opposite flow."""
    settings.NETTING_MODE = "live"
    stripe = settings.PROCESSORS["stripe"] | {"settlement_currencies": ["EUR", "INR"]}
    settings.PROCESSORS = {**settings.PROCESSORS, "stripe": stripe}
    dora = make_user("dora@example.com", country="DE", currency="EUR", name="Dora")
    shop = make_shop(dora, "Kerzen aus Köln", "DE", "Köln", "EUR", "4.90")
    return make_listing(shop, world.moderator, "Beeswax candle", "12.50", "340600", 200)


def completed(world: World, double: StripeDouble) -> Order:
    """Bob is Alice's friend: nothing is sent, and he says that it has come."""
    checkout = place(world.bob, world.scarf)
    pay_by_card(checkout, double)
    number = checkout.orders.get().number
    services.mark_shipped(number, by=world.alice, carrier="Post", tracking_number="EE123456785IN")
    services.mark_delivered(number, by=world.bob)
    return services.confirm(number, by=world.bob)


def test_who_orders_from_themselves_through_a_friend_and_refunds_keeps_no_rebate(
    world: World, candle: Listing, stripe_double: StripeDouble, charlie: Any
) -> None:
    pay_by_card(place(charlie, candle, currency="INR"), stripe_double)
    order = completed(world, stripe_double)
    window = close_window(coins=False, reason=Window.Reason.PERSON)
    assert window is not None
    assert window.is_live
    work.pay_rebates()
    given = Rebate.objects.get()
    assert (given.ref, given.booked_minor > 0) == (order.number, True)
    debt, payable = codes.seller_debt(world.alice.pk, "INR"), codes.seller(world.alice.pk, "INR")
    had = balance(payable)
    services.refund(order.number, by=world.alice, why="by agreement")
    work.drain_operations()
    given.refresh_from_db()
    assert (given.booked_minor, given.hub_minor) == (0, 0)
    assert balance(codes.expense("rebate", "EUR")) == Money(0, "EUR")
    assert balance(payable) - balance(debt) <= Money(0, "INR") < had
    work.pay_rebates()
    assert Rebate.objects.get().booked_minor == 0
    assert broken() == []


def test_a_rate_that_ran_away_is_the_houses_and_not_the_buyers_to_choose(client: Client) -> None:
    """Bob waits past the end until the rupee falls, and rises: he pays the price of the moment, asked if it is more."""
    first = offered(client)
    rupees("1.10")
    with shifted(minutes=11):
        client.post("/checkout/again/")
        cheaper = offered(client)
        assert cheaper.amount < first.amount
    rupees("0.82")
    with shifted(minutes=23):
        before = moved()
        assert (chosen(client).status_code, moved()) == (409, before)
        assert offered(client).amount > first.amount
    assert "INR" in current_rates()
    assert not Quote.objects.exclude(used_at=None).exists()
