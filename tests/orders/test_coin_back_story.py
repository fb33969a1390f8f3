"""Paid in Bitcoin on agreed terms, a part goes back, signed outside the server: over HTTP, on a real node."""

from __future__ import annotations

import itertools

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from fx.money import Money
from fx.services import current_rates
from marketplace.lib.clock import shifted
from marketplace.models import Letter, User
from orders import work
from orders.models import Checkout, Order
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.models import CoinSending, Refund
from tests.conftest import ClientFor
from tests.orders.world import BERLIN, World, broken
from tests.payments.coins import DEMO
from tests.payments.test_admin import staff
from tests.payments.test_sendings import Signer
from tests.regtest import Node

pytestmark = [pytest.mark.regtest, pytest.mark.django_db]
accounts = itertools.count(900)


def sweep(minutes: int) -> None:
    with shifted(minutes=minutes):
        for _ in range(2):
            for one in work.SWEEPS:
                one()


@pytest.mark.parametrize("terms", ["value", "coin"])
def test_a_part_goes_back_on_the_terms_that_the_buyer_chose(
    node: Node, world: World, settings: Settings, finance: User, client_for: ClientFor, terms: str
) -> None:
    signer = Signer(next(accounts))
    account = {"xpub": signer.key.to_public().to_base58(), "source": "core", "url": node.url}
    wallet = {"wallet": f"story-{signer.key.child_number}", "refund_window_hours": 24}
    settings.PROCESSORS = {**settings.PROCESSORS, "bitcoin": {**DEMO, **account, **wallet}}

    # Bob reads what goes back, chooses, and pays.
    bob = client_for(world.bob)
    bob.post(reverse("orders:cart_add"), {"listing": world.scarf.pk, "quantity": 1})
    bob.post(reverse("orders:checkout"), BERLIN | {"country": "DE"})
    page = bob.get(reverse("orders:review")).content.decode()
    assert "If you pay in coin and money goes back" in page
    bob.post(reverse("orders:place"), {"rail": "bitcoin", "accept": "on", "refund_terms": terms})
    checkout = Checkout.objects.get()
    paid = checkout.payment
    node.pay(paid.processor_ref, paid.amount_minor)
    node.mine(6)
    sweep(1)
    order = checkout.orders.get()
    assert order.status == Order.Status.PAID
    detail = bob.get(reverse("orders:detail", args=[order.number])).content.decode()
    assert ("the value in the order" in detail) if terms == "value" else ("the coins themselves if asked for" in detail)

    # Alice gives a part back; Bob is asked where to, and says it.
    alice = client_for(world.alice)
    form = {"goods": "500", "why": "A small stain.", "step": "do"}
    alice.post(reverse("orders:give_back", args=[order.number]), form)
    refund = Refund.objects.get()
    pay = reverse("orders:pay", args=[checkout.token])
    assert pay in Letter.objects.get(key__startswith="refund_address:").body
    client = Client()
    assert "Where shall the coins go?" in client.get(pay).content.decode()
    mine = node.buyer.call("getnewaddress", "", "bech32")
    client.post(reverse("orders:refund_address", args=[checkout.token]), {"destination": mine})

    # Finance makes the transaction; somebody signs it elsewhere; the chain decides.
    office = staff(finance, "finance", client_for)
    office.post(reverse("admin:payments_coinsending_make"), {"refunds": [str(refund.pk)], "fee_rate": "2"})
    sending = CoinSending.objects.get()
    refund.refresh_from_db()
    if terms == "value":
        assert refund.owed.currency == "EUR"
        assert refund.sends == current_rates().convert(refund.owed, "BTC")
    else:
        assert refund.owed == refund.sends == refund.amount
    signed = {"text": signer.sign(sending)}
    office.post(reverse("admin:payments_coinsending_sent", args=[sending.pk]), signed)
    refund.refresh_from_db()
    assert refund.state == Refund.State.SENT
    node.mine(3)
    sweep(4)

    refund.refresh_from_db()
    sending.refresh_from_db()
    assert (refund.state, sending.state) == (Refund.State.SUCCEEDED, CoinSending.State.FINAL)
    assert int(node.buyer.call("getreceivedbyaddress", mine) * 10**8) == refund.sends.amount
    assert balance(codes.clearing("bitcoin", "BTC")).amount == sending.change_minor
    assert balance(codes.expense("bitcoin", "BTC")) == sending.fee
    order.refresh_from_db()
    assert (order.status, order.refunded) == (Order.Status.PAID, Money(500_00, "INR"))
    assert balance(codes.hold(order.number, "INR")) == order.held
    assert trial_balance() == {}
    assert broken() == []
