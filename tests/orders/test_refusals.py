"""What changed between the price and the payment, and what a client made up: a clear sentence, and nothing moves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from fx.errors import QuoteError
from fx.models import Quote
from fx.money import Money
from listings.errors import ListingError
from listings.models import Listing, Reservation, ShippingRate, Shop
from listings.services import set_stock, withdraw_listing
from marketplace import legal
from marketplace.lib.clock import now, shifted
from marketplace.models import LegalText, User
from orders import services
from orders.checkout import carts
from orders.checkout.placing import place_order
from orders.errors import OrderRefused, WrongState
from orders.models import Cart, Checkout, Order, QuotedBasket
from payments.models import Operation, Payment
from tests.conftest import ClientFor
from tests.doubles import StripeDouble
from tests.orders.world import BERLIN, World, broken, buyer, delivered_order, paid_order, place, quotes, shipped_order

pytestmark = pytest.mark.django_db
REFUSED = (OrderRefused, QuoteError, ListingError)


def order_it(world: World, quote_id: object, **changes: str) -> Checkout:
    """Bob presses pay; `changes` are fields of his address."""
    who = buyer(world.bob)
    who = type(who)(who.owner, who.email, {**BERLIN, **changes}, who.language, who.user)
    return place_order(quote_id=str(quote_id), buyer=who, accepted=[legal.current(LegalText.Kind.TERMS)])


def nothing_moved(quote: Quote | None = None) -> None:
    """No checkout, no order, no payment, nothing reserved; a live quote of Bob's is still his to use."""
    for model in (Checkout, Order, Payment, Operation, Reservation):
        assert not model._default_manager.exists(), model
    if quote is not None:
        quote.refresh_from_db()
        assert quote.used_at is None
    assert broken() == []


def withdraw(world: World) -> None:
    withdraw_listing(world.scarf, by=world.alice)


def raise_price(world: World) -> None:
    Listing.objects.filter(pk=world.scarf.pk).update(price_minor=250000)


def cut_price(world: World) -> None:
    Listing.objects.filter(pk=world.scarf.pk).update(price_minor=100)


def dearer_post(world: World) -> None:
    ShippingRate.objects.filter(shop=world.scarf.shop).update(first_minor=99000)


def slower_post(world: World) -> None:
    ShippingRate.objects.filter(shop=world.scarf.shop).update(max_days=75)


def sold_out(world: World) -> None:
    set_stock(world.scarf, stock=0, by=world.alice)


def not_to_germany(world: World) -> None:
    Listing.objects.filter(pk=world.scarf.pk).update(ships_to=["FR"])


def forbidden(world: World) -> None:
    Listing.objects.filter(pk=world.scarf.pk).update(hs_code="930390")


def embargoed(world: World) -> None:
    Shop.objects.filter(pk=world.scarf.shop.pk).update(country="KP")


def suspend_shop(world: World) -> None:
    world.scarf.shop.suspended_at = now()
    world.scarf.shop.save()


def suspend_seller(world: World) -> None:
    User.objects.filter(pk=world.alice.pk).update(suspended_at=now())


def one_more(world: World) -> None:
    carts.put(owner=f"user:{world.bob.pk}", listing_id=world.scarf.pk, quantity=2)


def another_thing(world: World) -> None:
    carts.put(owner=f"user:{world.bob.pk}", listing_id=world.vase.pk, quantity=1)


def empty_basket(world: World) -> None:
    Cart.objects.all().delete()


CHANGES: list[tuple[Callable[[World], None], str]] = [
    (withdraw, "not for sale any more"),
    (raise_price, "cart has changed"),
    (cut_price, "cart has changed"),
    (dearer_post, "cart has changed"),
    (slower_post, "longer than a payment may be held"),
    (sold_out, "sold out"),
    (not_to_germany, "not sent to your country"),
    (forbidden, r"to DE: weapons.*correct it.*Rule: all countries, HS 93\. Source: general"),
    (embargoed, r"No trade with KP: .*Only another country helps.*Rule: KP, UN, US, EU, UK\. Source: general"),
    (suspend_shop, "not for sale any more"),
    (suspend_seller, "not for sale any more"),
    (one_more, "cart has changed"),
    (another_thing, "cart has changed"),
    (empty_basket, "cart has changed"),
]


@pytest.mark.parametrize(("change", "why"), CHANGES, ids=[change.__name__ for change, _why in CHANGES])
def test_what_changed_since_the_quote_is_said_and_nothing_moves(
    world: World, change: Callable[[World], None], why: str
) -> None:
    quote = quotes(world.bob, world.scarf)["stripe"].quote
    change(world)
    with pytest.raises(REFUSED, match=why):
        order_it(world, quote.pk)
    nothing_moved(quote)


def test_a_quote_for_one_country_does_not_pay_for_another(world: World) -> None:
    quote = quotes(world.bob, world.scarf)["stripe"].quote
    with pytest.raises(QuoteError, match="cart has changed"):
        order_it(world, quote.pk, country_code="US")
    nothing_moved(quote)


def test_an_expired_quote_is_refused(world: World) -> None:
    quote = quotes(world.bob, world.scarf)["stripe"].quote
    with shifted(minutes=10), pytest.raises(QuoteError, match="expired. Check the new price; nothing was charged"):
        order_it(world, quote.pk)
    nothing_moved(quote)


@pytest.mark.parametrize("made_up", ["", "1", "x" * 200, "0", "0" * 31 + "7", "None", "'; drop table fx_quote; --"])
def test_a_made_up_quote_does_not_exist(world: World, made_up: str) -> None:
    quote = quotes(world.bob, world.scarf)["stripe"].quote
    with pytest.raises(QuoteError, match="does not exist"):
        order_it(world, made_up)
    nothing_moved(quote)


def test_a_foreign_quote_does_not_exist_for_bob(world: World, charlie: User) -> None:
    foreign = quotes(charlie, world.scarf)["stripe"].quote
    mine = quotes(world.bob, world.scarf)["stripe"].quote
    with pytest.raises(QuoteError, match="does not exist"):
        order_it(world, foreign.pk)
    nothing_moved(foreign)
    nothing_moved(mine)


def test_a_used_foreign_quote_shows_nobody_elses_checkout(
    world: World, charlie: User, stripe_double: StripeDouble
) -> None:
    theirs = place(charlie, world.scarf)
    with pytest.raises(QuoteError, match="does not exist"):
        order_it(world, theirs.quote_id)
    assert Checkout.objects.get() == theirs


def test_a_second_click_gets_the_first_ones_checkout(world: World, stripe_double: StripeDouble) -> None:
    first = place(world.bob, world.scarf)
    assert order_it(world, first.quote_id) == first
    with shifted(hours=1):
        assert order_it(world, first.quote_id) == first
    assert Reservation.objects.count() == 1


def test_the_other_rails_quote_of_a_placed_basket_is_refused(world: World, stripe_double: StripeDouble) -> None:
    found = quotes(world.bob, world.scarf)
    order_it(world, found["stripe"].quote_id)
    with pytest.raises(QuoteError, match="cart has changed"):
        order_it(world, found["bitcoin"].quote_id)
    assert Checkout.objects.count() == 1


def test_nobody_buys_from_their_own_shop(world: World) -> None:
    quote = quotes(world.alice, world.scarf)["stripe"].quote
    with pytest.raises(OrderRefused, match="cannot buy from your own shop"):
        place_order(quote_id=str(quote.pk), buyer=buyer(world.alice), accepted=[])
    nothing_moved(quote)


def test_a_paid_order_keeps_its_snapshot_when_the_listing_changes(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    raise_price(world)
    withdraw(world)
    order.refresh_from_db()
    [line] = order.lines.all()
    assert (line.unit, order.held) == (Money(190000, "INR"), Money(259000, "INR"))
    assert broken() == []


# --- over HTTP --------------------------------------------------------------------------------------


def at_review(client: Client) -> Quote:
    """Bob's browser has the scarf in the basket and looks at the price; the card's quote."""
    answer = client.post(reverse("orders:checkout"), BERLIN | {"country": "DE"})
    assert answer.headers["Location"] == reverse("orders:review")
    ids = client.session["checkout"]["quotes"]
    return QuotedBasket.objects.get(quote_id__in=ids, processor="stripe").quote


def test_a_client_chooses_no_amount_no_currency_and_no_quote(
    world: World, charlie: User, client_for: ClientFor, stripe_double: StripeDouble
) -> None:
    foreign = quotes(charlie, world.scarf)["stripe"].quote
    carts.put(owner=f"user:{world.bob.pk}", listing_id=world.scarf.pk, quantity=1)
    client = client_for(world.bob)
    quote = at_review(client)
    made_up = {"currency": "INR", "amount": "1", "quote": str(foreign.pk), "amount_minor": 1, "pay_currency": "BTC"}
    client.post(reverse("orders:place"), {"rail": "stripe", "accept": "on", **made_up})
    checkout = Checkout.objects.get()
    assert (checkout.quote, checkout.amount) == (quote, quote.amount)
    assert checkout.payment.amount == quote.amount
    [intent] = stripe_double.double.store.every("payment_intent")
    assert (intent["amount"], intent["currency"]) == (quote.amount_minor, "eur")


def test_a_currency_chosen_after_the_price_does_not_change_what_is_paid(
    world: World, client_for: ClientFor, stripe_double: StripeDouble
) -> None:
    carts.put(owner=f"user:{world.bob.pk}", listing_id=world.scarf.pk, quantity=1)
    client = client_for(world.bob)
    quote = at_review(client)
    User.objects.filter(pk=world.bob.pk).update(currency="JPY")
    client.post(reverse("orders:place"), {"rail": "stripe", "accept": "on"})
    assert Checkout.objects.get().amount == quote.amount


@pytest.mark.parametrize("rail", ["", "bank", "balance", "STRIPE", "stripe\x00", "x" * 5000])
def test_a_rail_that_was_not_offered_is_asked_for_again(
    world: World, client_for: ClientFor, stripe_double: StripeDouble, rail: str
) -> None:
    carts.put(owner=f"user:{world.bob.pk}", listing_id=world.scarf.pk, quantity=1)
    client = client_for(world.bob)
    at_review(client)
    answer = client.post(reverse("orders:place"), {"rail": rail, "accept": "on"})
    assert answer.status_code == 422
    nothing_moved()


def test_the_terms_have_to_be_accepted(world: World, client_for: ClientFor, stripe_double: StripeDouble) -> None:
    carts.put(owner=f"user:{world.bob.pk}", listing_id=world.scarf.pk, quantity=1)
    client = client_for(world.bob)
    at_review(client)
    answer = client.post(reverse("orders:place"), {"rail": "stripe"})
    assert answer.status_code == 422
    assert "Please accept the terms to order." in answer.content.decode()
    nothing_moved()


def test_a_changed_price_is_shown_again_before_anything_is_paid(
    world: World, client_for: ClientFor, stripe_double: StripeDouble
) -> None:
    carts.put(owner=f"user:{world.bob.pk}", listing_id=world.scarf.pk, quantity=1)
    client = client_for(world.bob)
    before = at_review(client)
    raise_price(world)
    answer = client.post(reverse("orders:place"), {"rail": "stripe", "accept": "on"}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("orders:review")
    assert "The cart has changed since this price was offered." in answer.content.decode()
    after = QuotedBasket.objects.get(quote_id__in=client.session["checkout"]["quotes"], processor="stripe").quote
    assert after.amount.amount > before.amount.amount
    nothing_moved(before)


# --- an order's verbs out of turn -------------------------------------------------------------------


def test_a_tracked_parcel_needs_its_number(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    with pytest.raises(OrderRefused, match="is a tracked service. Give the tracking number"):
        services.mark_shipped(order.number, by=world.alice, carrier="India Post")
    order.refresh_from_db()
    assert order.status == Order.Status.PAID


@pytest.mark.parametrize("blank", ["", "  ", "\n\t"])
def test_a_dispute_needs_words(world: World, stripe_double: StripeDouble, blank: str) -> None:
    order = delivered_order(world, stripe_double)
    with pytest.raises(OrderRefused, match="Say what is wrong"):
        services.open_dispute(order.number, by=world.bob, reason=blank)


def test_an_open_dispute_is_not_confirmed_away_nor_refunded_past_the_moderator(
    world: World, stripe_double: StripeDouble
) -> None:
    order = delivered_order(world, stripe_double)
    services.open_dispute(order.number, by=world.bob, reason="It is torn.")
    for verb in (services.complete_by_silence, lambda number: services.confirm(number, by=world.bob)):
        with pytest.raises(WrongState):
            verb(order.number)
    with pytest.raises(WrongState):
        services.refund(order.number, by=None, why="never shipped", never_shipped=True)
    with pytest.raises(OrderRefused, match="no decision"):
        services.decide_dispute(order.number, outcome="both", by=None, reason="")
    order.refresh_from_db()
    assert order.status == Order.Status.DISPUTED
    assert broken() == []


def test_a_shipped_order_is_not_refunded_as_never_shipped(world: World, stripe_double: StripeDouble) -> None:
    order = shipped_order(world, stripe_double)
    with pytest.raises(WrongState):
        services.refund(order.number, by=None, why="never shipped", never_shipped=True)


def test_the_processor_that_takes_no_payments_is_not_offered(world: World) -> None:
    assert "bank" in settings.PROCESSORS
    assert "bank" not in quotes(world.bob, world.scarf)
