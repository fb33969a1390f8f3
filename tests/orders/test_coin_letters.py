"""Buyers are asked where their coins go until they say it, then a person looks for them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from marketplace.lib.clock import shifted
from marketplace.models import Letter
from orders import services, work
from orders.services import give_refund_address
from payments.models import Case, Refund
from tests.orders.test_late_money import wallet
from tests.orders.world import World, broken, place, send_coins

pytestmark = pytest.mark.django_db


def asked() -> list[str]:
    return [letter.body for letter in Letter.objects.filter(key__startswith="refund_address:")]


def test_the_buyer_is_asked_at_once_and_again_until_a_person_looks(world: World) -> None:
    checkout = place(world.bob, world.scarf, rail="bitcoin")
    send_coins(checkout, checkout.payment.amount_minor)
    with shifted(minutes=1):
        work.poll_chains()
    services.refund(checkout.orders.get().number, by=world.alice, why="sold out")
    [first] = asked()
    assert reverse("orders:pay", args=[checkout.token]) in first
    assert "EUR" in first or "€" in first
    for day, letters in ((2, 1), (3, 2), (9, 2), (10, 3), (30, 4), (90, 5), (180, 6), (200, 6)):
        with shifted(days=day, minutes=1):
            work.ask_for_addresses()
        assert len(asked()) == letters, day
    refund = Refund.objects.get()
    assert (refund.state, refund.remind_at) == ("needs_address", None)
    assert "half a year" in Case.objects.get(kind=Case.Kind.BY_HAND).detail["says"]
    assert broken() == []


def test_who_has_said_it_is_not_asked_again(world: World) -> None:
    checkout = place(world.bob, world.scarf, rail="bitcoin")
    send_coins(checkout, checkout.payment.amount_minor)
    with shifted(minutes=1):
        work.poll_chains()
    services.refund(checkout.orders.get().number, by=world.alice, why="sold out")
    give_refund_address(checkout, destination=wallet())
    with shifted(days=30):
        assert work.ask_for_addresses() == 0
    assert len(asked()) == 1
