"""A shop shares what a cheaper way to pay saves: a discount for it, never a surcharge, never more than is saved."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from fx.errors import QuoteOutdated
from fx.money import Money
from listings.errors import ListingError
from listings.models import Listing, Shop
from listings.services import share_savings
from marketplace.lib.clock import shifted
from orders import services, work
from orders.checkout.comparing import Cost, cost_of, sentence
from orders.checkout.discounts import given_of
from orders.checkout.feesheet import FeeSheet
from orders.checkout.placing import place_order
from orders.models import Order, OrderLine, QuotedBasket
from payments.models import FeeRow
from payments.processors.registry import get
from tests.api.caller import by_token
from tests.conftest import ClientFor
from tests.doubles import StripeDouble
from tests.orders.world import BERLIN, World, broken, buyer, pay_by_card, place, quotes, send_coins
from tests.orders.world import basket_of as basket

pytestmark = pytest.mark.django_db


def shares(listing: Listing, percent: int) -> None:
    """The shop shares from now on; what the test holds of it knows it too."""
    share_savings(listing.shop, percent=percent, by=listing.shop.owner)


def coins_are_dear() -> None:
    FeeRow.objects.filter(processor="bitcoin", part="percent").update(bps=900)


def costs(found: dict[str, QuotedBasket]) -> dict[str, Cost]:
    return {slug: cost_of(quoted, get(slug).label) for slug, quoted in found.items()}


def test_half_of_what_the_coin_saves_is_taken_off_its_price_and_the_card_stays(world: World) -> None:
    before = quotes(world.bob, world.scarf)
    shares(world.scarf, 50)
    found = quotes(world.bob, world.scarf)
    [plain], [card], [coin] = before["stripe"].parcels, found["stripe"].parcels, found["bitcoin"].parcels
    assert found["stripe"].quote.amount == before["stripe"].quote.amount == before["bitcoin"].quote.amount
    assert (card["discount"], card["goods"], card["due"]) == (0, plain["goods"], plain["due"])
    assert coin["saving"] == plain["processing"] > 0  # the coin itself costs nothing
    assert coin["discount"] == plain["processing"] // 2
    assert coin["goods"] == plain["goods"] - coin["discount"]
    assert coin["commission"] == coin["goods"] * 100 // 10_000  # commission follows
    assert found["stripe"].quote.amount - found["bitcoin"].quote.amount == Money(coin["less"], "EUR") > Money(0, "EUR")
    assert sum(line["minor"] for line in coin["fee_sheet"]) == coin["due"]
    assert coin["goods"] - coin["commission"] > plain["goods"] - plain["commission"] - plain["processing"]


def test_the_buyer_reads_who_gives_it(world: World) -> None:
    shares(world.scarf, 50)
    found = costs(quotes(world.bob, world.scarf))
    card, coin = found["stripe"], found["bitcoin"]
    said = sentence(coin, list(found.values()), "en")
    assert said.startswith(f"€{coin.given.decimal} less when you pay with {coin.label}, from the seller.")
    assert f"still gets €{(coin.left - card.left).decimal} (₹" in said
    assert said.endswith("The exchange into the coin costs you 0.50 %.")
    assert sentence(card, list(found.values()), "en") == ""


def test_a_basket_of_two_shops_sums_what_each_gives(world: World) -> None:
    shares(world.scarf, 50)
    shares(world.vase, 100)
    found = quotes(world.bob, world.scarf, world.vase)
    card, coin = found["stripe"].parcels, found["bitcoin"].parcels
    assert [parcel["discount"] for parcel in coin] == [card[0]["processing"] // 2, card[1]["processing"]]
    assert cost_of(found["bitcoin"], "Bitcoin").given.amount == sum(parcel["less"] for parcel in coin)
    assert found["stripe"].quote.amount_minor - found["bitcoin"].quote.amount_minor == sum(p["less"] for p in coin)


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_share_is_a_percentage(world: World, percent: int) -> None:
    with pytest.raises(ListingError, match="between 0 and 100"):
        shares(world.scarf, percent)
    with pytest.raises(IntegrityError), transaction.atomic():
        Shop.objects.filter(pk=world.scarf.shop_id).update(saving_share=percent)
    assert Shop.objects.get(pk=world.scarf.shop_id).saving_share == 0


@given(saved=st.integers(1, 10**12), percent=st.integers(0, 100), goods=st.integers(1, 10**12))
def test_what_is_given_is_never_negative_never_more_than_saved_and_never_all_of_the_goods(
    saved: int, percent: int, goods: int
) -> None:
    given = given_of(Money(saved, "INR"), percent, Money(goods, "INR")).amount
    assert 0 <= given <= saved
    assert given < goods
    assert given == min(saved * percent // 100, goods - 1)


def test_no_way_to_pay_is_ever_dearer_than_without_discounts(world: World) -> None:
    """Whatever the price lists, the share and the price: also where a coin is the dearest."""
    for bps, percent, price in ((0, 100, 190_000), (0, 33, 501), (900, 100, 190_000), (120, 77, 999_999)):
        FeeRow.objects.filter(processor="bitcoin", part="percent").update(bps=bps)
        Listing.objects.filter(pk=world.scarf.pk).update(price_minor=price)
        shares(world.scarf, 0)
        plain = quotes(world.bob, world.scarf)
        shares(world.scarf, percent)
        found = quotes(world.bob, world.scarf)
        assert set(found) == set(plain)
        dearest = max(parcel["processing"] for quoted in plain.values() for parcel in quoted.parcels)
        for slug, quoted in found.items():
            [parcel], [was] = quoted.parcels, plain[slug].parcels
            assert quoted.quote.amount <= plain[slug].quote.amount
            assert 0 <= parcel["discount"] <= parcel["saving"] == max(0, parcel["saving"])
            assert parcel["discount"] <= (dearest - was["processing"]) * percent // 100
        assert any(quoted.parcels[0]["discount"] == 0 for quoted in found.values())


def test_where_no_price_list_is_in_force_nothing_is_given(world: World) -> None:
    shares(world.scarf, 100)
    FeeRow.objects.filter(processor="stripe").delete()
    found = quotes(world.bob, world.scarf)
    assert {quoted.parcels[0]["discount"] for quoted in found.values()} == {0}


def test_over_a_limit_of_the_border_nothing_is_given(world: World) -> None:
    """Just above 150 euro Germany asks for duty; a discount that brings the goods below would change who pays what."""
    shares(world.scarf, 100)
    rupees = basket(world.bob, world.scarf).parcels[0]
    assert rupees.goods is not None
    for euro, gives in ((14_500, True), (15_040, False), (16_500, True)):
        price = rupees.goods_target.amount * euro // rupees.goods.amount
        Listing.objects.filter(pk=world.scarf.pk).update(price_minor=price)
        [parcel] = quotes(world.bob, world.scarf)["bitcoin"].parcels
        assert bool(parcel["discount"]) is gives, (euro, parcel["discount"], parcel["landed"])


def test_a_shop_that_changes_its_mind_makes_the_price_outdated(world: World) -> None:
    shares(world.scarf, 50)
    found = quotes(world.bob, world.scarf)
    shares(world.scarf, 0)
    with pytest.raises(QuoteOutdated):
        place_order(quote_id=str(found["bitcoin"].quote_id), buyer=buyer(world.bob), accepted=[])
    assert not Order.objects.exists()


def test_an_order_in_coin_keeps_its_discount_and_the_books_agree(world: World) -> None:
    shares(world.scarf, 50)
    checkout = place(world.bob, world.scarf, rail="bitcoin")
    order = checkout.orders.get()
    listed = sum(line.unit_minor * line.quantity for line in order.lines.all())
    assert order.goods_minor == listed - order.discount_minor
    assert 0 < order.discount_minor == order.saving_minor // 2
    send_coins(checkout, checkout.payment.amount_minor)
    with shifted(minutes=1):
        work.poll_chains()
    order.refresh_from_db()
    assert (order.status, order.held) == ("paid", Money(order.goods_minor + order.shipping_minor, "INR"))
    assert FeeSheet.from_json(order.fee_sheet, "EUR").total == order.buyer_total
    assert broken() == []


def test_the_database_refuses_a_surcharge_and_more_than_was_saved(world: World, stripe_double: StripeDouble) -> None:
    order = place(world.bob, world.scarf).orders.get()
    for figures in ({"discount_minor": -1}, {"discount_minor": 1}, {"discount_minor": 6, "saving_minor": 5}):
        with pytest.raises(IntegrityError, match="order_discount_within_saving"), transaction.atomic():
            Order.objects.filter(pk=order.pk).update(**figures)
    order.refresh_from_db()
    assert (order.discount_minor, order.saving_minor) == (0, 0)


def test_pieces_go_back_at_what_was_paid_for_them_and_together_all_of_it(
    world: World, stripe_double: StripeDouble
) -> None:
    coins_are_dear()
    shares(world.scarf, 77)
    checkout = place(world.bob, world.scarf)
    pay_by_card(checkout, stripe_double)
    order = checkout.orders.get()
    assert order.discount_minor > 0
    OrderLine.objects.filter(order=order).update(quantity=3, unit_minor=63_333)
    Order.objects.filter(pk=order.pk).update(discount_minor=189_999 - order.goods_minor, saving_minor=10**6)
    order.refresh_from_db()
    line = order.lines.get()
    postage, back = order.shipping_minor, list[int]()
    for shipping in (0, 0, postage):
        services.refund_items(
            order.number,
            by=world.alice,
            why="Torn.",
            items={line.pk: 1},
            shipping=Money(shipping, "INR"),
            restocked=False,
        )
        work.drain_operations()
        before = sum(back)
        order.refresh_from_db()
        back.append(order.refunded_goods_minor - before)
    assert sum(back) == order.goods_minor
    assert max(back) - min(back) <= 1
    assert (order.status, back[0]) == ("refunded", order.goods_minor // 3)
    assert broken() == []


def test_both_see_it_on_their_pages_and_the_seller_what_it_has_cost(
    world: World, stripe_double: StripeDouble, client_for: ClientFor
) -> None:
    coins_are_dear()
    alice, bob = client_for(world.alice), client_for(world.bob)
    assert "no paid order had such a discount" in alice.get("/sell/discount/").content.decode()
    assert alice.post("/sell/discount/", {"percent": "101"}).status_code == 422
    assert "Saved. It counts" in alice.post("/sell/discount/", {"percent": "40"}, follow=True).content.decode()
    assert "Your buyers get 40 % of what" in alice.get("/sell/shop/").content.decode()
    bob.post("/cart/add/", {"listing": world.scarf.pk, "quantity": 1})
    bob.post("/checkout/", BERLIN | {"country": "DE"})
    review = bob.get("/checkout/review/").content.decode()
    assert "less when you pay with Card, from the seller." in review
    assert "Order and pay the price beside your way to pay" in review
    assert "The price for you is the same" not in review
    checkout = place(world.bob, world.scarf)
    pay_by_card(checkout, stripe_double)
    order = checkout.orders.get()
    for client, where in ((bob, "orders"), (alice, "sell/orders")):
        page = client.get(f"/{where}/{order.number}/").content.decode()
        assert "Discount of the seller for this way to pay" in page
        assert ("that this way to pay saves you" in page) is (client is alice)
    told = alice.get("/sell/discount/").content.decode()
    assert f"₹{order.discount.decimal:,}" in told
    assert f"₹{order.saved.decimal:,}" in told
    work.issue_receipts()
    receipt = bob.get(f"/orders/{order.number}/receipt/").content.decode()
    assert "Discount of the seller for this way to pay: −" in receipt
    assert f"₹{order.discount.decimal:,}" in receipt


def test_the_api_says_and_changes_it(world: World, stripe_double: StripeDouble) -> None:
    coins_are_dear()
    alice, bob = by_token(world.alice), by_token(world.bob)
    assert alice.put("shop/discount/", {"percent": 30}) == {"percent": 30, "given": []}
    assert alice.put("shop/discount/", {"percent": 130}, 400)["errors"]
    world.scarf.refresh_from_db()
    checkout = place(world.bob, world.scarf)
    pay_by_card(checkout, stripe_double)
    order = checkout.orders.get()
    [row] = alice.get("shop/discount/")["given"]
    assert (row["rail"], row["orders"]) == ("stripe", 1)
    assert row["given"] == order.discount.json() == bob.get(f"orders/{order.number}/")["discount"]
    assert row["saved"] == order.saved.json()
