"""What a buyer is shown is true at the moment: price, payment page, timeline."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.lib.clock import shifted
from marketplace.models import Letter, User
from orders import services, work
from orders.checkout import carts
from orders.models import Checkout
from orders.pages import timeline
from payments.models import Case, Payment
from tests.conftest import ClientFor
from tests.doubles import StripeDouble
from tests.orders.world import (
    BERLIN,
    World,
    disputed_order,
    paid_order,
    pay_by_card,
    place,
    send_coins,
)

pytestmark = pytest.mark.django_db


def page_of(checkout: Checkout) -> str:
    return Client().get(reverse("orders:pay", args=[checkout.token])).content.decode()


def seen_in(client: Client) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', client.get(reverse("orders:review")).content.decode())
    assert found is not None
    return found[1]


def test_a_price_that_another_window_replaced_is_not_paid_unseen(
    world: World, client_for: ClientFor, stripe_double: StripeDouble
) -> None:
    client, owner = client_for(world.bob), f"user:{world.bob.pk}"
    carts.put(owner=owner, listing_id=world.scarf.pk, quantity=1)
    client.post(reverse("orders:checkout"), BERLIN | {"country": "DE"})
    first_window = seen_in(client)
    carts.put(owner=owner, listing_id=world.scarf.pk, quantity=3)
    client.post(reverse("orders:checkout"), BERLIN | {"country": "DE"})
    order = {"rail": "stripe", "accept": "on"}
    answer = client.post(reverse("orders:place"), order | {"seen": first_window}, follow=True)
    assert "another price in another window" in answer.content.decode()
    assert not Checkout.objects.exists()
    client.post(reverse("orders:place"), order | {"seen": seen_in(client)})
    assert Checkout.objects.get().orders.get().lines.get().quantity == 3


def test_the_page_of_a_paid_basket_stops_saying_held_when_the_order_is_over(
    world: World, moderator: User, stripe_double: StripeDouble
) -> None:
    order = disputed_order(world, stripe_double)
    assert "is held" not in page_of(order.checkout)
    services.decide_dispute(order.number, by=moderator, outcome="buyer", reason="Torn.")
    page = page_of(order.checkout)
    assert "is held" not in page
    assert "Refunded" in page


def test_each_decline_says_its_own_reason_and_a_new_try_clears_it(world: World, stripe_double: StripeDouble) -> None:
    checkout = place(world.bob, world.scarf)
    intent = pay_by_card(checkout, stripe_double, "pm_card_visa_chargeDeclined").processor_ref
    assert "ask your bank" in page_of(checkout)
    stripe_double.pay(intent, "pm_card_visa_chargeDeclinedInsufficientFunds")
    assert "not enough money" in page_of(checkout)  # before any webhook
    stripe_double.pay(intent, "pm_card_threeDSecure2Required")
    assert "not enough money" not in page_of(checkout)


def test_coins_beyond_the_amount_are_said_and_wait_for_a_person(world: World) -> None:
    checkout = place(world.bob, world.scarf, rail="bitcoin")
    send_coins(checkout, checkout.payment.amount_minor + 50_000)
    with shifted(minutes=1):
        for sweep in work.SWEEPS:
            sweep()
    assert Payment.objects.get().state == Payment.State.CAPTURED
    assert "0.00050000" in page_of(checkout).replace("\xa0", " ")
    assert Case.objects.get().kind == Case.Kind.BY_HAND


def test_the_timeline_of_a_dispute_is_in_the_order_of_events(world: World, stripe_double: StripeDouble) -> None:
    steps = timeline(disputed_order(world, stripe_double))
    assert [step["state"] for step in steps] == ["done", "done", "done", "done", "now"]
    assert str(steps[-1]["label"]) == "Disputed"


def test_who_gives_up_a_payment_finds_the_things_in_the_basket_again(
    world: World, client_for: ClientFor, stripe_double: StripeDouble
) -> None:
    client, owner = client_for(world.bob), f"user:{world.bob.pk}"
    carts.put(owner=owner, listing_id=world.scarf.pk, quantity=2)
    client.post(reverse("orders:checkout"), BERLIN | {"country": "DE"})
    client.post(reverse("orders:place"), {"rail": "stripe", "accept": "on"})
    assert carts.lines_of(owner) == []
    client.post(reverse("orders:pay_cancel", args=[Checkout.objects.get().token]))
    assert [(line.listing, line.quantity) for line in carts.lines_of(owner)] == [(world.scarf, 2)]


def test_money_like_the_price_is_chosen_before_coins(world: World, client_for: ClientFor) -> None:
    client = client_for(world.bob)
    carts.put(owner=f"user:{world.bob.pk}", listing_id=world.scarf.pk, quantity=1)
    client.post(reverse("orders:checkout"), BERLIN | {"country": "DE"})
    assert 'value="stripe" checked' in client.get(reverse("orders:review")).content.decode()


def test_letters_say_money_like_pages_do(world: World, stripe_double: StripeDouble) -> None:
    paid_order(world, stripe_double)
    sold = Letter.objects.get(to=world.alice.email, key__startswith="sale_paid")
    assert "₹2,590.00 is held for you" in sold.body


def test_going_back_to_the_review_of_what_was_ordered_leads_to_its_payment(
    world: World, client_for: ClientFor, stripe_double: StripeDouble
) -> None:
    client = client_for(world.bob)
    carts.put(owner=f"user:{world.bob.pk}", listing_id=world.scarf.pk, quantity=1)
    client.post(reverse("orders:checkout"), BERLIN | {"country": "DE"})
    client.post(reverse("orders:place"), {"rail": "stripe", "accept": "on"})
    answer = client.get(reverse("orders:review"))
    assert answer.headers["Location"] == reverse("orders:pay", args=[Checkout.objects.get().token])
