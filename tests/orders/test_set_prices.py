"""Prices that are set in the buyer's money: fixed by Alice, or ending like hers. Bob pays that, to the cent."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from fx.models import Conversion, PiecePrice, Quote, QuoteLine
from fx.money import Money
from fx.services.sets import create_set
from listings import services
from listings.errors import ListingError
from listings.models import Listing, Shop
from marketplace.lib.clock import shifted
from marketplace.models import Letter
from orders.models import Checkout, Order
from tests.api.caller import by_token
from tests.audit.test_mutants import seed
from tests.conftest import ClientFor
from tests.doubles import StripeDouble
from tests.orders.test_requote import offered, order, rupees
from tests.orders.world import BERLIN, World, broken, make_listing, pay_by_card
from tests.payments.test_admin import staff

pytestmark = pytest.mark.django_db
EUROS = Money(18_50, "EUR")  # the scarf is INR 1,900.00, which is EUR 17.99 today
GETS = Money(1_954_70, "INR")  # 18.50 at 106.084, less 0.40 %, rounded down
POST = Money(690_00, "INR")


def facts(listing: Listing) -> dict[str, Any]:
    names = ("title", "description", "price", "hs_code", "origin", "weight_g", "ships_to", "no_withdrawal")
    return {name: getattr(listing, name) for name in names}


def fix(listing: Listing, *prices: Money) -> Listing:
    """As the seller's form does; a moderator lets it live again."""
    return services.edit_listing(listing, by=listing.shop.owner, **facts(listing), fixed_prices=prices)


@pytest.fixture
def scarf(world: World) -> Listing:
    fixed = fix(world.scarf, EUROS, Money(2_400, "JPY"))
    assert fixed.status == Listing.Status.IN_REVIEW  # a price is looked at
    return services.approve_listing(fixed, by=world.moderator)


def mirror(listing: Listing) -> None:
    shop = listing.shop
    services.edit_shop(
        shop, by=shop.owner, name=shop.name, about="", city=shop.city, handling_days=2, mirrors_endings=True
    )


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode())).replace("&#x27;", "'")


def at_review(client: Client, **pieces: int) -> Client:
    for pk, quantity in pieces.items():
        client.post("/cart/add/", {"listing": pk.removeprefix("n"), "quantity": str(quantity)})
    assert client.post("/checkout/", {**BERLIN, "country": "DE"})["Location"] == "/checkout/review/"
    return client


def some(listing: Listing, quantity: int = 1) -> dict[str, int]:
    return {f"n{listing.pk}": quantity}


def goods() -> QuoteLine:
    return QuoteLine.objects.get(component="goods", quote__basket_snapshot__processor="stripe")


def test_the_buyer_sees_and_pays_exactly_that_and_the_seller_gets_it_at_mid_less_the_spread(
    scarf: Listing, world: World, client_for: ClientFor, stripe_double: StripeDouble
) -> None:
    client = client_for(world.bob)
    page = text(client.get(f"/l/{scarf.slug}/"))
    assert "in your currency the seller asks €18.50, whatever the exchange rate" in page
    assert "(today €17.99; fixed 2.8 % above it)" in page
    assert "€18.50" in page.split("One piece to")[1]
    at_review(client, **some(scarf))
    assert "€18.50; the seller’s own price in your currency; they get ₹1,954.70 of it" in text(client.get("/cart/"))
    review = text(client.get("/checkout/review/"))
    assert "1 × €18.50 the seller’s own price in your currency; they get ₹1,954.70 of it" in review
    assert (goods().minor, goods().target) == (1850, GETS)
    assert order(client)[0] == 302
    checkout = Checkout.objects.get()
    pay_by_card(checkout, stripe_double)
    sold = Order.objects.get()
    line = sold.lines.get()
    assert (sold.goods_minor, line.unit, line.asked, line.how) == (GETS.amount, GETS, EUROS, "fixed")
    assert Conversion.objects.get().buy == GETS + POST
    assert "1 × €18.50; the seller’s own price in your currency" in text(client.get(f"/orders/{sold.number}/"))
    assert broken() == []


def test_another_currency_is_converted_as_before(scarf: Listing, client_for: ClientFor, world: World) -> None:
    client = client_for(world.bob)
    client.post("/preferences/", {"country": "DE", "currency": "USD", "language": "en"})
    answer = client.get(f"/api/v1/listings/{scarf.slug}/?country=DE&currency=USD").json()
    assert answer["asked"] is None
    answer = client.get(f"/api/v1/listings/{scarf.slug}/?country=DE&currency=JPY").json()
    assert answer["asked"] == {"amount": "2400", "currency": "JPY"}
    assert answer["price"] == {"amount": "1900.00", "currency": "INR"}
    assert {part["amount"]["amount"] for part in answer["landed"]["components"] if part["kind"] == "goods"} == {"2400"}


def test_every_piece_is_priced_alone_beside_things_that_are_converted(
    scarf: Listing, world: World, client_for: ClientFor, stripe_double: StripeDouble
) -> None:
    shawl = make_listing(scarf.shop, world.moderator, "Shawl", "2410.10", "621490", 200)
    client = at_review(client_for(world.bob), **some(scarf, 3), **some(shawl, 2))
    plain = 2 * 2410_10
    assert goods().target_minor == 3 * GETS.amount + plain
    assert goods().minor == 3 * 1850 + 4563  # 4,820.20 at 106.084 plus 0.40 %, rounded up once
    piece = PiecePrice.objects.get(line=goods())
    assert (piece.how, piece.minor, piece.target_minor, piece.quantity) == ("fixed", 1850, GETS.amount, 3)
    assert order(client)[0] == 302
    pay_by_card(Checkout.objects.get(), stripe_double)
    sold = Order.objects.get()
    sheet = [line for line in sold.fee_sheet if line["kind"] == "exchange"]
    assert sum(line["minor"] for line in sold.fee_sheet) == sold.buyer_minor
    assert [line["seller_currency"] for line in sheet] == ["INR"]
    assert broken() == []


@pytest.mark.parametrize(
    ("defect", "found"),
    [
        ("update fx_pieceprice set target_minor = target_minor + 1", {"C12"}),
        ("update fx_pieceprice set target_minor = target_minor - 1", {"C12"}),
        ("update fx_pieceprice set quantity = quantity + 1", {"C06", "C12"}),
        ("update fx_pieceprice set minor = minor - 1", {"C12"}),
        ("update fx_quoteline set component = 'duty' where component = 'goods'", {"C12"}),
        ("update fx_quoteline set minor = minor + 2 where component = 'goods'", {"C06"}),
    ],
)
def test_the_audit_sees_each_way_in_which_a_set_price_can_be_wrong(
    scarf: Listing, world: World, client_for: ClientFor, stripe_double: StripeDouble, defect: str, found: set[str]
) -> None:
    at_review(client_for(world.bob), **some(scarf))
    assert broken() == []
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    seed([defect])
    assert set(broken()) & {"C06", "C12"} == found


def test_a_renewed_lock_asks_the_same_price_and_the_rate_of_the_moment_is_the_sellers(
    scarf: Listing, world: World, client_for: ClientFor, stripe_double: StripeDouble
) -> None:
    client = at_review(client_for(world.bob), **some(scarf))
    shipping = offered(client).amount.amount - 1850
    rupees("1.05")
    with shifted(minutes=11):
        assert order(client)[0] == 302
    sold = Order.objects.get()
    assert sold.goods_minor == 2052_43  # 18.50 at 111.3882, less 0.40 %
    assert sold.buyer_minor - 1850 < shipping  # what is converted became cheaper


def test_a_price_that_is_fixed_meanwhile_needs_a_new_quote(
    world: World, client_for: ClientFor, stripe_double: StripeDouble
) -> None:
    client = at_review(client_for(world.bob), **some(world.scarf))
    services.approve_listing(fix(world.scarf, EUROS), by=world.moderator)
    assert order(client) == (302, "/checkout/review/")
    assert not Checkout.objects.exists()
    assert "€18.50" in text(client.get("/checkout/review/"))


REFUSED = [
    ([Money(1_900_00, "INR")], "INR is the currency of the price itself"),
    ([Money(100_000, "BTC")], "Buyers do not pay in BTC here"),
    ([Money(5_000, "KWD")], "Buyers do not pay in KWD here"),
    ([EUROS, Money(19_00, "EUR")], "There is one fixed price in each currency"),
    ([Money(9, "EUR")], "is not from"),
    ([Money(1_79, "EUR")], "A fixed price of 1.79 EUR is far from 17.99 EUR"),
    ([Money(179_91, "EUR")], "A fixed price of 179.91 EUR is far from 17.99 EUR"),
]


@pytest.mark.parametrize(("prices", "why"), REFUSED)
def test_what_makes_no_sense_is_refused_and_nothing_changes(world: World, prices: list[Money], why: str) -> None:
    with pytest.raises(ListingError, match=why):
        fix(world.scarf, *prices)
    world.scarf.refresh_from_db()
    assert (world.scarf.status, world.scarf.fixed_prices.count()) == (Listing.Status.LIVE, 0)


@pytest.mark.parametrize("minor", [1_80, 179_90])
def test_ten_times_off_is_just_possible(world: World, minor: int) -> None:
    assert fix(world.scarf, Money(minor, "EUR")).fixed_prices.get().price_minor == minor


def form(client: Client, listing: Listing) -> dict[str, str]:
    """What a browser would send back unchanged."""
    page = client.get(f"/sell/listings/{listing.pk}/").content.decode().split("<h2>On sale")[0]
    found = re.findall(r'<input[^>]* name="(\w+)"(?:[^>]* value="([^"]*)")?', page)
    kept = {name: value for name, value in found if name != "csrfmiddlewaretoken"}
    return {**kept, "description": listing.description, "origin": listing.origin, "no_withdrawal": ""}


def test_the_form_has_a_field_per_currency_with_todays_equivalent(world: World, client_for: ClientFor) -> None:
    client = client_for(world.alice)
    page = text(client.get(f"/sell/listings/{world.scarf.pk}/"))
    assert "Fixed prices in other currencies" in page
    assert "until then the exchange rate is your risk" in page
    assert "EUR (optional) today €17.99" in page
    assert "INR (optional)" not in page
    answer = client.post(f"/sell/listings/{world.scarf.pk}/", {**form(client, world.scarf), "fixed_EUR": "18.50"})
    assert answer.status_code == 302
    assert world.scarf.fixed_prices.get().price == EUROS
    html = client.get(f"/sell/listings/{world.scarf.pk}/").content.decode()
    assert '<details class="stack" open>' in html
    assert "today €17.99; fixed 2.8 % above it" in html
    client.post(f"/sell/listings/{world.scarf.pk}/", {**form(client, world.scarf), "fixed_EUR": ""})
    assert not world.scarf.fixed_prices.exists()


@pytest.mark.parametrize("typed", ["18,50", "-1", "1e3", "NaN", "18.505", "0", "9" * 25, "١٨", "<b>1</b>"])
def test_what_is_no_price_is_said_at_its_field(world: World, client_for: ClientFor, typed: str) -> None:
    client = client_for(world.alice)
    answer = client.post(f"/sell/listings/{world.scarf.pk}/", {**form(client, world.scarf), "fixed_EUR": typed})
    assert answer.status_code == 422
    assert '<details class="stack" open>' in answer.content.decode()
    assert not world.scarf.fixed_prices.exists()


def test_the_same_prices_again_are_no_change_to_look_at(scarf: Listing) -> None:
    assert fix(scarf, Money(2_400, "JPY"), EUROS).status == Listing.Status.LIVE
    assert services.edit_listing(scarf, by=scarf.shop.owner, **facts(scarf)).fixed_prices.count() == 2


def test_the_api_sets_keeps_and_clears_them(world: World, scarf: Listing) -> None:
    path, alice = f"shop/listings/{scarf.pk}/", by_token(world.alice)
    body = {
        **{name: getattr(scarf, name) for name in ("title", "description", "hs_code", "origin", "weight_g")},
        "price": scarf.price.json(),
    }
    euro = {"amount": "18.50", "currency": "EUR"}
    assert alice.put(path, body)["fixed_prices"] == [euro, {"amount": "2400", "currency": "JPY"}]
    assert alice.put(path, {**body, "fixed_prices": [euro]})["fixed_prices"] == [euro]
    for bad in ([euro | {"amount": "19.001"}], [19], "EUR", [None], {"EUR": "19.00"}):
        alice.put(path, {**body, "fixed_prices": bad}, 400)
    alice.put(path, {**body, "fixed_prices": [euro | {"currency": "INR"}]}, 409)
    assert scarf.fixed_prices.get().price == EUROS
    assert alice.put(path, {**body, "fixed_prices": []})["fixed_prices"] == []


def lines(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    assert answer["currency"]
    return [tuple(line[name] for name in ("price", "here", "asked", "how", "unit")) for line in answer["lines"]]


def test_the_basket_over_the_api_says_what_a_piece_costs_in_the_buyers_money(scarf: Listing, world: World) -> None:
    """INR 1,900.00 is EUR 17.99 with the spread, as the page says; EUR 18.50 are fixed."""
    bob = by_token(world.bob)
    own, here = scarf.price.json(), EUROS.json()
    put = bob.put("basket/", {"listing": scarf.pk, "quantity": 2})
    assert lines(put) == lines(bob.get("basket/")) == [(own, here, here, "fixed", GETS.json())]
    assert put["currency"] == "EUR"
    yen = Money(2_400, "JPY")
    assert [line[1:4] for line in lines(bob.get("basket/?currency=JPY"))] == [(yen.json(), yen.json(), "fixed")]
    assert lines(bob.get("basket/?currency=INR")) == [(own, own, None, "", own)]
    services.take_back_fixed_price(scarf, currency="EUR", by=world.moderator, reason="A slip.")
    assert lines(bob.get("basket/")) == [(own, Money(17_99, "EUR").json(), None, "", own)]
    mirror(scarf)
    lifted = Money(18_00, "EUR").json()
    assert lines(bob.get("basket/")) == [(own, lifted, lifted, "ending", Money(1_901_87, "INR").json())]


@pytest.mark.parametrize("query", ["currency=BTC", "currency=eur", "currency=XXX"])
def test_the_basket_is_in_no_currency_that_nobody_pays_in(scarf: Listing, world: World, query: str) -> None:
    bob = by_token(world.bob)
    assert "currency" in bob.get(f"basket/?{query}", status=400)["errors"]
    bob.put(f"basket/?{query}", {"listing": scarf.pk, "quantity": 1}, 400)
    assert bob.get("basket/")["lines"] == []


def test_without_a_rate_the_basket_has_the_sellers_price_alone(scarf: Listing, world: World) -> None:
    bob = by_token(world.bob)
    bob.put("basket/", {"listing": scarf.pk, "quantity": 1})
    create_set([])  # newer, and without any
    assert lines(bob.get("basket/")) == [(scarf.price.json(), None, None, "", None)]
    own = scarf.price.json()
    assert lines(bob.get("basket/?currency=INR")) == [(own, own, None, "", own)]


def test_a_moderator_sees_fixed_prices_beside_todays_and_takes_one_back_with_a_reason(
    scarf: Listing, world: World, client_for: ClientFor
) -> None:
    desk = staff(world.moderator, "moderator", client_for)
    here = f"/admin/listings/listing/{scarf.pk}/change/"
    page = text(desk.get(here))
    assert "€18.50" in page
    assert "today €17.99; fixed 2.8 % above it" in page
    path = f"/admin/listings/listing/{scarf.pk}/fixed-price/EUR/"
    assert f'href="{path}"' in desk.get(here).content.decode()
    assert "This field is required" in text(desk.post(path, {"reason": " "}))
    assert scarf.fixed_prices.count() == 2
    answer = desk.post(path, {"reason": "It is a slip of the finger."})
    assert answer["Location"] == here
    assert [row.price for row in scarf.fixed_prices.all()] == [Money(2_400, "JPY")]
    letter = Letter.objects.get(key__startswith=f"fixed_price:{scarf.pk}:EUR:")
    assert letter.to == world.alice.email
    assert "Your fixed price of €18.50 was looked at and taken back" in letter.body
    assert "It is a slip of the finger." in letter.body
    assert desk.get(path).status_code == 404
    scarf.refresh_from_db()
    assert scarf.status == Listing.Status.LIVE


def test_a_price_that_is_gone_already_is_said_and_nobody_is_written_to(scarf: Listing, world: World) -> None:
    services.take_back_fixed_price(scarf, currency="EUR", by=world.moderator, reason="A slip.")
    letters = Letter.objects.count()
    with pytest.raises(ListingError, match="There is no fixed price in EUR any more"):
        services.take_back_fixed_price(scarf, currency="EUR", by=world.moderator, reason="A slip.")
    with pytest.raises(ListingError, match="Give a reason"):
        services.take_back_fixed_price(scarf, currency="JPY", by=world.moderator, reason=" ")
    assert (scarf.fixed_prices.count(), Letter.objects.count()) == (1, letters)


def test_an_ending_is_lifted_for_the_seller_and_the_sheet_says_so(
    world: World, client_for: ClientFor, stripe_double: StripeDouble
) -> None:
    mirror(world.scarf)
    client = client_for(world.bob)
    assert "up to the next amount that ends like the seller’s price" in text(client.get(f"/l/{world.scarf.slug}/"))
    at_review(client, **some(world.scarf))
    assert (goods().minor, goods().target) == (1800, Money(1901_87, "INR"))  # 17.99 ends in 00 like 1,900.00
    assert "1 × €18.00 ends like the seller’s price; they get ₹1,901.87 of it" in text(client.get("/checkout/review/"))
    assert order(client)[0] == 302
    pay_by_card(Checkout.objects.get(), stripe_double)
    sold = Order.objects.get()
    why = next(line["why"] for line in sold.fee_sheet if line["kind"] == "seller")
    assert why == "held until you have the goods; ₹1.87 more, as a price ends like the seller’s own"
    assert sum(line["minor"] for line in sold.fee_sheet) == sold.buyer_minor
    assert (sold.lines.get().how, sold.goods_minor) == ("ending", 1901_87)
    assert broken() == []


def test_too_far_a_step_leaves_the_plain_price(
    world: World, client_for: ClientFor, stripe_double: StripeDouble
) -> None:
    mirror(world.vase)  # MXN 720.00 is EUR 34.23; 35.00 would be 2.2 % more, MXN 650.00 EUR 30.90 to 31.00
    dish = make_listing(world.vase.shop, world.moderator, "Dish", "101.00", "691390", 300)
    at_review(client_for(world.bob), **some(dish))
    assert (goods().minor, goods().target) == (481, Money(101_00, "MXN"))
    assert not PiecePrice.objects.exists()


def test_a_fixed_price_comes_before_an_ending(
    scarf: Listing, world: World, client_for: ClientFor, stripe_double: StripeDouble
) -> None:
    mirror(scarf)
    at_review(client_for(world.bob), **some(scarf))
    assert goods().minor == 1850


def test_no_discount_for_a_way_to_pay_changes_a_price_that_is_set(
    scarf: Listing, world: World, client_for: ClientFor, stripe_double: StripeDouble
) -> None:
    Shop.objects.filter(pk=scarf.shop_id).update(saving_share=100)
    at_review(client_for(world.bob), **some(scarf))
    assert set(QuoteLine.objects.filter(component="goods").values_list("minor", flat=True)) == {1850}
    assert QuoteLine.objects.filter(component="goods").count() > 1


def test_the_shop_turns_endings_on_and_off_in_its_form(world: World, client_for: ClientFor) -> None:
    client, shop = client_for(world.alice), world.scarf.shop
    body = {"name": shop.name, "city": shop.city, "about": "", "handling_days": "2"}
    assert client.post("/sell/shop/", {**body, "mirrors_endings": "on"}).status_code == 302
    assert Shop.objects.get(pk=shop.pk, mirrors_endings=True)
    assert client.post("/sell/shop/", body).status_code == 302
    assert Shop.objects.get(pk=shop.pk, mirrors_endings=False)


def test_turning_endings_on_after_the_quote_needs_a_new_one(
    world: World, client_for: ClientFor, stripe_double: StripeDouble
) -> None:
    client = at_review(client_for(world.bob), **some(world.scarf))
    mirror(world.scarf)
    assert order(client) == (302, "/checkout/review/")
    assert not Checkout.objects.exists()
    assert Quote.objects.filter(used_at=None).exists()
