"""Money that came too late, too little or for an order that had ended: it goes back, and its owner is told how."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from fx.money import Money
from listings.models import Listing
from marketplace.lib.clock import shifted
from marketplace.models import Letter, User
from orders import work
from orders.following import follow
from orders.models import Checkout, Order
from payments import machine
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Case, Payment, Refund
from payments.processors import registry
from payments.processors.base import Outcome, Update
from payments.processors.bitcoin import Bitcoin
from tests.doubles import StripeDouble
from tests.orders.world import BERLIN, World, broken, pay_by_card, place, send_coins

pytestmark = pytest.mark.django_db
SUSPENSE = codes.suspense("bitcoin", "BTC")
CLEARING = codes.clearing("bitcoin", "BTC")


def work_everything() -> None:
    """Two rounds of all sweeps, so that what one leaves the next one finds."""
    for _ in range(2):
        for sweep in work.SWEEPS:
            sweep()


def wallet() -> str:
    """An address that the buyer could have."""
    processor = registry.get("bitcoin")
    assert isinstance(processor, Bitcoin)
    return processor.account.address(4_000_000)


def out_of_time_letters() -> int:
    return Letter.objects.filter(key__startswith="payment_out_of_time:").count()


def said_canceled(payment: Payment) -> None:
    """A stale answer of the processor says that the payment was canceled, and is believed."""
    payment.refresh_from_db()
    with transaction.atomic():
        change = machine.apply(Update("payment", payment.processor_ref, Outcome.CANCELED), processor="stripe")
        assert change is not None
        follow(change)


def test_a_card_charged_after_the_order_ended_is_refunded_at_once(world: World, stripe_double: StripeDouble) -> None:
    checkout = place(world.bob, world.scarf)
    said_canceled(checkout.payment)
    assert checkout.orders.get().status == Order.Status.CANCELED
    assert pay_by_card(checkout, stripe_double).state == Payment.State.RETURNING
    work_everything()
    [refund] = stripe_double.refunds()
    assert refund["amount"] == checkout.amount_minor
    assert Payment.objects.get().state == Payment.State.RETURNED
    assert checkout.orders.get().status == Order.Status.CANCELED
    assert Listing.objects.get(pk=world.scarf.pk).stock == 5
    assert balance(codes.suspense("stripe", "EUR")) == Money(0, "EUR")
    assert out_of_time_letters() == 1
    assert broken() == []


def late_coin_checkout(world: World) -> Checkout:
    """Nobody paid in time, the order is canceled; then the coins come, all of them."""
    checkout = place(world.bob, world.scarf, rail="bitcoin")
    with shifted(minutes=16):
        work_everything()
        send_coins(checkout, checkout.payment.amount_minor)
    with shifted(minutes=20):
        work_everything()
    return checkout


def test_coins_that_come_too_late_wait_for_an_address_and_go_back(world: World) -> None:
    checkout = late_coin_checkout(world)
    payment, order = Payment.objects.get(), checkout.orders.get()
    assert (payment.state, order.status) == (Payment.State.LATE, Order.Status.CANCELED)
    assert (balance(SUSPENSE), balance(CLEARING)) == (payment.received, payment.received)
    assert payment.received == payment.amount
    assert Refund.objects.get().state == Refund.State.NEEDS_ADDRESS
    assert out_of_time_letters() == 1
    assert broken() == []


def test_the_page_asks_where_coins_go_back_and_takes_addresses_only(world: World, finance: User) -> None:
    checkout = late_coin_checkout(world)
    page, form = reverse("orders:pay", args=[checkout.token]), reverse("orders:refund_address", args=[checkout.token])
    client = Client()
    assert form in client.get(page).content.decode()
    for wrong in ("", "bc1qnot", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "x" * 500):
        client.post(form, {"destination": wrong})
        assert Refund.objects.get().state == Refund.State.NEEDS_ADDRESS
    client.post(form, {"destination": wallet()})
    refund = Refund.objects.get()
    assert (refund.state, refund.destination) == (Refund.State.REQUESTED, wallet())
    assert Case.objects.filter(kind=Case.Kind.BY_HAND).exists()
    html = client.get(page).content.decode()
    assert "Where shall the coins go?" not in html
    assert "Another address instead" in html
    machine.sent_by_hand(refund, by=finance, reference="txid 1")
    assert Payment.objects.get().state == Payment.State.RETURNED
    assert form not in client.get(page).content.decode()
    assert (balance(SUSPENSE), balance(CLEARING)) == (Money(0, "BTC"), Money(0, "BTC"))
    assert broken() == []


def test_too_few_coins_at_the_deadline_cancel_the_order_and_go_back(world: World) -> None:
    checkout = place(world.bob, world.scarf, rail="bitcoin")
    half = checkout.payment.amount_minor // 2
    send_coins(checkout, half)
    with shifted(minutes=1):
        work_everything()
        assert Payment.objects.get().state == Payment.State.PARTIAL
    with shifted(minutes=16):
        work_everything()
    assert Payment.objects.get().state == Payment.State.UNDERPAID
    assert checkout.orders.get().status == Order.Status.CANCELED
    assert Listing.objects.get(pk=world.scarf.pk).stock == 5
    assert balance(SUSPENSE) == Money(half, "BTC")
    refund = Refund.objects.get()
    assert (refund.state, refund.amount) == (Refund.State.NEEDS_ADDRESS, Money(half, "BTC"))
    assert out_of_time_letters() == 1
    assert broken() == []


def test_the_rest_of_an_underpayment_after_the_deadline_goes_back_too(world: World) -> None:
    checkout = place(world.bob, world.scarf, rail="bitcoin")
    due = checkout.payment.amount_minor
    send_coins(checkout, due // 2)
    with shifted(minutes=16):
        work_everything()
        assert Payment.objects.get().state == Payment.State.UNDERPAID
        send_coins(checkout, due - due // 2)
    with shifted(minutes=20):
        work_everything()
    assert Payment.objects.get().state == Payment.State.LATE
    assert checkout.orders.get().status == Order.Status.CANCELED
    assert sum(refund.amount_minor for refund in Refund.objects.all()) == due
    assert balance(SUSPENSE) == Money(due, "BTC")
    assert broken() == []


def test_coins_seen_in_time_are_waited_for(world: World) -> None:
    checkout = place(world.bob, world.scarf, rail="bitcoin")
    with shifted(minutes=14, seconds=55):
        send_coins(checkout, checkout.payment.amount_minor)
        work.poll_chains()
        assert Payment.objects.get().state == Payment.State.SEEN
    with shifted(minutes=15, seconds=1):
        work.meet_deadlines()
        assert checkout.orders.get().status == Order.Status.PLACED
    with shifted(minutes=16):
        work_everything()
    order = checkout.orders.get()
    assert (order.status, Payment.objects.get().state) == (Order.Status.PAID, Payment.State.CAPTURED)
    assert balance(codes.hold(order.number, "INR")) == order.held
    assert broken() == []


def test_a_bitcoin_order_whose_seller_never_ships_waits_for_the_buyers_address(world: World) -> None:
    checkout = place(world.bob, world.scarf, rail="bitcoin")
    send_coins(checkout, checkout.payment.amount_minor)
    with shifted(minutes=1):
        work_everything()
    with shifted(days=20):
        work_everything()
    order = checkout.orders.get()
    assert order.status == Order.Status.REFUNDED
    assert balance(codes.hold(order.number, "INR")) == order.refunded
    assert Refund.objects.get().state == Refund.State.NEEDS_ADDRESS
    assert broken() == []


# --- a guest ----------------------------------------------------------------------------------------


def guest_checkout(world: World, rail: str) -> tuple[Client, Checkout]:
    """Somebody without an account buys the scarf."""
    client = Client()
    client.post(reverse("orders:cart_add"), {"listing": world.scarf.pk, "quantity": 1})
    client.post(reverse("orders:checkout"), BERLIN | {"country": "DE", "email": "gabi@example.com"})
    client.post(reverse("orders:place"), {"rail": rail, "accept": "on"})
    return client, Checkout.objects.get()


def test_a_guest_pays_and_reaches_the_order_by_its_link_alone(world: World, stripe_double: StripeDouble) -> None:
    client, checkout = guest_checkout(world, "stripe")
    assert (checkout.buyer, checkout.email, len(checkout.token)) == (None, "gabi@example.com", 32)
    pay_by_card(checkout, stripe_double)
    order = checkout.orders.get()
    page = reverse("orders:guest", args=[checkout.token, order.number])
    assert Client().get(page).status_code == 200
    assert Client().get(reverse("orders:guest", args=["0" * 32, order.number])).status_code == 404
    assert Client().get(reverse("orders:pay", args=["0" * 32])).status_code == 404
    letter = Letter.objects.get(key__startswith="order_paid:")
    assert letter.to == "gabi@example.com"
    assert page in letter.body
    assert broken() == []


def test_a_guest_confirms_by_the_link_and_the_seller_is_paid(world: World, stripe_double: StripeDouble) -> None:
    client, checkout = guest_checkout(world, "stripe")
    pay_by_card(checkout, stripe_double)
    order = checkout.orders.get()
    seller = Client()
    seller.force_login(world.alice)
    seller.post(reverse("orders:ship", args=[order.number]), {"carrier": "Post", "tracking_number": "EE123456785IN"})
    Client().post(reverse("orders:guest_act", args=["0" * 32, order.number, "confirm"]))
    order.refresh_from_db()
    assert order.status == Order.Status.SHIPPED
    Client().post(reverse("orders:guest_act", args=[checkout.token, order.number, "confirm"]))
    order = Order.objects.get()
    assert order.status == Order.Status.COMPLETED
    assert balance(codes.seller(world.alice.pk, "INR")) == order.net
    assert broken() == []


def test_a_guest_who_gives_up_gets_nothing_charged(world: World, stripe_double: StripeDouble) -> None:
    client, checkout = guest_checkout(world, "stripe")
    client.post(reverse("orders:pay_cancel", args=[checkout.token]))
    work.drain_operations()
    assert checkout.orders.get().status == Order.Status.CANCELED
    assert Listing.objects.get(pk=world.scarf.pk).stock == 5
    assert stripe_double.charges() == []
    assert broken() == []


def test_a_guest_who_paid_too_many_coins_has_the_rest_in_suspense(world: World) -> None:
    client, checkout = guest_checkout(world, "bitcoin")
    send_coins(checkout, checkout.payment.amount_minor + 50_000)
    with shifted(minutes=1):
        work_everything()
    assert checkout.orders.get().status == Order.Status.PAID
    assert balance(SUSPENSE) == Money(50_000, "BTC")
    assert broken() == []
