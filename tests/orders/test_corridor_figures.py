"""The board's figures against an independent computation: from the journals, order by order, in exact fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor

import pytest
from django.test import Client
from pytest_django import Settings

from fx.models import Conversion, Rate, Window, WindowShare
from fx.money import EXPONENT, Money
from listings.models import Listing
from listings.services import set_stock
from marketplace.models import User
from marketplace.seeding.trade import trade
from orders import services
from orders.corridors.measuring import measure
from orders.models import CorridorCost, Order
from payments.models import Entry, Payment
from payments.netting.windows import close_window
from tests.api.caller import Caller
from tests.doubles import StripeDouble
from tests.orders.world import World, broken, pay_by_card, place

pytestmark = pytest.mark.django_db
PRICES = (190_000, 42_000, 310_000, 99_900, 77_777)  # five baskets of one corridor, all different


def sold(
    world: World, double: StripeDouble, listing: Listing, seller: User, price: int, card: str, currency: str = "EUR"
) -> Order:
    """Bought, sent, here and released."""
    Listing.objects.filter(pk=listing.pk).update(price_minor=price)
    checkout = place(world.bob, Listing.objects.get(pk=listing.pk), currency=currency)
    pay_by_card(checkout, double, card)
    number = checkout.orders.get().number
    services.mark_shipped(number, by=seller, carrier="Post", tracking_number="EE123456785IN")
    services.mark_delivered(number, by=world.bob)
    return services.confirm(number, by=world.bob)


def corridors(world: World, double: StripeDouble) -> dict[str, list[Order]]:
    cards = ("pm_card_de", "pm_card_us", "pm_card_de", "pm_card_us", "pm_card_de")
    money = ("EUR", "EUR", "MXN", "EUR", "MXN")  # whose pesos the vases' seller is paid in
    scarves = [
        sold(world, double, world.scarf, world.alice, *terms) for terms in zip(PRICES, cards, money, strict=True)
    ]
    vases = [sold(world, double, world.vase, world.carmen, price // 3, "pm_card_de") for price in PRICES[:3]]
    return {"IN": scarves, "MX": vases}


def euro(minor: int, currency: str, order: Order) -> Fraction:
    whole = Fraction(minor, 10 ** EXPONENT[currency])
    if currency == "EUR":
        return whole
    rate = Rate.objects.get(rate_set=order.checkout.quote.rate_set, currency=currency)
    return whole / Fraction(rate.per_eur)


def parts(order: Order) -> dict[str, Fraction]:
    """Of one order, in basis points of what its buyer paid: by entries and conversions alone."""
    payment = Payment.objects.get(pk=order.checkout.payment_id)
    paid = euro(order.buyer_minor, order.buyer_currency, order)
    whole = euro(order.checkout.amount_minor, order.buyer_currency, order)  # a basket's fee is shared by what is paid
    kept = Entry.objects.get(journal__key=f"fee:{payment.pk}", amount__gt=0)
    own = Entry.objects.filter(journal__key=f"release:{order.number}", account__code__startswith="income:commission:")
    rows = list(Conversion.objects.filter(ref=order.number, journal_key__startswith="capture:"))
    exchange = sum(
        (euro(row.sell_minor, row.sell_currency, order) - euro(row.buy_minor, row.buy_currency, order) for row in rows),
        Fraction(0),
    )
    saved = WindowShare.objects.filter(conversion__in=rows).values_list("saving_minor", flat=True)
    return {
        "processor": euro(kept.amount, kept.currency, order) / whole * 10_000,
        "exchange": exchange / paid * 10_000,
        "platform": sum((euro(-entry.amount, entry.currency, order) for entry in own), Fraction(0)) / paid * 10_000,
        "netting": Fraction(sum(saved), 100) / paid * 10_000,
    }


def percentile(values: Sequence[Fraction], part: Fraction) -> int:
    """The smallest that `part` of them do not exceed, to the nearest basis point."""
    ordered = sorted(values)
    return floor(ordered[ceil(part * len(ordered)) - 1] + Fraction(1, 2))


def test_medians_and_ninetieth_percentiles_of_two_corridors_are_those_of_their_orders(
    world: World, stripe_double: StripeDouble, settings: Settings
) -> None:
    stripe = settings.PROCESSORS["stripe"] | {"settlement_currencies": ["EUR", "MXN"]}
    settings.PROCESSORS = {**settings.PROCESSORS, "stripe": stripe}
    found = corridors(world, stripe_double)
    assert close_window(coins=False, reason=Window.Reason.TIME) is not None
    assert measure() == 2
    for country, orders in found.items():
        told = [parts(order) for order in orders]
        sums = [part["processor"] + part["exchange"] + part["platform"] for part in told]
        cell = CorridorCost.objects.get(seller_country=country)
        assert (cell.buyer_country, cell.rail, cell.orders) == ("DE", "stripe", len(orders))
        half, most = Fraction(1, 2), Fraction(9, 10)
        assert (cell.median_bps, cell.p90_bps) == (percentile(sums, half), percentile(sums, most))
        assert (cell.p90_bps or 0) > (cell.median_bps or 0) > 0
        for name in ("processor", "exchange", "platform", "netting"):
            figure = getattr(cell, f"{name}_bps")
            assert figure == percentile([part[name] for part in told], half), name
        assert ((cell.netting_bps or 0) > 0) is (
            country == "MX"
        )  # most scarves were paid in euro, which nobody is paid in
        assert cell.netting_live is False  # a window in shadow books nothing
    assert broken() == []


def test_a_board_of_ten_orders_is_what_a_pencil_says(world: World, stripe_double: StripeDouble) -> None:
    """INR 1,900.00 and INR 690.00 of post are EUR 17.99 and EUR 6.54 at 106.084 a euro and 0.40 %: EUR 24.53 are paid.

    Of that the exchange took 24.53 - 2,590 / 106.084 = 0.1154, or 47.0 bps, the platform 19 / 106.084 = 0.1791, or
    73.0 bps; a card of the EU costs 0.62, or 252.7 bps, one of elsewhere 1.05, or 428.0 bps: 372.8 or 548.1 in all.
    Of eight, one, and a dearer one for half the price the fifth is 373, the eighth too, the ninth 548.
    """
    terms = [(95_000, "pm_card_us"), (190_000, "pm_card_us"), *[(190_000, "pm_card_de")] * 8]
    for price, card in terms:
        order = sold(world, stripe_double, world.scarf, world.alice, price, card)
        set_stock(Listing.objects.get(pk=world.scarf.pk), by=world.alice, stock=5)
    assert (order.buyer_minor, order.goods_minor, order.shipping_minor) == (24_53, 1_900_00, 690_00)
    measure()
    cell = CorridorCost.objects.get()
    assert (cell.orders, cell.median_bps, cell.p90_bps) == (10, 373, 548)
    assert (cell.processor_bps, cell.exchange_bps, cell.platform_bps) == (253, 47, 73)
    page = Client().get("/corridors/?from=IN&to=DE").content.decode()
    for figures in ("373 bps", "548 bps", "processor 253, exchange 47, platform 73 bps"):
        assert figures in page
    [told] = Caller().get("corridors/", {"from": "IN", "to": "DE"})["corridors"]
    assert (told["orders"], told["median_bps"], told["p90_bps"]) == (10, 373, 548)


def test_what_netting_saved_is_told_of_three_orders_in_windows_at_least(
    world: World, stripe_double: StripeDouble
) -> None:
    for price in PRICES[:2]:
        sold(world, stripe_double, world.scarf, world.alice, price, "pm_card_de")
    close_window(coins=False, reason=Window.Reason.TIME)
    sold(world, stripe_double, world.scarf, world.alice, PRICES[2], "pm_card_de")
    measure()
    cell = CorridorCost.objects.get()
    assert (cell.orders, cell.netting_bps, cell.netting_live) == (3, None, None)
    close_window(coins=False, reason=Window.Reason.TIME)
    measure()
    cell = CorridorCost.objects.get()
    assert (cell.orders, cell.netting_bps is not None, cell.netting_live) == (3, True, False)
    [told] = Caller().get("corridors/")["corridors"]
    assert (told["netting_bps"], told["netting_live"]) == (cell.netting_bps, False)


def test_a_saving_is_in_euro_cents_of_what_was_paid(world: World, stripe_double: StripeDouble) -> None:
    """Against a figure worked out by hand: each order saves fifty cents, booked by a live window."""
    orders = [sold(world, stripe_double, world.scarf, world.alice, 190_000, "pm_card_de") for _ in range(3)]
    close_window(coins=False, reason=Window.Reason.TIME)
    for order in orders:
        shares = WindowShare.objects.filter(conversion__ref=order.number)
        shares.update(saving_minor=0)
        assert shares.filter(conversion__journal_key__startswith="capture:").update(saving_minor=50) == 1
    Window.objects.update(mode="live")
    measure()
    cell = CorridorCost.objects.get()
    assert cell.netting_bps == percentile(
        [Fraction(50 * 10_000, order.buyer_minor) for order in orders], Fraction(1, 2)
    )
    assert cell.netting_live is True
    assert orders[0].buyer_total.currency == Money(50, "EUR").currency


def test_the_orders_that_the_seed_plays_fill_the_board(
    world: World, stripe_double: StripeDouble, charlie: User
) -> None:
    for listing in (world.scarf, world.vase):
        set_stock(listing, by=listing.shop.owner, stock=60)
    trade(orders=24, random_seed=3, say=lambda words: None)
    measure()
    released: dict[tuple[str, str], list[Order]] = {}
    for order in Order.objects.filter(status="completed"):
        released.setdefault((order.shop.country, order.address["country_code"]), []).append(order)
    cells = {(cell.seller_country, cell.buyer_country): cell for cell in CorridorCost.objects.all()}
    assert set(cells) == set(released)
    assert any(len(orders) >= 3 for orders in released.values())
    for corridor, orders in released.items():
        cell, told = cells[corridor], [parts(order) for order in orders]
        sums = [part["processor"] + part["exchange"] + part["platform"] for part in told]
        figures = (cell.orders, cell.median_bps, cell.p90_bps)
        if len(orders) < 3:
            assert figures == (None, None, None)
        else:
            half, most = percentile(sums, Fraction(1, 2)), percentile(sums, Fraction(9, 10))
            assert figures == (len(orders), half, most)
