"""Real threads, each with its own connection: what competes ends once, and the losers are told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fx.services import current_rates
from listings.models import Listing, Reservation
from listings.services import set_stock, withdraw_listing
from marketplace import legal
from marketplace.lib.clock import shifted
from marketplace.models import LegalText
from orders import work
from orders.checkout import carts
from orders.checkout.placing import Buyer, place_order
from orders.checkout.pricing import price
from orders.checkout.quoting import quote_basket
from orders.checkout.starting import start
from orders.models import Checkout, Order, OrderEvent
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Payment, Refund
from tests.doubles import StripeDouble
from tests.orders.racing import (
    REFUSED,
    Verb,
    Will,
    call_off,
    call_sale_off,
    complain,
    confirm,
    deadline,
    for_the_buyer,
    for_the_seller,
    never_shipped,
    race,
    ship,
)
from tests.orders.test_deadlines import at_deadline, money
from tests.orders.world import (
    BERLIN,
    World,
    broken,
    buyer,
    delivered_order,
    disputed_order,
    paid_order,
    pay_by_card,
    place,
    quotes,
    shipped_order,
)

pytestmark = pytest.mark.django_db(transaction=True)


def guest(number: int) -> Buyer:
    return Buyer(f"visitor:{number:032x}", f"guest{number}@example.com", BERLIN, "en")


def quoted(who: Buyer, listing: Listing) -> str:
    """The id of the card's quote for one piece in this guest's basket."""
    carts.put(owner=who.owner, listing_id=listing.pk, quantity=1)
    rates = current_rates()
    basket = price(carts.lines_of(who.owner), country="DE", currency="EUR", rates=rates)
    found = quote_basket(basket, owner=who.owner, rates=rates)
    return next(str(one.quote_id) for one in found if one.processor == "stripe")


def pay_click(who: Buyer, quote_id: str) -> Checkout:
    """What the page's button does."""
    texts = [legal.current(LegalText.Kind.TERMS), legal.current(LegalText.Kind.PRIVACY)]
    checkout = place_order(quote_id=quote_id, buyer=who, accepted=texts)
    start(checkout)
    return checkout


def test_the_last_piece_is_ordered_once_by_fifty_who_press_pay_at_once(
    world: World, stripe_double: StripeDouble
) -> None:
    set_stock(world.scarf, stock=1, by=world.alice)
    offers = [(guest(number), quoted(guest(number), world.scarf)) for number in range(50)]
    results = race([lambda offer=offer: pay_click(*offer) for offer in offers])  # type: ignore[misc]
    won = [result for result in results if isinstance(result, Checkout)]
    told = [str(result) for result in results if isinstance(result, REFUSED)]
    assert (len(won), len(told)) == (1, 49)
    assert set(told) == {"“Indigo and madder scarf” is sold out. Remove it to go on."}
    assert (Order.objects.count(), Reservation.objects.count(), Payment.objects.count()) == (1, 1, 1)
    assert len(stripe_double.double.store.every("payment_intent")) == 1
    assert stripe_double.charges() == []
    assert pay_by_card(won[0], stripe_double).state == Payment.State.CAPTURED
    assert len(stripe_double.charges()) == 1
    assert Listing.objects.get(pk=world.scarf.pk).stock == 0
    assert broken() == []


def test_pressing_pay_many_times_places_and_charges_once(world: World, stripe_double: StripeDouble) -> None:
    quote_id = str(quotes(world.bob, world.scarf)["stripe"].quote_id)
    results = race([lambda: pay_click(buyer(world.bob), quote_id)] * 8)
    assert {type(result) for result in results} == {Checkout}
    assert len({result.pk for result in results}) == 1
    assert len(stripe_double.double.store.every("payment_intent")) == 1
    checkout = Checkout.objects.get()
    race([lambda: pay_by_card(checkout, stripe_double)] * 2)
    assert len(stripe_double.charges()) == 1
    assert checkout.orders.get().status == Order.Status.PAID
    assert Listing.objects.get(pk=world.scarf.pk).stock == 4
    assert broken() == []


def test_two_rails_of_one_basket_at_once_make_one_order(world: World, stripe_double: StripeDouble) -> None:
    found = quotes(world.bob, world.scarf)
    ids = [str(found["stripe"].quote_id), str(found["bitcoin"].quote_id)] * 2
    results = race([lambda quote_id=quote_id: pay_click(buyer(world.bob), quote_id) for quote_id in ids])  # type: ignore[misc]
    assert len({result.pk for result in results if isinstance(result, Checkout)}) == 1
    assert (Order.objects.count(), Reservation.objects.count()) == (1, 1)
    assert broken() == []


def test_a_listing_withdrawn_at_the_moment_of_payment_is_sold_or_not_but_never_half(
    world: World, stripe_double: StripeDouble
) -> None:
    offers = [(guest(number), quoted(guest(number), world.scarf)) for number in range(5)]
    clicks: list[Verb] = [lambda offer=offer: pay_click(*offer) for offer in offers]  # type: ignore[misc]
    results = race([*clicks, lambda: withdraw_listing(world.scarf, by=world.alice)])
    won = [result for result in results if isinstance(result, Checkout)]
    assert all("not for sale any more" in str(result) for result in results if isinstance(result, REFUSED))
    assert Order.objects.count() == Reservation.objects.count() == len(won)
    assert Listing.objects.get(pk=world.scarf.pk).stock == 5 - len(won)
    assert broken() == []


# --- one order, several wills -----------------------------------------------------------------------


RIVALS = [
    (paid_order, [ship, never_shipped, call_off, call_sale_off, deadline, deadline]),
    (delivered_order, [confirm, complain, deadline, deadline]),
    (delivered_order, [confirm, confirm, confirm]),
    (delivered_order, [complain, complain, deadline]),
    (disputed_order, [for_the_buyer, for_the_seller, deadline, deadline, confirm]),
]


@pytest.mark.parametrize(
    ("make", "wills"), RIVALS, ids=[", ".join(will.__name__ for will in wills) for _make, wills in RIVALS]
)
def test_exactly_one_of_them_wins(
    world: World, stripe_double: StripeDouble, make: Callable[..., Order], wills: list[Will]
) -> None:
    order = make(world, stripe_double)
    before = order.events.count()
    with at_deadline(order):
        results = race([will(order, world) for will in wills])
        work.drain_operations()
    order.refresh_from_db()
    assert order.events.count() == before + 1
    assert sum(isinstance(result, Order) for result in results) <= 1
    assert Refund.objects.count() == (order.status == Order.Status.REFUNDED)
    assert money(order, stripe_double) in {"held", "seller", "buyer"}
    assert broken() == []


def test_a_deadline_met_by_eight_workers_at_once_happens_once(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    with at_deadline(order):
        race([work.meet_deadlines] * 8)
        race([work.drain_operations] * 8)
    assert len(stripe_double.refunds()) == 1
    assert OrderEvent.objects.filter(order=order, to_status=Order.Status.REFUNDED).count() == 1
    assert money(Order.objects.get(), stripe_double) == "buyer"
    assert broken() == []


def test_a_buyer_is_asked_once_by_many_workers(world: World, stripe_double: StripeDouble) -> None:
    order = shipped_order(world, stripe_double)
    with at_deadline(order):
        race([work.meet_deadlines] * 8)
    order.refresh_from_db()
    assert order.status == Order.Status.SHIPPED
    assert order.asked_at is not None


@pytest.mark.parametrize(("past", "ends"), [(5, (Order.Status.PAID, 1, 0)), (60, (Order.Status.CANCELED, 1, 1))])
def test_the_deadline_and_the_money_at_the_same_moment_end_in_one_truth(
    world: World, stripe_double: StripeDouble, past: int, ends: tuple[str, int, int]
) -> None:
    """Either nothing was charged; or the card was in time, as far as clocks can say; or all went back."""
    checkout = place(world.bob, world.scarf)
    order = checkout.orders.get()
    with shifted(minutes=10, seconds=past):
        everything = [work.meet_deadlines, work.drain_operations, work.drain_inbox] * 2
        race([*everything, lambda: pay_by_card(checkout, stripe_double)])
        for sweep in everything:
            sweep()
    with shifted(minutes=20):
        work.meet_deadlines()
        work.drain_operations()
    order.refresh_from_db()
    truth = (order.status, len(stripe_double.charges()), len(stripe_double.refunds()))
    assert truth in {ends, (Order.Status.CANCELED, 0, 0)}
    assert balance(codes.hold(order.number, "INR")).amount == (order.status == Order.Status.PAID) * order.held.amount
    assert broken() == []
