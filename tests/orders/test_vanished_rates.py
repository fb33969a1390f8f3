"""A rate vanishes while Bob decides: a live lock is kept, a new one is refused, one currency stays open."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from fx.models import Conversion, Quote, Rate
from fx.services import current_rates
from fx.services.sets import create_set, mids_of
from listings.models import Listing
from marketplace.lib.clock import now, shifted
from marketplace.models import User
from orders.models import CartLine, Checkout, Order
from payments.models import Payment
from tests.conftest import ClientFor, make_user
from tests.doubles import StripeDouble
from tests.orders.test_requote import offered, order
from tests.orders.world import BERLIN, World, make_listing, make_shop, pay_by_card

pytestmark = pytest.mark.django_db
GONE = "There is no trustworthy exchange rate for INR at the moment"


def stale() -> None:
    """What was told has become too old; the quotes were given before that."""
    Rate.objects.all().update(good_until=now() - timedelta(seconds=1))


def disputed() -> None:
    """A newer set says that the sources contradict each other."""
    create_set(mids_of(Rate.objects.filter(currency="INR").latest("pk").rate_set).values())
    Rate.objects.filter(rate_set_id=current_rates().id).update(disputed=True)


def missing() -> None:
    """A newer set has none of them."""
    create_set([])


VANISHED = pytest.mark.parametrize("vanish", [stale, disputed, missing], ids=lambda vanish: vanish.__name__)


@pytest.fixture
def buyer(world: World, client_for: ClientFor, stripe_double: StripeDouble) -> Client:
    return at_review(client_for(world.bob), world.scarf)


def at_review(client: Client, listing: Listing) -> Client:
    client.post("/cart/add/", {"listing": listing.pk, "quantity": "1"})
    assert client.post("/checkout/", {**BERLIN, "country": "DE"})["Location"] == "/checkout/review/"
    return client


def text(client: Client, path: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", client.get(path).content.decode()))


def count() -> tuple[int, int, int]:
    return Quote.objects.count(), Checkout.objects.count(), Payment.objects.count()


@VANISHED
def test_a_locked_price_is_kept_and_what_was_promised_arrives(
    buyer: Client, world: World, stripe_double: StripeDouble, vanish: Callable[[], None]
) -> None:
    locked = offered(buyer)
    vanish()
    assert "INR" not in current_rates()
    status, where = order(buyer)
    checkout = Checkout.objects.get()
    assert (status, where) == (302, f"/pay/{checkout.token}/")
    assert (checkout.quote, checkout.amount) == (locked, locked.amount)
    pay_by_card(checkout, stripe_double)
    sold = Order.objects.get()
    assert (sold.status, sold.goods_minor, sold.currency) == (Order.Status.PAID, 190_000, "INR")
    crossed = Conversion.objects.get()
    assert (crossed.sell, crossed.buy.amount) == (locked.amount, 190_000 + 69_000)


@VANISHED
def test_a_coin_that_was_locked_is_kept_too(buyer: Client, vanish: Callable[[], None]) -> None:
    locked = offered(buyer, "bitcoin")
    vanish()
    status, _where = order(buyer, rail="bitcoin")
    assert status == 302
    assert Checkout.objects.get().payment.amount == locked.pay


@VANISHED
def test_one_that_ended_is_not_renewed_and_nothing_moves(
    buyer: Client, world: World, vanish: Callable[[], None]
) -> None:
    vanish()
    with shifted(minutes=11):
        before = count()
        assert order(buyer) == (302, "/cart/")
        assert GONE in text(buyer, "/cart/")
        assert count() == before
    assert CartLine.objects.get().listing == world.scarf
    assert Listing.objects.get(pk=world.scarf.pk).stock == 5


@VANISHED
def test_a_new_one_is_refused_with_a_sentence_and_the_page_still_opens(
    world: World, client_for: ClientFor, stripe_double: StripeDouble, vanish: Callable[[], None]
) -> None:
    vanish()
    client = client_for(world.bob)
    client.post("/cart/add/", {"listing": world.scarf.pk, "quantity": "1"})
    assert client.post("/checkout/", {**BERLIN, "country": "DE"})["Location"] == "/cart/"
    assert GONE in text(client, "/cart/")
    assert "Indigo and madder scarf" in text(client, f"/l/{world.scarf.slug}/")
    assert count() == (0, 0, 0)


def test_another_price_asked_for_meanwhile_does_not_come_back(buyer: Client) -> None:
    stale()
    before = count()
    assert buyer.post("/checkout/again/")["Location"] == "/cart/"
    assert count() == before


@pytest.fixture
def neighbor(db: None) -> User:
    return make_user("dora@example.com", country="DE", currency="EUR", name="Dora")


@VANISHED
def test_within_one_currency_an_order_is_placed_and_paid_without_any_rate(
    world: World,
    neighbor: User,
    client_for: ClientFor,
    stripe_double: StripeDouble,
    vanish: Callable[[], None],
) -> None:
    shop = make_shop(neighbor, "Kerzen aus Köln", "DE", "Köln", "EUR", "4.90")
    candle = make_listing(shop, world.moderator, "Beeswax candle", "12.50", "340600", 200)
    vanish()
    assert not current_rates().per_eur
    client = at_review(client_for(world.bob), candle)
    status, where = order(client)
    checkout = Checkout.objects.get()
    assert (status, where) == (302, f"/pay/{checkout.token}/")
    assert (checkout.amount.amount, checkout.currency) == (1_740, "EUR")
    pay_by_card(checkout, stripe_double)
    sold = Order.objects.get()
    assert (sold.status, sold.goods_minor + sold.shipping_minor) == (Order.Status.PAID, 1_740)
    assert not Conversion.objects.exists()


def test_a_basket_with_one_shop_abroad_says_which_part_is_in_the_way(
    world: World, neighbor: User, client_for: ClientFor, stripe_double: StripeDouble
) -> None:
    shop = make_shop(neighbor, "Kerzen aus Köln", "DE", "Köln", "EUR", "4.90")
    candle = make_listing(shop, world.moderator, "Beeswax candle", "12.50", "340600", 200)
    stale()
    client = client_for(world.bob)
    client.post("/cart/add/", {"listing": world.scarf.pk, "quantity": "1"})
    client.post("/cart/add/", {"listing": candle.pk, "quantity": "1"})
    client.post("/checkout/", {**BERLIN, "country": "DE"})
    assert text(client, "/cart/").count(GONE) == 2  # beside the parcel, and why checkout sent him back
    client.post("/cart/set/", {"listing": world.scarf.pk, "quantity": "0"})
    assert client.post("/checkout/", {**BERLIN, "country": "DE"})["Location"] == "/checkout/review/"
