"""Cancel, withdraw, send back, come back: each path over HTTP, its deadline, its refusals, and the books after it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from fx.money import Money
from listings.models import Listing
from marketplace.lib.clock import now, shifted
from marketplace.models import Letter, User
from orders import services, work
from orders.errors import OrderRefused
from orders.models import Order, OrderLine, Return, Shipment
from orders.returns import withdrawal
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Refund
from tests.conftest import logged_in
from tests.doubles import StripeDouble
from tests.orders.world import (
    BERLIN,
    World,
    broken,
    delivered_order,
    paid_order,
    pay_by_card,
    place,
    shipped_order,
)

pytestmark = pytest.mark.django_db
TO = "Chaya Prints, 12 Johari Bazaar, Jaipur 302003, India"
Make = Callable[[World, StripeDouble], Order]


def back_at_stripe(double: StripeDouble) -> int:
    return sum(int(refund["amount"]) for refund in double.refunds())


def sweep(**later: float) -> None:
    with shifted(**later):
        for step in work.SWEEPS:
            step()


def letters() -> set[str]:
    return {key.split(":")[0] for key in Letter.objects.values_list("key", flat=True)}


def buyer_posts(world: World, order: Order, action: str, data: dict[str, str] | None = None) -> str:
    answer = logged_in(world.bob).post(f"/orders/{order.number}/{action}/", data or {}, follow=True)
    return answer.content.decode()


def seller_posts(world: World, order: Order, action: str, data: dict[str, str] | None = None) -> str:
    answer = logged_in(world.alice).post(f"/sell/orders/{order.number}/{action}/", data or {}, follow=True)
    return answer.content.decode()


def pieces(order: Order, count: int = 1) -> dict[str, str]:
    return {f"pieces_{order.lines.get().pk}": str(count)}


def withdraw(world: World, order: Order) -> str:
    page = f"/orders/{order.number}/withdraw/"
    bob = logged_in(world.bob)
    first = bob.post(page, pieces(order) | {"name": "Bob Becker"}).content.decode()
    assert "I, Bob Becker, withdraw from the contract" in first
    return bob.post(page, pieces(order) | {"name": "Bob Becker", "step": "do"}, follow=True).content.decode()


# --- canceling ----------------------------------------------------------------------------------


def test_a_seller_who_cannot_send_it_cancels_and_owes_the_fee(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    assert "Give money back" in seller_posts(world, order, "cancel", {"why": ""})  # refused: no reason
    assert Refund.objects.count() == 0
    page = seller_posts(world, order, "cancel", {"why": "The loom broke.", "restocked": "on"})
    assert "The sale is canceled" in page
    work.drain_operations()
    order.refresh_from_db()
    assert (order.status, back_at_stripe(stripe_double)) == ("refunded", order.buyer_minor)
    assert balance(codes.seller_debt(world.alice.pk, "INR")).amount > 0
    assert Listing.objects.get(pk=world.scarf.pk).stock == 5
    assert broken() == []


def test_a_buyer_cancels_before_it_is_shipped_and_owes_nothing(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    assert "Cancel the order" in logged_in(world.bob).get(f"/orders/{order.number}/").content.decode()
    assert "All that you paid goes back" in buyer_posts(world, order, "cancel")
    work.drain_operations()
    order.refresh_from_db()
    assert (order.status, back_at_stripe(stripe_double)) == ("refunded", order.buyer_minor)
    assert balance(codes.seller_debt(world.alice.pk, "INR")).amount == 0
    assert Listing.objects.get(pk=world.scarf.pk).stock == 5
    assert broken() == []


def test_what_is_made_to_the_buyers_wishes_is_not_canceled_by_them(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    OrderLine.objects.update(no_withdrawal="custom")
    assert "made to your wishes" in buyer_posts(world, order, "cancel")
    order.refresh_from_db()
    assert (order.status, Refund.objects.count()) == ("paid", 0)


@pytest.mark.parametrize("keep", [False, True])
def test_a_parcel_that_comes_back_ends_the_order(world: World, stripe_double: StripeDouble, keep: bool) -> None:
    order = shipped_order(world, stripe_double)
    data = {"why": "Nobody there.", "restocked": "on"} | ({"keep_shipping": "on"} if keep else {})
    assert "is refunded" in seller_posts(world, order, "came-back", data)
    work.drain_operations()
    order.refresh_from_db()
    back = back_at_stripe(stripe_double)
    if keep:
        assert (order.status, order.held) == ("split", Money(order.shipping_minor, "INR"))
        assert back < order.buyer_minor
        assert balance(codes.seller(world.alice.pk, "INR")) == order.net
    else:
        assert (order.status, back) == ("refunded", order.buyer_minor)
    assert Listing.objects.get(pk=world.scarf.pk).stock == 5
    assert broken() == []


# --- withdrawing --------------------------------------------------------------------------------


def test_a_withdrawal_from_statement_to_refund(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    assert "Your withdrawal is noted" in withdraw(world, order)
    receipt = Letter.objects.get(key__startswith="withdrawal_receipt:")
    assert receipt.to == "bob@example.com"
    assert f"order {order.number}" in receipt.body
    assert "1 × Indigo and madder scarf" in receipt.body
    back = Return.objects.get()
    assert (back.kind, back.state) == ("withdrawal", "asked")
    assert "A withdrawal is the buyer" in seller_posts(world, order, "refuse", {"why": "No."})
    assert "knows where to send it" in seller_posts(world, order, "authorize", {"send_to": TO, "payer": "buyer"})
    assert "Johari Bazaar" in logged_in(world.bob).get(f"/orders/{order.number}/").content.decode()
    buyer_posts(world, order, "sent-back", {"carrier": "DHL", "tracking_number": "RR 123 456"})
    assert "The buyer is refunded" in seller_posts(world, order, "received", {"restocked": "on"})
    work.drain_operations()
    order.refresh_from_db()
    back.refresh_from_db()
    assert (order.status, back.state, back_at_stripe(stripe_double)) == ("refunded", "refunded", order.buyer_minor)
    assert back.refund == Refund.objects.get()
    assert {"return_asked", "return_authorized", "return_sent", "return_refunded"} <= letters()
    assert broken() == []


def test_withdrawing_before_it_is_shipped_ends_the_order_at_once(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    withdraw(world, order)
    work.drain_operations()
    order.refresh_from_db()
    assert (order.status, Return.objects.count()) == ("refunded", 0)
    assert back_at_stripe(stripe_double) == order.buyer_minor
    assert "withdrawal_receipt" in letters()


def test_confirming_early_does_not_waive_it_and_the_seller_gives_it_back(
    world: World, stripe_double: StripeDouble
) -> None:
    order = services.confirm(delivered_order(world, stripe_double).number, by=world.bob)
    withdraw(world, order)
    seller_posts(world, order, "authorize", {"send_to": TO, "payer": "seller"})
    seller_posts(world, order, "received", {})
    work.drain_operations()
    order.refresh_from_db()
    assert order.status == "refunded"
    owed = order.goods_minor + order.shipping_minor - order.commission_minor
    assert balance(codes.seller_debt(world.alice.pk, "INR")) == Money(owed, "INR")
    assert broken() == []


def test_the_fifteenth_day_is_too_late_and_the_fourteenth_is_not(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    end = withdrawal.until(order)
    assert end is not None
    assert end.date() == (now() + dt.timedelta(days=14)).date()
    items = {order.lines.get().pk: 1}
    with shifted(seconds=(end - now()).total_seconds() + 2), pytest.raises(OrderRefused, match="fourteen days ended"):
        withdrawal.withdraw(order.number, by=world.bob, items=items, name="Bob")
    assert Return.objects.count() == 0
    with shifted(seconds=(end - now()).total_seconds() - 60):
        withdrawal.withdraw(order.number, by=world.bob, items=items, name="Bob")
    assert Return.objects.count() == 1


def test_silence_is_no_delivery_so_the_days_have_not_begun(world: World, stripe_double: StripeDouble) -> None:
    order = shipped_order(world, stripe_double)
    with shifted(days=60):
        services.complete_by_silence(order.number)
        order.refresh_from_db()
        assert order.delivered_at is None
        assert withdrawal.lines(order) != []
    with shifted(days=366):
        assert withdrawal.lines(order) == []


def test_an_excepted_piece_is_not_withdrawn_from(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    OrderLine.objects.update(no_withdrawal="perishable")
    assert logged_in(world.bob).get(f"/orders/{order.number}/withdraw/").status_code == 404
    with pytest.raises(OrderRefused, match="is excepted from withdrawal"):
        withdrawal.withdraw(order.number, by=world.bob, items={order.lines.get().pk: 1}, name="Bob")
    assert (Return.objects.count(), "withdrawal_receipt" in letters()) == (0, False)


def test_an_exception_is_said_on_the_listing_and_kept_with_the_order(world: World, stripe_double: StripeDouble) -> None:
    Listing.objects.filter(pk=world.scarf.pk).update(no_withdrawal="custom")
    assert "No right of withdrawal" in Client().get(f"/l/{world.scarf.slug}/").content.decode()
    order = paid_order(world, stripe_double)
    assert order.lines.get().no_withdrawal == "custom"


# --- returns by agreement -----------------------------------------------------------------------


def asked(world: World, double: StripeDouble) -> Order:
    order = delivered_order(world, double)
    page = buyer_posts(world, order, "send-back", pieces(order) | {"reason": "The wrong blue."})
    assert "five days to answer" in page
    return order


def sent_back(world: World, double: StripeDouble) -> Order:
    order = asked(world, double)
    seller_posts(world, order, "authorize", {"send_to": TO, "payer": "buyer"})
    buyer_posts(world, order, "sent-back", {"carrier": "DHL", "tracking_number": "RR123456"})
    return order


def contested(world: World, double: StripeDouble) -> Order:
    order = sent_back(world, double)
    seller_posts(world, order, "contest", {"why": "It was worn."})
    return order


def test_an_agreed_return_gives_back_the_goods_but_not_the_way_there(world: World, stripe_double: StripeDouble) -> None:
    order = sent_back(world, stripe_double)
    seller_posts(world, order, "received", {})
    work.drain_operations()
    order.refresh_from_db()
    assert (order.status, order.refunded_goods_minor, order.refunded_shipping_minor) == ("delivered", 190_000, 0)
    assert Listing.objects.get(pk=world.scarf.pk).stock == 4
    sweep(days=17)
    order.refresh_from_db()
    assert order.status == "completed"
    assert broken() == []


def test_a_refused_return_leaves_all_as_it_was(world: World, stripe_double: StripeDouble) -> None:
    order = asked(world, stripe_double)
    seller_posts(world, order, "refuse", {"why": "It was cut to size."})
    back = Return.objects.get()
    assert (back.state, back.answer, Refund.objects.count()) == ("refused", "It was cut to size.", 0)
    assert broken() == []


# What waits, how long, what it is after that, and how much of the goods went back.
ROWS: list[tuple[str, Make, float, str, int]] = [
    ("asked", asked, 5, "refused", 0),
    ("authorized", lambda world, double: authorized(world, double), 14, "lapsed", 0),
    ("sent", sent_back, 14, "refunded", 190_000),
    ("contested", contested, 7, "refunded", 190_000),
]


def authorized(world: World, double: StripeDouble) -> Order:
    order = asked(world, double)
    seller_posts(world, order, "authorize", {"send_to": TO, "payer": "buyer"})
    return order


@pytest.mark.parametrize(("make", "days", "then", "goods"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_return_waits_until_its_deadline_and_then_its_default_happens(
    world: World, stripe_double: StripeDouble, make: Make, days: float, then: str, goods: int
) -> None:
    order = make(world, stripe_double)
    was = Return.objects.get().state
    sweep(days=days, minutes=-1)
    assert Return.objects.get().state == was
    sweep(days=days, seconds=5)
    sweep(days=days, seconds=9)  # a second sweep changes nothing
    order.refresh_from_db()
    assert (Return.objects.get().state, order.refunded_goods_minor) == (then, goods)
    assert broken() == []


def test_a_seller_who_names_no_address_for_a_withdrawal_is_not_waited_for(
    world: World, stripe_double: StripeDouble
) -> None:
    order = delivered_order(world, stripe_double)
    withdraw(world, order)
    sweep(days=5, seconds=5)
    order.refresh_from_db()
    assert (order.status, Return.objects.get().state) == ("refunded", "refunded")


def test_a_moderator_says_how_much_goes_back(world: World, stripe_double: StripeDouble, admin: User) -> None:
    order = contested(world, stripe_double)
    back = Return.objects.get()
    page = f"/admin/orders/return/{back.pk}/decide/"
    too_much = logged_in(admin).post(page, {"goods": "1900.01", "why": "x"})
    assert "Write an amount" in too_much.content.decode()
    logged_in(admin).post(page, {"goods": "950", "why": "Half worn."})
    work.drain_operations()
    back.refresh_from_db()
    order.refresh_from_db()
    assert (back.state, back.decided_by, order.refunded_goods_minor) == ("refunded", admin, 95_000)
    assert "return_refunded" in letters()
    assert broken() == []


def test_while_it_is_on_its_way_nothing_is_completed_confirmed_or_disputed(
    world: World, stripe_double: StripeDouble
) -> None:
    order = delivered_order(world, stripe_double)
    with shifted(days=15):
        page = buyer_posts(world, order, "send-back", pieces(order) | {"reason": "No."})
        assert "five days" in page
    sweep(days=17)
    order.refresh_from_db()
    assert order.status == "delivered"
    assert "A return of this order is under way" in buyer_posts(world, order, "confirm")
    assert "A return of this order is under way" in buyer_posts(world, order, "dispute", {"reason": "Torn."})
    sweep(days=21, minutes=1)  # refused by silence; three days are left to complain
    sweep(days=23)
    order.refresh_from_db()
    assert order.status == "delivered"
    sweep(days=25)
    order.refresh_from_db()
    assert order.status == "completed"
    assert broken() == []


def test_one_return_at_a_time_and_the_buyer_may_keep_it(world: World, stripe_double: StripeDouble) -> None:
    order = asked(world, stripe_double)
    assert logged_in(world.bob).get(f"/orders/{order.number}/send-back/").status_code == 404
    assert "You keep it" in buyer_posts(world, order, "keep")
    assert Return.objects.get().state == "lapsed"
    assert logged_in(world.bob).get(f"/orders/{order.number}/send-back/").status_code == 200


# --- parcels and addresses ----------------------------------------------------------------------


def test_an_order_goes_in_several_parcels(world: World, stripe_double: StripeDouble) -> None:
    order = shipped_order(world, stripe_double)
    due = order.due_at
    with shifted(days=2):
        page = seller_posts(world, order, "parcel", {"carrier": "India Post", "tracking_number": "EE987654326IN"})
    assert "told of this parcel" in page
    again = seller_posts(world, order, "parcel", {"carrier": "India Post", "tracking_number": "EE987654326IN"})
    assert "named before" in again
    order.refresh_from_db()
    assert Shipment.objects.filter(order=order).count() == 2
    assert due is not None
    assert order.due_at == due + dt.timedelta(days=2)
    seen = logged_in(world.bob).get(f"/orders/{order.number}/").content.decode()
    assert "EE123456785IN" in seen
    assert "EE987654326IN" in seen
    assert broken() == []


ELSEWHERE = {key: value for key, value in BERLIN.items() if key != "country_code"} | {"street_address": "Lindenweg 3"}


def test_another_address_needs_the_sellers_yes(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    assert "The seller has been asked" in buyer_posts(world, order, "address", ELSEWHERE)
    sale = logged_in(world.alice).get(f"/sell/orders/{order.number}/").content.decode()
    assert "Lindenweg 3" in sale
    seller_posts(world, order, "address", {"accept": "1"})
    order.refresh_from_db()
    assert order.address["street_address"] == "Lindenweg 3"
    assert order.checkout.address["street_address"] == "Torstraße 1"
    assert {"address_change_asked", "address_change_answered"} <= letters()


def test_a_no_or_silence_leaves_the_address(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    buyer_posts(world, order, "address", ELSEWHERE)
    seller_posts(world, order, "address", {"refuse": "1"})
    order.refresh_from_db()
    assert order.address["street_address"] == "Torstraße 1"
    buyer_posts(world, order, "address", ELSEWHERE)
    services.mark_shipped(order.number, by=world.alice, carrier="Post", tracking_number="EE123456785IN")
    assert "Nobody asks" in seller_posts(world, order, "address", {"accept": "1"})
    order.refresh_from_db()
    assert order.address["street_address"] == "Torstraße 1"


def test_a_guest_withdraws_by_the_link(world: World, stripe_double: StripeDouble) -> None:
    checkout = place(world.bob, world.scarf)
    pay_by_card(checkout, stripe_double)
    order = checkout.orders.get()
    page = f"/o/{checkout.token}/{order.number}/withdraw/"
    answer = Client().post(page, pieces(order) | {"name": "Bob", "step": "do"}, follow=True)
    assert "Your withdrawal is noted" in answer.content.decode()
    order.refresh_from_db()
    assert order.status == "refunded"


def test_the_page_says_whose_turn_the_return_is_and_offers_nothing_else(
    world: World, stripe_double: StripeDouble
) -> None:
    order = delivered_order(world, stripe_double)
    withdraw(world, order)
    page = logged_in(world.bob).get(f"/orders/{order.number}/").content.decode()
    assert "Say where to send it." in page
    assert "pay the seller" not in page
    assert "Open a dispute" not in page
    desk = logged_in(world.alice).get("/sell/").content.decode()
    assert "Coming back" in desk
