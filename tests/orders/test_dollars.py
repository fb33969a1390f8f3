"""Bob pays Alice's scarf in USDC: on the pages, with play money, on the demo chain."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from fx.money import Money
from marketplace.lib.clock import shifted
from orders import work
from orders.models import Order
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.models import Payment
from tests.orders.world import World, broken, place, quotes, send_coins

pytestmark = pytest.mark.django_db
CLEARING = codes.clearing("erc20", "USDC")


def test_it_is_quoted_at_two_markets_price_and_nobody_takes_a_fee(world: World) -> None:
    quoted = quotes(world.bob, world.scarf)["erc20"]
    amount, pay = quoted.quote.amount, quoted.quote.pay
    assert (amount.currency, pay.currency) == ("EUR", "USDC")
    assert pay == Money(-(-amount.amount * 11172 * 1000 // 995), "USDC")  # 1.1172 for a euro, ÷ 0.995, rounded up
    [parcel] = quoted.parcels
    assert {"seller", "carrier"} <= {line["kind"] for line in parcel["fee_sheet"]}
    assert "processor" not in {line["kind"] for line in parcel["fee_sheet"]}


def test_the_sale_from_the_page_to_the_held_rupees(world: World) -> None:
    checkout = place(world.bob, world.scarf, rail="erc20")
    page, client = reverse("orders:pay", args=[checkout.token]), Client()
    html = client.get(page).content.decode()
    payment = Payment.objects.get()
    assert payment.processor_ref in html
    assert "Send only USDC, and only on a test chain on this machine." in html
    button = reverse("payments:send_test_coins", args=[payment.pk])
    assert client.post(button, {"next": page})["Location"] == page
    work.poll_chains()
    assert "as soon as the network calls its block final" in client.get(page).content.decode()
    assert checkout.orders.get().status == Order.Status.PLACED
    with shifted(seconds=21):
        work.poll_chains()
        html = client.get(page).content.decode()
    order = checkout.orders.get()
    assert order.status == Order.Status.PAID
    assert "Paid. Thank you." in html
    assert balance(CLEARING) == payment.amount
    assert balance(codes.hold(order.number, "INR")) == order.held
    assert trial_balance() == {}
    assert broken() == []


def test_what_comes_too_late_waits_for_an_address_on_that_network(world: World) -> None:
    checkout = place(world.bob, world.scarf, rail="erc20")
    with shifted(minutes=16):
        sweep()
        send_coins(checkout, checkout.payment.amount_minor)
    with shifted(minutes=20):
        sweep()
    payment = Payment.objects.get()
    assert (payment.state, checkout.orders.get().status) == (Payment.State.LATE, Order.Status.CANCELED)
    assert balance(codes.suspense("erc20", "USDC")) == payment.amount
    html = Client().get(reverse("orders:pay", args=[checkout.token])).content.decode()
    assert "Your address on a test chain on this machine" in html
    assert broken() == []


def sweep() -> None:
    for _ in range(2):
        for one in work.SWEEPS:
            one()
