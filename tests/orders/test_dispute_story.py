"""Point 3 as people live it, over HTTP: a complaint with pictures, an answer, an offer, a moderator who splits it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from fx.format import NBSP, format_money
from fx.money import Money
from marketplace.models import Letter, User
from orders import work
from orders.models import Dispute, DisputeOffer, MessagePicture, Order
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import PaymentLine, Refund
from tests.conftest import logged_in
from tests.doubles import StripeDouble
from tests.orders.test_disputes import complain, photo, post
from tests.orders.world import World, broken, delivered_order

pytestmark = pytest.mark.django_db


def test_a_complaint_an_answer_an_offer_and_a_moderator_who_splits_it(
    world: World, stripe_double: StripeDouble, admin: User, charlie: User
) -> None:
    order = delivered_order(world, stripe_double)
    bob, alice, staff = logged_in(world.bob), logged_in(world.alice), logged_in(admin)
    held, clearing = order.held, balance(codes.clearing("stripe", "EUR"))
    assert held == Money(259_000, "INR")

    complain(bob, order, photo(), photo())
    post(alice, f"/sell/orders/{order.number}/answer/", answer="It left whole.", pictures=[photo()])
    post(alice, f"/sell/orders/{order.number}/case/offer/", amount="300", text="For the trouble.")
    offer = DisputeOffer.objects.get()
    assert "Declined." in post(bob, f"/orders/{order.number}/case/decline/", offer=offer.pk)
    assert "does not stand" in post(bob, f"/orders/{order.number}/case/accept/", offer=offer.pk)
    assert balance(codes.hold(order.number, "INR")) == held

    dispute = Dispute.objects.get()
    path = f"/admin/orders/dispute/{dispute.pk}/decide/"
    page = staff.get(path).content.decode()
    assert page.count(f"/admin/orders/dispute/{dispute.pk}/pictures/") == 6  # three, each with its link
    choice = {"outcome": "split", "back": "700", "reason": "A hole that was there before."}
    previewed = re.sub("<[^>]+>", "", staff.post(path, {**choice, "preview": "1"}).content.decode())
    assert "would be paid to the seller" in previewed
    staff.post(path, choice)
    work.drain_operations()

    order.refresh_from_db()
    dispute.refresh_from_db()
    refund = Refund.objects.get()
    assert (order.status, order.refunded, order.held) == ("split", Money(70_000, "INR"), Money(189_000, "INR"))
    assert (dispute.outcome, dispute.decided_by) == ("split", admin)
    [sent] = stripe_double.refunds()
    assert (refund.state, sent["amount"], sent["currency"]) == ("succeeded", refund.amount_minor, "eur")
    assert abs(refund.amount_minor - _share(order, 70_000)) <= 2  # rounded once per line
    assert format_money(refund.amount, "en") in previewed.replace("&nbsp;", NBSP)
    assert balance(codes.clearing("stripe", "EUR")) == clearing - refund.amount
    assert balance(codes.hold(order.number, "INR")) == Money(0, "INR")
    assert balance(codes.seller(world.alice.pk, "INR")) == order.net
    assert balance(codes.income("commission", "INR")) == order.commission
    assert balance(codes.seller_debt(world.alice.pk, "INR")) == Money(0, "INR")
    told = Letter.objects.filter(key__startswith="dispute_decided")
    assert {letter.to for letter in told} == {"bob@example.com", "alice@example.com"}
    assert all("A hole that was there before." in letter.body for letter in told)

    for picture in MessagePicture.objects.all():
        assert bob.get(f"/orders/{order.number}/pictures/{picture.pk}/").status_code == 200
        for client in (logged_in(charlie), logged_in(world.carmen), Client()):
            assert client.get(f"/orders/{order.number}/pictures/{picture.pk}/").status_code in {302, 404}
            assert client.get(f"/admin/orders/dispute/{dispute.pk}/pictures/{picture.pk}/").status_code in {302, 403}
    assert "has no open dispute" in post(alice, f"/sell/orders/{order.number}/case/offer/", everything="on")
    assert broken() == []


def _share(order: Order, back_minor: int) -> float:
    """What the buyer had paid for that part of the goods, with tax and duty of it, at the rate of that day."""
    lines = PaymentLine.objects.filter(payment=order.checkout.payment).exclude(component="shipping")
    return sum(line.pay_minor for line in lines) * back_minor / order.goods_minor
