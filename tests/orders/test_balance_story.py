"""Carmen is paid for a vase and buys mole bowls of another shop in Mexico from her sales balance."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from fx.money import Money
from orders import services, work
from orders.returns.cancellation import cancel_sale
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Payment
from tests.conftest import make_user
from tests.doubles import StripeDouble
from tests.orders.world import World, broken, make_listing, make_shop, pay_by_card, place, quotes

pytestmark = pytest.mark.django_db


def earned(world: World, double: StripeDouble) -> Money:
    """Carmen's balance after Bob has got her vase."""
    checkout = place(world.bob, world.vase)
    pay_by_card(checkout, double)
    number = checkout.orders.get().number
    code = "EE123456785MX" if checkout.orders.get().tracked else ""
    services.mark_shipped(number, by=world.carmen, carrier="Correos", tracking_number=code)
    services.mark_delivered(number, by=world.bob)
    services.confirm(number, by=world.bob)
    return balance(codes.seller(world.carmen.pk, "MXN"))


def test_carmen_buys_from_her_balance_and_gets_it_back(
    shop_world: tuple[World, StripeDouble], settings: Settings, client: Client
) -> None:
    world, double = shop_world
    settings.PROCESSORS = settings.PROCESSORS | {"balance": {}}
    diego = make_user("diego@example.com", country="MX", currency="MXN", name="Diego")
    shop = make_shop(diego, "Barro Rojo", "MX", "Puebla", "MXN", "10")
    bowl = make_listing(shop, world.moderator, "Mole bowl", "20", "691390", 300)
    assert "balance" not in quotes(world.carmen, bowl, currency="MXN")
    had = earned(world, double)
    checkout = place(world.carmen, bowl, rail="balance", currency="MXN")
    payment = Payment.objects.get(pk=checkout.payment_id)
    order = checkout.orders.get()
    assert (payment.state, order.status, order.processing_minor) == ("captured", "paid", 0)
    assert balance(codes.seller(world.carmen.pk, "MXN")) == had - payment.amount
    client.force_login(world.carmen)
    page = client.get("/sell/money/").content.decode()
    assert "Paid from your balance" in page
    assert checkout.public_id in page
    cancel_sale(order.number, by=diego, why="It broke.", restocked=False)
    work.drain_operations()
    assert balance(codes.seller(world.carmen.pk, "MXN")) == had
    assert "Refund to your balance" in client.get("/sell/money/").content.decode()
    assert broken() == []
