"""The corridor board: measured from the books, closed below three orders, honest when there is nothing."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from fx.models import Conversion, Rate
from fx.money import EXPONENT, Money
from marketplace.lib.clock import shifted
from orders import services, work
from orders.corridors.measuring import measure
from orders.models import CorridorCost, Order, PublishedCost
from payments.models import Entry, Payment
from tests.api.caller import Caller
from tests.doubles import StripeDouble
from tests.orders.world import World, delivered_order

pytestmark = pytest.mark.django_db
PAGE = "/corridors/"


def text(query: str = "") -> str:
    answer = Client().get(PAGE + query)
    assert answer.status_code == 200
    return answer.content.decode()


def released(world: World, double: StripeDouble, count: int) -> list[Order]:
    return [services.confirm(delivered_order(world, double).number, by=world.bob) for _ in range(count)]


def in_euro(money: Money, order: Order) -> Fraction:
    """At the mid rate of the order's own quote."""
    amount = Fraction(money.amount, 10 ** EXPONENT[money.currency])
    if money.currency == "EUR":
        return amount
    rate = Rate.objects.get(rate_set=order.checkout.quote.rate_set, currency=money.currency)
    return amount / Fraction(rate.per_eur)


def test_a_cell_is_what_the_books_say_was_taken(world: World, stripe_double: StripeDouble) -> None:
    orders = released(world, stripe_double, 3)
    assert measure() == 1
    cell = CorridorCost.objects.get()
    assert (cell.seller_country, cell.buyer_country, cell.rail, cell.orders) == ("IN", "DE", "stripe", 3)
    order = orders[0]
    payment = Payment.objects.get(pk=order.checkout.payment_id)
    paid = in_euro(order.buyer_total, order)
    kept = Entry.objects.get(journal__key=f"fee:{payment.pk}", amount__gt=0)
    crossed = Conversion.objects.filter(journal_key=f"capture:{payment.pk}", ref=order.number)
    spread = sum((in_euro(row.sell, order) - in_euro(row.buy, order) for row in crossed), Fraction(0))
    exact = {
        "processor_bps": Fraction(kept.amount, 100) / paid * 10_000,
        "exchange_bps": spread / paid * 10_000,
        "platform_bps": in_euro(order.commission, order) / paid * 10_000,
    }
    assert {name: getattr(cell, name) for name in exact} == {name: round(value) for name, value in exact.items()}
    assert cell.median_bps == cell.p90_bps == round(sum(exact.values()))
    assert min(exact.values()) > 0


def test_fewer_than_three_orders_are_told_as_that_and_nothing_else(world: World, stripe_double: StripeDouble) -> None:
    released(world, stripe_double, 2)
    measure()
    cell = CorridorCost.objects.get()
    assert (cell.orders, cell.median_bps, cell.p90_bps, cell.processor_bps) == (None, None, None, None)
    page = text()
    assert "India to Germany" in page
    assert "fewer than three" in page
    [told] = Caller().get("corridors/")["corridors"]
    assert (told["orders"], told["median_bps"], told["exchange_bps"]) == (None, None, None)
    with pytest.raises(IntegrityError, match="corridor_nothing_of_a_few"), transaction.atomic():
        CorridorCost.objects.update(platform_bps=100)


def test_what_is_not_released_or_was_refunded_does_not_count(world: World, stripe_double: StripeDouble) -> None:
    orders = released(world, stripe_double, 3)
    delivered_order(world, stripe_double)
    services.refund(orders[0].number, by=None, why="sent back")
    measure()
    assert CorridorCost.objects.get().orders is None
    with shifted(days=366):
        assert measure() == 0


def test_an_empty_corridor_says_so_in_words(world: World, stripe_double: StripeDouble) -> None:
    assert "No order was completed in the last year" in text()
    released(world, stripe_double, 3)
    measure()
    assert "No order from Mexico to Germany was completed in the last year" in text("?from=MX&to=DE")
    found = text("?from=IN&to=DE")
    assert "India to Germany" in found
    assert "netting: fewer than three of these orders were in a closed window" in found
    told = Caller().get("corridors/", {"from": "MX", "to": "DE"})
    assert (told["corridors"], "Mexico to Germany" in told["empty"]) == ([], True)
    assert Caller().get("corridors/", {"from": "IN"})["corridors"][0]["median_bps"] > 0


def test_beside_it_stands_what_others_publish_with_source_and_day() -> None:
    page = text()
    for words in ("865 bps", "1650 bps", "900 bps", "confidence: Low", "added up by us"):
        assert words in page
    for words in ("8.65\xa0%", "16.50\xa0%"):
        assert words in page
    client = Client(headers={"Accept-Language": "de"})
    german = client.get("/corridors/").content.decode()
    assert "Karte, Umtausch und Auszahlung auf ein Konto (Stripe, Preisliste USA)" in german
    assert "865 Bp." in german
    told = Caller().get("corridors/")["published"]
    assert {row["bps"] for row in told if row["order"] == {"amount": "10.00", "currency": "USD"}} == {865, 900, 1650}
    assert PublishedCost.objects.filter(source="").count() == 0
    assert 'href="/corridors/"' in Client().get("/").content.decode()


def test_the_sweep_measures_once_an_hour(world: World, stripe_double: StripeDouble) -> None:
    released(world, stripe_double, 1)
    assert (work.measure_corridors(), work.measure_corridors()) == (1, 0)
    with shifted(minutes=61):
        assert work.measure_corridors() == 1
    completed = Order.objects.get().completed_at
    assert completed is not None
    assert CorridorCost.objects.get().measured_at - completed > dt.timedelta(minutes=60)
