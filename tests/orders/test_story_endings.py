"""Point 4 over HTTP, a story each: how an order ends when it does not end well, and where every cent is then."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from fx.money import Money
from fx.services import current_rates
from listings.models import Listing
from marketplace import legal
from marketplace.lib.clock import now, shifted
from marketplace.models import LegalText, Letter, User
from orders import work
from orders.checkout import carts
from orders.checkout.placing import place_order
from orders.checkout.pricing import price
from orders.checkout.quoting import quote_basket
from orders.checkout.starting import start
from orders.models import Order, OrderLine, Return
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Refund
from tests.api.caller import Caller, by_token
from tests.conftest import logged_in
from tests.doubles import StripeDouble
from tests.orders.test_returns import TO, back_at_stripe, buyer_posts, seller_posts, sweep
from tests.orders.world import (
    World,
    broken,
    buyer,
    make_listing,
    paid_order,
    pay_by_card,
    place,
)

pytestmark = pytest.mark.django_db
SENT = {"carrier": "India Post", "tracking_number": "EE123456785IN"}
NOTHING = Money(0, "INR")


def ship(world: World, order: Order) -> None:
    answer = logged_in(world.alice).post(f"/sell/orders/{order.number}/ship/", SENT, follow=True)
    assert "Marked as shipped" in answer.content.decode()


def arrive(world: World, order: Order) -> None:
    assert "16 days" in buyer_posts(world, order, "delivered")


def page(world: World, order: Order) -> str:
    return logged_in(world.bob).get(f"/orders/{order.number}/").content.decode()


def held(order: Order) -> Money:
    return balance(codes.hold(order.number, "INR"))


def status(order: Order) -> str:
    order.refresh_from_db()
    return order.status


def mixed_order(world: World, double: StripeDouble) -> Order:
    """A scarf, and a name tag that is made to Bob's wishes, from one shop."""
    tag = make_listing(world.scarf.shop, world.moderator, "Name tag", "300", "580790", 20)
    Listing.objects.filter(pk=tag.pk).update(no_withdrawal="custom")
    tag.refresh_from_db()
    checkout = place(world.bob, world.scarf, tag)
    pay_by_card(checkout, double)
    return checkout.orders.get()


def pair(world: World, double: StripeDouble) -> Order:
    """Two scarves in one order."""
    owner, rates = f"user:{world.bob.pk}", current_rates()
    carts.put(owner=owner, listing_id=world.scarf.pk, quantity=2)
    basket = price(carts.lines_of(owner), country="DE", currency="EUR", rates=rates)
    quoted = next(one for one in quote_basket(basket, owner=owner, rates=rates) if one.processor == "stripe")
    texts = [legal.current(LegalText.Kind.TERMS), legal.current(LegalText.Kind.PRIVACY)]
    checkout = place_order(quote_id=str(quoted.quote_id), buyer=buyer(world.bob), accepted=texts)
    start(checkout)
    pay_by_card(checkout, double)
    order = checkout.orders.get()
    assert order.lines.get().quantity == 2
    return order


# --- never shipped, never delivered, returned, lost ---------------------------------------------------


def test_never_shipped_the_buyer_has_everything_back_and_the_seller_owes_the_fee(
    world: World, stripe_double: StripeDouble
) -> None:
    order = paid_order(world, stripe_double)
    assert "The buyer gets everything back." in page(world, order)
    assert order.due_at is not None
    sweep(seconds=(order.due_at - now()).total_seconds() - 60)
    assert status(order) == "paid"
    due = (order.due_at - now()).total_seconds()
    sweep(seconds=due + 60)
    sweep(seconds=due + 90)
    assert (status(order), back_at_stripe(stripe_double), held(order)) == ("refunded", order.buyer_minor, NOTHING)
    money = logged_in(world.alice).get("/sell/money/").content.decode()
    assert "What the card network keeps of an order that was never shipped" in money
    assert balance(codes.seller_debt(world.alice.pk, "INR")).amount > 0
    assert broken() == []


def test_never_delivered_the_buyer_is_asked_complains_and_silence_is_theirs(
    world: World, stripe_double: StripeDouble
) -> None:
    order = paid_order(world, stripe_double)
    ship(world, order)
    order.refresh_from_db()
    assert order.due_at is not None
    after = (order.due_at - now()).total_seconds() + 60
    sweep(seconds=after)
    assert Letter.objects.filter(key__startswith="order_arrived:", to="bob@example.com").count() == 1
    assert status(order) == "shipped"
    with shifted(seconds=after):
        said = {"kind": "never_arrived", "reason": "Nothing ever came."}
        assert "five days to answer" in buyer_posts(world, order, "dispute", said)
    sweep(seconds=after + 5 * 86_400 + 60)
    sweep(seconds=after + 5 * 86_400 + 90)
    assert (status(order), back_at_stripe(stripe_double), held(order)) == ("refunded", order.buyer_minor, NOTHING)
    assert broken() == []


def test_a_parcel_that_comes_back_is_refunded_and_its_late_withdrawal_is_told_so(
    world: World, stripe_double: StripeDouble
) -> None:
    order = paid_order(world, stripe_double)
    ship(world, order)
    assert "is refunded" in seller_posts(world, order, "came-back", {"why": "Nobody there."})
    work.drain_operations()
    assert (status(order), back_at_stripe(stripe_double)) == ("refunded", order.buyer_minor)
    late = by_token(world.bob).post(
        f"orders/{order.number}/withdrawal/",
        {"pieces": [{"line": order.lines.get().pk, "quantity": 1}], "name": "Bob"},
        409,
    )
    assert "is “Refunded”, so this cannot be done any more" in late["detail"]
    assert Refund.objects.count() == 1
    assert broken() == []


def test_of_two_parcels_one_is_lost_and_its_piece_is_given_back(world: World, stripe_double: StripeDouble) -> None:
    order = pair(world, stripe_double)
    ship(world, order)
    second = {"carrier": "India Post", "tracking_number": "EE987654326IN"}
    assert "told of this parcel" in seller_posts(world, order, "parcel", second)
    seen = page(world, order)
    assert seen.index("EE123456785IN") < seen.index("EE987654326IN")
    said = {"kind": "never_arrived", "reason": "EE987654326IN never came; the first did."}
    buyer_posts(world, order, "dispute", said)
    admin = world.moderator
    admin.is_superuser = True
    admin.save(update_fields=["is_superuser"])
    decided = logged_in(admin).post(
        f"/admin/orders/dispute/{order.dispute.pk}/decide/",
        {"outcome": "split", "back": "1900", "reason": "One of two parcels was lost."},
        follow=True,
    )
    assert decided.status_code == 200
    work.drain_operations()
    assert (status(order), order.refunded) == ("split", Money(190_000, "INR"))
    assert 0 < back_at_stripe(stripe_double) < order.buyer_minor
    assert balance(codes.seller(world.alice.pk, "INR")) == order.net
    assert held(order) == NOTHING
    assert broken() == []


def test_another_parcel_may_follow_one_that_arrived_and_the_days_begin_with_the_last(
    world: World, stripe_double: StripeDouble
) -> None:
    order = pair(world, stripe_double)
    ship(world, order)
    arrive(world, order)
    before = by_token(world.bob).get(f"orders/{order.number}/")
    with shifted(minutes=5):
        second = {"carrier": "India Post", "tracking_number": "EE987654326IN"}
        assert "told of this parcel" in seller_posts(world, order, "parcel", second)
        after = by_token(world.bob).get(f"orders/{order.number}/")
    assert after["withdraw_until"] > before["withdraw_until"]
    assert after["due_at"] > before["due_at"]
    assert len(after["parcels"]) == 2
    assert broken() == []


# --- withdrawing ------------------------------------------------------------------------------------


def statement(order: Order, *titles: str) -> dict[str, object]:
    chosen = order.lines.filter(title__in=titles) if titles else order.lines.all()
    return {"pieces": [{"line": line.pk, "quantity": line.quantity} for line in chosen], "name": "Bob Becker"}


def test_an_exception_is_flagged_on_the_listing_and_the_rest_is_withdrawn_from_before_shipping(
    world: World, stripe_double: StripeDouble
) -> None:
    order, bob = mixed_order(world, stripe_double), by_token(world.bob)
    tag = Listing.objects.get(title="Name tag")
    assert "No right of withdrawal" in Client().get(f"/l/{tag.slug}/").content.decode()
    free = bob.get(f"orders/{order.number}/withdrawal/")
    assert [one["title"] for one in free["pieces"]] == ["Indigo and madder scarf"]
    assert [(one["title"], one["why"]) for one in free["excepted"]] == [("Name tag", "Made to the buyer's wishes")]
    all_of_it = bob.post(f"orders/{order.number}/withdrawal/", statement(order), 409)
    assert all_of_it["detail"] == "“Name tag” is excepted from withdrawal, as its page said."
    assert "“Name tag” is made to your wishes" in buyer_posts(world, order, "cancel")
    assert Refund.objects.count() == 0

    stock = Listing.objects.get(pk=world.scarf.pk).stock
    brings = bob.post(
        f"orders/{order.number}/withdrawal/preview/", {"pieces": statement(order, world.scarf.title)["pieces"]}
    )
    assert brings["at_once"]
    done = bob.post(f"orders/{order.number}/withdrawal/", statement(order, world.scarf.title))
    assert (done["status"], done["refunded"]) == ("paid", Money(190_000, "INR").json())
    work.drain_operations()
    assert Money(back_at_stripe(stripe_double), "EUR").json() == brings["back"]
    assert Listing.objects.get(pk=world.scarf.pk).stock == stock + 1
    desk = logged_in(world.alice).get(f"/sell/orders/{order.number}/").content.decode()
    assert "1 of it given back." in desk
    assert "Send 0." in desk
    ship(world, order)
    buyer_posts(world, order, "confirm")
    assert status(order) == "completed"
    assert balance(codes.seller(world.alice.pk, "INR")) == order.net
    assert broken() == []


def test_the_second_page_says_what_comes_back_and_where_the_receipt_goes(
    world: World, stripe_double: StripeDouble
) -> None:
    order = paid_order(world, stripe_double)
    ship(world, order)
    arrive(world, order)
    data = {f"pieces_{order.lines.get().pk}": "1", "name": "Bob Becker"}
    shown = logged_in(world.bob).post(f"/orders/{order.number}/withdraw/", data).content.decode()
    assert "1 × Indigo and madder scarf" in shown
    assert f"€{order.buyer_total.decimal:.2f}" in shown
    assert "the seller says where to send them" in shown
    assert "bob@example.com" in shown
    assert Return.objects.count() == 0


def test_what_is_sealed_can_be_withdrawn_from_and_is_contested_when_it_was_opened(
    world: World, stripe_double: StripeDouble
) -> None:
    order = paid_order(world, stripe_double)
    OrderLine.objects.update(no_withdrawal="hygiene")
    ship(world, order)
    arrive(world, order)
    assert (
        "Only while its seal is whole."
        in logged_in(world.bob).get(f"/orders/{order.number}/withdraw/").content.decode()
    )
    by_token(world.bob).post(f"orders/{order.number}/withdrawal/", statement(order))
    seller_posts(world, order, "authorize", {"send_to": TO, "payer": "buyer"})
    buyer_posts(world, order, "sent-back", {"carrier": "DHL", "tracking_number": "RR123456"})
    seller_posts(world, order, "contest", {"why": "The seal was broken."})
    assert Return.objects.get().state == "contested"
    assert held(order) == order.held


def test_a_buyer_who_withdrew_and_let_the_parcel_go_back_gets_the_postage_too(
    world: World, stripe_double: StripeDouble
) -> None:
    order = paid_order(world, stripe_double)
    ship(world, order)
    by_token(world.bob).post(f"orders/{order.number}/withdrawal/", statement(order))
    keep = seller_posts(world, order, "came-back", {"why": "Refused.", "keep_shipping": "on"})
    assert "The buyer withdrew from this order" in keep
    assert Refund.objects.count() == 0
    seller_posts(world, order, "came-back", {"why": "Refused."})
    work.drain_operations()
    back = Return.objects.get()
    assert (status(order), back.state, back.due_at) == ("refunded", "refunded", None)
    assert back_at_stripe(stripe_double) == order.buyer_minor
    sweep(days=40)
    assert Refund.objects.count() == 1
    assert broken() == []


# --- other addresses, costs of the way back, who complains late ----------------------------------------


def test_who_pays_the_way_back_is_said_and_decides_about_the_postage(world: World, stripe_double: StripeDouble) -> None:
    ends = []
    for payer in ("buyer", "seller"):
        order = paid_order(world, stripe_double)
        ship(world, order)
        arrive(world, order)
        asked = {f"pieces_{order.lines.get().pk}": "1", "reason": "The wrong blue."}
        buyer_posts(world, order, "send-back", asked)
        seller_posts(world, order, "authorize", {"send_to": TO, "payer": payer})
        assert f"The way back is paid by the {payer}." in page(world, order)
        buyer_posts(world, order, "sent-back", {"carrier": "DHL", "tracking_number": "RR123456"})
        seller_posts(world, order, "received", {})
        ends.append((status(order), order.refunded))
    assert ends == [("delivered", Money(190_000, "INR")), ("refunded", Money(259_000, "INR"))]


def test_after_a_return_that_was_refused_there_are_days_to_complain(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    ship(world, order)
    arrive(world, order)
    with shifted(days=15):
        buyer_posts(world, order, "send-back", {f"pieces_{order.lines.get().pk}": "1", "reason": "Torn."})
    sweep(days=20, minutes=5)
    assert Return.objects.get().state == "refused"
    with shifted(days=22):
        assert "five days to answer" in buyer_posts(world, order, "dispute", {"kind": "damaged", "reason": "Torn."})
    assert status(order) == "disputed"
    assert broken() == []


def test_a_guest_follows_all_of_it_by_the_link(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    ship(world, order)
    guest, path = Caller(), f"checkouts/{order.checkout.token}/orders/{order.number}/"
    guest.post(f"{path}delivered/")
    guest.post(f"{path}withdrawal/", statement(order))
    by_token(world.alice).post(f"sales/{order.number}/return/authorize/", {"send_to": TO})
    told = guest.post(f"{path}return/sent/", {"carrier": "DHL", "tracking_number": "RR123456"})
    assert told["next"]["who"] == "Seller"
    due = dt.datetime.fromisoformat(told["next"]["due_at"])
    assert (due - now()).days == 13
    by_token(world.alice).post(f"sales/{order.number}/return/received/")
    assert guest.get(path)["status"] == "refunded"
    assert broken() == []


def test_a_stranger_sees_and_does_nothing_of_it(world: World, stripe_double: StripeDouble, charlie: User) -> None:
    order, stranger = paid_order(world, stripe_double), by_token(charlie)
    stranger.get(f"orders/{order.number}/withdrawal/", status=404)
    stranger.post(f"orders/{order.number}/cancel/", status=404)
    stranger.post(f"sales/{order.number}/cancel/", {"why": "x"}, 404)
    by_token(world.alice).post(f"orders/{order.number}/cancel/", status=404)
    by_token(world.bob).post(f"sales/{order.number}/cancel/", {"why": "x"}, 404)
    assert (status(order), Refund.objects.count()) == ("paid", 0)
