"""Each way to pay says what it costs, and what choosing it leaves the seller."""

from __future__ import annotations

import pytest

from fx.money import Money
from orders.checkout.comparing import Cost, cost_of, sentence
from payments.models import FeeRow
from payments.processors.registry import get
from tests.orders.world import World, quotes

pytestmark = pytest.mark.django_db


def costs(world: World) -> dict[str, Cost]:
    found = quotes(world.bob, world.scarf)
    return {slug: cost_of(quoted, get(slug).label) for slug, quoted in found.items()}


def test_the_cheaper_way_says_what_it_leaves_the_seller_in_both_moneys(world: World) -> None:
    found = costs(world)
    card, coin = found["stripe"], found["bitcoin"]
    assert (card.known, coin.money.amount, card.money.amount > 0) == (True, 0, True)
    assert card.theirs is not None
    assert card.words("en").startswith(f"Costs the seller €{card.money.decimal} (₹")
    assert coin.words("en") == "Costs the seller nothing."
    said = sentence(coin, list(found.values()), "en")
    assert f"leaves the seller €{card.money.decimal} (₹{card.theirs.decimal}) more than {card.label}" in said
    assert "the price for you is the same" in said
    assert "The exchange into the coin costs you 0.50 %." in said
    assert sentence(card, list(found.values()), "en") == ""


def test_the_difference_is_what_the_seller_is_really_charged(world: World) -> None:
    found = costs(world)
    [card], [coin] = found["stripe"].quoted.parcels, found["bitcoin"].quoted.parcels
    theirs = found["stripe"].theirs
    assert theirs is not None
    assert card["processing"] - coin["processing"] == theirs.amount


def test_the_fee_is_rounded_up_in_the_sellers_money(world: World) -> None:
    """0.62 euro are 65.772 rupees at 106.084: the platform bears none of what it was quoted."""
    card = costs(world)["stripe"]
    assert (card.money, card.theirs) == (Money(62, "EUR"), Money(65_78, "INR"))


def test_what_is_not_known_is_said_and_compared_with_nothing(world: World) -> None:
    FeeRow.objects.filter(processor="stripe").delete()
    found = costs(world)
    assert "not known" in found["stripe"].words("en")
    assert {sentence(cost, list(found.values()), "en") for cost in found.values()} == {""}
    assert next(reversed(quotes(world.bob, world.scarf))) == "stripe"
